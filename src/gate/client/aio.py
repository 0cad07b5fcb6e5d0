"""`AsyncGate`: the client that is awaited, under asyncio. What a call takes is decided in conversation.py; here it is done."""

import asyncio
from collections.abc import Generator
from types import TracebackType
from typing import Self, TypeVar

import httpx

from gate.client import people, transport
from gate.client.calls import AwaitingCaller, Call
from gate.client.categories import Categories
from gate.client.categories import token as tokens
from gate.client.conversation import Credentials, Refresh, Send, Step, Told, Wait, converse
from gate.client.errors import GateApiError
from gate.client.policy import Retry

T = TypeVar("T")


class AsyncGate(AwaitingCaller, Categories[AwaitingCaller]):
    """A GATE, by its REST API. For one event loop; `aclose` it, or use it in an `async with`.

    async with AsyncGate("https://gate.example.net", token="gate_…") as gate:
        async for user in gate.user.list(organization="acme"):
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
        http: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """As Gate's."""
        super().__init__(self)
        self._base = transport.api_address(address)
        self._credentials = Credentials(token=token, api_token=token)
        self._retry = retry or Retry()
        self._http = httpx.AsyncClient(timeout=timeout, verify=verify, transport=http)
        self._refreshing = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<AsyncGate {self._base}>"

    async def __aenter__(self) -> Self:
        """Itself."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def sign_in(
        self, *, username: str, password: str, device_id: str | None = None, remember: bool = False
    ) -> people.Person:
        """As Gate's."""
        call = people.sign_in(
            username=username, password=password, device_id=device_id, remember=remember, credentials=self._credentials
        )
        as_app = Credentials(token=self._credentials.api_token)
        return people.keep(await self._drive(converse(call, credentials=as_app, retry=self._retry)), self._credentials)

    async def sign_out(self) -> None:
        """As Gate's."""
        refresh_token, self._credentials.refresh_token = self._credentials.refresh_token, None
        self._credentials.token = self._credentials.api_token
        if refresh_token is not None:
            await self.ask(tokens.revoke(refresh_token=refresh_token))

    async def ask(self, call: Call[T]) -> T:
        """Make a call. Raises ClientError."""
        return await self._drive(converse(call, credentials=self._credentials, retry=self._retry))

    async def _drive(self, steps: Generator[Step, Told, T]) -> T:
        told: Told = None
        try:
            while True:
                match steps.send(told):
                    case Send() as step:
                        told = await self._send(step)
                    case Refresh(stale):
                        told = await self._refresh(stale)
                    case Wait(seconds):
                        await asyncio.sleep(seconds)
                        told = None
        except StopIteration as done:
            found: T = done.value
            return found

    async def _send(self, step: Send) -> Told:
        try:
            return transport.received(await self._http.request(**transport.request(self._base, step)))
        except httpx.TransportError as error:
            return transport.failed(error)

    async def _refresh(self, stale: str) -> bool:
        # A refresh token works once: tasks that find the access token ended at the same moment come one by one, and the
        # second finds a new one.
        async with self._refreshing:
            if self._credentials.token != stale or self._credentials.refresh_token is None:
                return self._credentials.token not in {None, stale}
            call = tokens.refresh(refresh_token=self._credentials.refresh_token)
            try:
                fresh = await self._drive(converse(call, credentials=self._credentials, retry=self._retry))
            except GateApiError as refused:
                if refused.status not in {400, 401, 403, 422}:
                    raise
                self._credentials.refresh_token = None
                return False
            self._credentials.token, self._credentials.refresh_token = fresh.access_token, fresh.refresh_token
            return True
