"""`Gate`: the client that blocks. What a call takes is decided in conversation.py; here it is done."""

import threading
import time
from collections.abc import Generator
from types import TracebackType
from typing import Self, TypeVar

import httpx

from gate.client import people, transport
from gate.client.calls import BlockingCaller, Call
from gate.client.categories import Categories
from gate.client.categories import token as tokens
from gate.client.conversation import Credentials, Refresh, Send, Step, Told, Wait, converse
from gate.client.errors import GateApiError
from gate.client.policy import Retry

T = TypeVar("T")


class Gate(BlockingCaller, Categories[BlockingCaller]):
    """A GATE, by its REST API. Safe to share between threads; `close` it, or use it in a `with`.

    with Gate("https://gate.example.net", token="gate_…") as gate:
        for user in gate.user.list(organization="acme"):
            print(user.username)
    """

    def __init__(
        self,
        address: str,
        *,
        token: str | None = None,
        timeout: float = 30.0,
        retry: Retry | None = None,
        verify: bool | str = True,
        http: httpx.BaseTransport | None = None,
    ) -> None:
        """Connections are made when the first call needs one. Raises ValueError where `address` is none.

        `timeout` is in seconds, for connecting, for writing and for each silence while reading. `verify` may name a file of
        certificates to trust. `http` replaces the network, in tests.
        """
        super().__init__(self)
        self._base = transport.api_address(address)
        self._credentials = Credentials(token=token, api_token=token)
        self._retry = retry or Retry()
        self._http = httpx.Client(timeout=timeout, verify=verify, transport=http)
        self._refreshing = threading.Lock()

    def __repr__(self) -> str:
        return f"<Gate {self._base}>"

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def sign_in(self, *, username: str, password: str, device_id: str | None = None, remember: bool = False) -> people.Person:
        """Go on as a person; tokens that end are replaced by themselves.

        A client with an API token signs in by the phone app's endpoint, one without by the portal's. With `remember` the person
        stays signed in for 30 days without a call, else for 12 hours. Raises Unprocessable where the password is wrong,
        Forbidden where the user is locked, TooManyRequests.
        """
        call = people.sign_in(
            username=username, password=password, device_id=device_id, remember=remember, credentials=self._credentials
        )
        as_app = Credentials(token=self._credentials.api_token)
        return people.keep(self._drive(converse(call, credentials=as_app, retry=self._retry)), self._credentials)

    def sign_out(self) -> None:
        """End the sign-in, also at GATE, and go on with the API token, if the client was given one."""
        refresh_token, self._credentials.refresh_token = self._credentials.refresh_token, None
        self._credentials.token = self._credentials.api_token
        if refresh_token is not None:
            self.ask(tokens.revoke(refresh_token=refresh_token))

    def ask(self, call: Call[T]) -> T:
        """Make a call. Raises ClientError."""
        return self._drive(converse(call, credentials=self._credentials, retry=self._retry))

    def _drive(self, steps: Generator[Step, Told, T]) -> T:
        told: Told = None
        try:
            while True:
                match steps.send(told):
                    case Send() as step:
                        told = self._send(step)
                    case Refresh(stale):
                        told = self._refresh(stale)
                    case Wait(seconds):
                        time.sleep(seconds)
                        told = None
        except StopIteration as done:
            found: T = done.value
            return found

    def _send(self, step: Send) -> Told:
        try:
            return transport.received(self._http.request(**transport.request(self._base, step)))
        except httpx.TransportError as error:
            return transport.failed(error)

    def _refresh(self, stale: str) -> bool:
        # A refresh token works once: threads that find the access token ended at the same moment come one by one, and the
        # second finds a new one.
        with self._refreshing:
            if self._credentials.token != stale or self._credentials.refresh_token is None:
                return self._credentials.token not in {None, stale}
            call = tokens.refresh(refresh_token=self._credentials.refresh_token)
            try:
                fresh = self._drive(converse(call, credentials=self._credentials, retry=self._retry))
            except GateApiError as refused:
                if refused.status not in {400, 401, 403, 422}:
                    raise
                self._credentials.refresh_token = None
                return False
            self._credentials.token, self._credentials.refresh_token = fresh.access_token, fresh.refresh_token
            return True
