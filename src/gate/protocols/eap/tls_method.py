"""What EAP-TLS, EAP-TTLS and PEAP share: Start, fragments both ways, the handshake, the alert that ends it.

Each call takes one packet's data and gives one step. Anything out of turn fails the method: there is no way back into an earlier
state.
"""

from __future__ import annotations

from typing import Final

from gate.protocols.eap.alerts import explained
from gate.protocols.eap.errors import EapError, MessageMalformed, TlsFailed
from gate.protocols.eap.fragments import START, Incoming, Outgoing
from gate.protocols.eap.steps import Done, Failed, Send, Step
from gate.protocols.eap.tunnel import Server, Tunnel

DEFAULT_FRAGMENT: Final = 1024


class TlsMethod:
    """One conversation by a method over TLS. Subclasses say what follows the handshake."""

    type: int
    name: str

    def __init__(self, *, server: Server, claimed: str, fragment: int = DEFAULT_FRAGMENT) -> None:
        """`claimed` is the identity of the conversation's first packet; `fragment` the octets of TLS data a packet takes."""
        self._server = server
        self._claimed = claimed
        self._tunnel: Tunnel | None = None
        self._incoming = Incoming()
        self._outgoing = Outgoing(size=fragment)
        self._is_established = False
        self._doom: Failed | None = None
        self._ending: Done | None = None
        self._identity: str | None = None

    def start(self) -> bytes:
        """The data of the first Request (RFC 5216 section 2.1.1); version 0 of TTLS and PEAP."""
        return bytes((START,))

    def receive(self, data: bytes, *, now: float) -> Step:
        """Take the data of a Response."""
        try:
            return self._receive(data, now)
        except EapError as error:
            return self._failed(str(error))

    def answer(self, *, right: bool) -> Step:
        """What the caller found out about a `NeedPassword` or `NeedSecret`."""
        try:
            return self._answered(right)
        except EapError as error:
            return self._failed(str(error))

    def _receive(self, data: bytes, now: float) -> Step:
        message = self._incoming.add(data)
        if self._outgoing:
            if message:
                raise MessageMalformed("a fragment was sent, and something other than its acknowledgement came")
            return Send(self._outgoing.next())
        if message is None:
            return Send(self._outgoing.next())
        if self._doom is not None:
            return self._doom
        if self._tunnel is None:
            # Made only now: an unanswered Start costs nothing.
            self._tunnel = self._server.connect(self.type)
        return self._forward(self._tunnel, message, now)

    def _forward(self, tunnel: Tunnel, message: bytes, now: float) -> Step:
        tunnel.feed(message)
        try:
            if not self._is_established:
                if not tunnel.handshake(now=now):
                    return self._flush(tunnel) or self._failed("the peer does not go on with its handshake")
                self._is_established = True
                plain = tunnel.read()
                return self._established(tunnel, plain)
            plain = tunnel.read()
        except TlsFailed as error:
            # The alert goes out first, and the peer acknowledges it (RFC 5216 section 2.1.3).
            failed = self._failed(str(error))
            step = self._flush(tunnel)
            self._doom = failed
            return step or failed
        if self._ending is not None:
            if plain or message:
                raise MessageMalformed("something came after the end")
            return self._ending
        return self._advance(tunnel, plain)

    def _flush(self, tunnel: Tunnel) -> Send | None:
        """The first fragment of what TLS has to say; None where that is nothing."""
        octets = tunnel.drain()
        if not octets:
            return None
        self._outgoing.put(octets)
        return Send(self._outgoing.next())

    def _say(self, tunnel: Tunnel, plain: bytes) -> Send:
        """Send something through the tunnel, behind what TLS has to say itself."""
        tunnel.write(plain)
        return self._flush(tunnel) or self._acknowledge()

    def _acknowledge(self) -> Send:
        """An empty Request, which asks for what comes next."""
        return Send(self._outgoing.next())

    def _finish(self, tunnel: Tunnel, done: Done) -> Step:
        """The end: at once, or when the peer has acknowledged what TLS still had to say."""
        self._ending = done
        return self._flush(tunnel) or done

    def _failed(self, reason: str) -> Failed:
        established = None if self._tunnel is None else self._is_established
        return Failed(explained(reason), identity=self._identity, method=self.name, is_established=established)

    def _established(self, tunnel: Tunnel, plain: bytes) -> Step:
        """The handshake is finished; `plain` came right behind it. Raises `EapError`."""
        raise NotImplementedError

    def _advance(self, tunnel: Tunnel, plain: bytes) -> Step:
        """Something came through the tunnel, perhaps nothing. Raises `EapError`."""
        raise NotImplementedError

    def _answered(self, right: bool) -> Step:
        """The caller answered. Raises `EapError`."""
        raise MessageMalformed(f"nothing was asked ({right})")
