"""A server that serves RadSec, once a module."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def serving(committed: Any, tmp_path_factory: Any) -> Iterator[Any]:
    """See radsec_peer.RadSec."""
    import radsec_peer

    with radsec_peer.serving(committed, tmp_path_factory.mktemp("radsec")) as held:
        yield held


@pytest.fixture
def radsec(serving: Any) -> Iterator[Any]:
    """The server, with a check that it lived through the test."""
    yield serving
    assert serving.server.thread.is_alive(), "the server ended"
