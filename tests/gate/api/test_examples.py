"""docs/api.md does what it says: its curl commands run in order, as they stand, against GATE on a real socket."""

import json
import os
import re
import shutil
import subprocess
from typing import Any

import pytest

import live
from gate.devices.models import Device
from gate.users.models import User
from house.reading import read

_BLOCK = re.compile(r"^```(sh|sh error|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CATEGORY = re.compile(r'"\$GATE/([a-z_]+)/')
# What the page's commands are told to be run with, beside the address and the token.
_CURL = "set -eu\ncurl() { command curl --silent --show-error --max-time 30 --write-out '\\n%{http_code}' \"$@\"; }\n"

pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None, reason="curl is not installed, so the commands of docs/api.md are NOT tried: make test-packages"
)


def blocks() -> list[tuple[str, str]]:
    return [(match[1], match[2]) for match in _BLOCK.finditer(read("docs/api.md"))]


def run(command: str, environ: dict[str, str]) -> tuple[int, Any]:
    """The status and the body that the command's curl printed."""
    plain = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    done = subprocess.run(
        ["bash", "-c", _CURL + command], env=plain | environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    said, _, status = done.stdout.rpartition("\n")
    # With -i the headers come first, and a blank line.
    body = said.rpartition("\n\n")[2]
    return int(status), json.loads(body)


def test_the_page_runs(world: Any) -> None:
    environ = {"TOKEN": world.owner.token}
    shown: dict[str, Any] = {}
    with live.gate() as address:
        environ["GATE"] = f"{address}/api/v1"
        for kind, text in blocks():
            if kind == "json":
                # The reply of the command before has this shape.
                assert list(json.loads(text)) == list(shown)
                assert json.loads(text)["code"] == shown["code"]
                continue
            status, shown = run(text, environ)
            assert (status >= 400) == (kind == "sh error"), (text, status, shown)
            if "USER_ID" not in environ and (found := User.unscoped.filter(username="jane.smith").first()):
                environ["USER_ID"] = str(found.pk)
            environ["REFRESH_TOKEN"] = shown.get("refresh_token", environ.get("REFRESH_TOKEN", ""))
    assert Device.unscoped.get().imei == "123456789012345"


def test_every_category_has_a_command() -> None:
    from gate.api import api

    categories = {path.split("/")[3] for path in api.get_openapi_schema()["paths"]}
    shown = [_CATEGORY.findall(text) for kind, text in blocks() if kind != "json"]
    assert [len(found) for found in shown] == [1] * len(shown)
    assert {name for found in shown for name in found} == categories
