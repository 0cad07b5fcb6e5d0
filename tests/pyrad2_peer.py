"""pyrad2 as a NAS, in a process of its own: `python tests/pyrad2_peer.py`, told by a JSON object on standard input.

Not imported by tests: pyrad2 lies in a folder apart (`.venv/peers`, `make` puts it there), which the process gets by PYTHONPATH.
pyrad2 asks for Python 3.12; all it misses in 3.11 is the name `collections.abc.Buffer`, for annotations, which is put there.
"""

import collections.abc
import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

PEERS = Path(sys.prefix) / "peers"
DICTIONARY = """
VENDOR Microsoft 311
ATTRIBUTE User-Name 1 string
ATTRIBUTE User-Password 2 string encrypt=1
ATTRIBUTE CHAP-Password 3 octets
ATTRIBUTE NAS-IP-Address 4 ipaddr
ATTRIBUTE Reply-Message 18 string
ATTRIBUTE Class 25 octets
ATTRIBUTE Session-Timeout 27 integer
ATTRIBUTE Calling-Station-Id 31 string
ATTRIBUTE Proxy-State 33 octets
ATTRIBUTE Acct-Status-Type 40 integer
ATTRIBUTE Acct-Delay-Time 41 integer
ATTRIBUTE Acct-Input-Octets 42 integer
ATTRIBUTE Acct-Output-Octets 43 integer
ATTRIBUTE Acct-Session-Id 44 string
ATTRIBUTE Acct-Session-Time 46 integer
ATTRIBUTE CHAP-Challenge 60 octets
ATTRIBUTE Message-Authenticator 80 octets
BEGIN-VENDOR Microsoft
ATTRIBUTE MS-CHAP-Error 2 string
ATTRIBUTE MS-CHAP-Challenge 11 octets
ATTRIBUTE MS-CHAP2-Response 25 octets
ATTRIBUTE MS-CHAP2-Success 26 octets
END-VENDOR Microsoft
VALUE Acct-Status-Type Start 1
VALUE Acct-Status-Type Stop 2
VALUE Acct-Status-Type Interim-Update 3
"""


@dataclasses.dataclass
class Peer:
    """What is asked, by the name each question has in the input."""

    client: Any
    told: dict[str, Any]

    def answer(self) -> dict[str, Any]:
        """Of each question, what pyrad2 made of the reply; `None` where it took none."""
        return {question["name"]: self._ask(question) for question in self.told["questions"]}

    def _ask(self, question: dict[str, Any]) -> dict[str, Any] | None:
        from pyrad2.exceptions import Timeout

        request = self._request(question)
        before = self.client.secret
        if "secret" in question:
            self.client.secret = request.secret = question["secret"].encode()
        try:
            if question["kind"] == "status":
                reply = self.client.send_status_packet(request, port=question["port"])
            else:
                reply = self.client.send_packet(request)
        except Timeout:
            return None
        finally:
            self.client.secret = before
        return self._shown(request, reply)

    def _request(self, question: dict[str, Any]) -> Any:
        from pyrad2.chap import prepare_chap_request

        kind = question["kind"]
        if kind == "status":
            return self.client.create_status_packet()
        request = self.client.create_acct_packet() if kind == "acct" else self.client.create_auth_packet()
        for name, value in question["attributes"].items():
            request[name] = value
        if kind == "pap":
            request["User-Password"] = request.pw_crypt(question["password"].encode())
        elif kind == "chap":
            prepare_chap_request(request, question["password"])
        elif kind == "mschap":
            self._prepare_mschap(request, question)
        return request

    def _prepare_mschap(self, request: Any, question: dict[str, Any]) -> None:
        from pyrad2.mschap import prepare_mschap2_request

        self.proof = {
            "password": question["password"], "user_name": question["attributes"]["User-Name"],
            "authenticator_challenge": bytes(range(16)), "peer_challenge": bytes(range(100, 116)),
        }  # fmt: skip
        self.proof["nt_response"] = prepare_mschap2_request(request, **self.proof)

    def _shown(self, request: Any, reply: Any) -> dict[str, Any]:
        from pyrad2.mschap import verify_authenticator_response

        shown = {"code": int(reply.code), "first": next(iter(reply.keys()), None), "attributes": {}}
        for name in ("Reply-Message", "Session-Timeout", "User-Name", "Proxy-State"):
            if name in reply:
                shown["attributes"][name] = [item.hex() if isinstance(item, bytes) else item for item in reply[name]]
        shown["signed"] = reply.has_message_authenticator()
        if shown["signed"]:
            told = {"original_authenticator": request.authenticator, "original_code": request.code}
            shown["valid"] = reply.verify_message_authenticator(secret=request.secret, **told)
            shown["valid with another secret"] = reply.verify_message_authenticator(secret=b"another", **told)
        if "MS-CHAP2-Success" in reply:
            shown["proof"] = verify_authenticator_response(**self.proof, received=reply["MS-CHAP2-Success"][0])
        return shown


def main() -> None:
    """Ask, and print the answers as JSON."""
    if not hasattr(collections.abc, "Buffer"):
        import typing_extensions

        collections.abc.Buffer = typing_extensions.Buffer  # type: ignore[attr-defined]
    from loguru import logger
    from pyrad2.client import Client
    from pyrad2.dictionary import Dictionary

    logger.remove()
    told = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dictionary"
        path.write_text(DICTIONARY)
        client = Client(
            server="127.0.0.1", authport=told["auth_port"], acctport=told["acct_port"], secret=told["secret"].encode(),
            dict=Dictionary(str(path)), retries=1, timeout=told["timeout"],
        )  # fmt: skip
    client.bind((told["address"], 0))
    sys.stdout.write(json.dumps(Peer(client, told).answer()))


if __name__ == "__main__":
    main()
