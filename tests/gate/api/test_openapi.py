"""The OpenAPI document: valid in shape, complete in errors, true to what is sent."""

from typing import Any

import jsonschema
import pytest

import sessions

BASE = "/api/v1"


@pytest.fixture
def document(web: Any) -> Any:
    reply = web.get(f"{BASE}/openapi.json")
    assert reply.status_code == 200
    return reply.json()


def test_it_is_openapi_3_1_and_names_every_operation_once(document: Any) -> None:
    assert document["openapi"] == "3.1.0"
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    for operation in operations:
        assert operation["summary"]
        assert operation["tags"]


def test_every_operation_documents_its_refusals(document: Any) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            if not operation.get("security"):
                continue
            assert {"401", "403", "429"} <= set(operation["responses"]), where
            if "{" in path:
                assert "404" in operation["responses"], where
            if "requestBody" in operation:
                assert {"400", "422"} & set(operation["responses"]), where


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/aaa_accounting/", "/aaa_accounting/"),
        ("/aaa_profile/", "/aaa_profile/"),
        ("/user/", "/user/"),
        ("/organization/", "/organization/"),
        ("/me/organization/", "/me/organization/"),
        ("/user/nobody/", "/user/{user_id}/"),
    ],
)
def test_replies_are_as_documented(world: Any, web: Any, document: Any, path: str, template: str) -> None:
    sessions.add(world)
    reply = web.get(f"{BASE}{path}", headers=world.owner.headers)
    schema = document["paths"][f"{BASE}{template}"]["get"]["responses"][str(reply.status_code)]["content"]["application/json"][
        "schema"
    ]
    jsonschema.validate(reply.json(), {**schema, "components": document["components"]})
