"""Which NAS is this certificate's? By fingerprint, by a name in it, or by both, as the NAS's row says.

A name or a fingerprint belongs to one NAS of the whole install (nas migration 0005), so nobody can be taken for two. And a
certificate that says which tenants it is for, as those of `gate radius certs` do, is good for NAS of those alone.
"""

import dataclasses
from collections.abc import Iterable

from gate.organizations.types import TENANT_LABEL
from gate.protocols.radius import stream
from gate.radiusd.clients import Client
from gate.radiusd.radsec.certificates import Presented

UNBOUND, OTHER_TENANT, AMBIGUOUS = "unbound", "other-tenant", "ambiguous"
"""Why a certificate is of no NAS: no row has it, the one that has it is another tenant's, several have a name of it each."""


class Bindings:
    """Every active NAS that has a certificate. Made anew when the table changes, never changed."""

    def __init__(self, bound: Iterable[tuple[Client, str, str]] = ()) -> None:
        """Of each NAS its name and its fingerprint, of which at least one is not empty."""
        self._by_name: dict[str, Client] = {}
        self._by_fingerprint: dict[str, Client] = {}
        self._wanted: dict[int, tuple[str, str]] = {}
        for client, name, fingerprint in bound:
            # By TLS there is one secret for all, and who sent a packet is known without Message-Authenticator.
            known = dataclasses.replace(
                client, secret=stream.SECRET, require_message_authenticator=False, learn_message_authenticator=False,
                identifier=None,
            )  # fmt: skip
            self._wanted[client.nas_id] = (name, fingerprint)
            if name:
                self._by_name[name] = known
            if fingerprint:
                self._by_fingerprint[fingerprint] = known

    def __len__(self) -> int:
        """How many there are."""
        return len(self._wanted)

    def names(self) -> dict[int, str]:
        """Their short names by id."""
        return {client.nas_id: client.name for client in (*self._by_name.values(), *self._by_fingerprint.values())}

    def find(self, presented: Presented) -> Client | str:
        """The NAS, or why there is none."""
        candidates = [self._by_fingerprint.get(presented.fingerprint), *map(self._by_name.get, presented.names)]
        found = {client.nas_id: client for client in candidates if client is not None and self._fits(client, presented)}
        if not found:
            return UNBOUND
        if presented.tenants:
            found = {n: client for n, client in found.items() if f"{TENANT_LABEL}{client.tenant_id}" in presented.tenants}
            if not found:
                return OTHER_TENANT
        return next(iter(found.values())) if len(found) == 1 else AMBIGUOUS

    def _fits(self, client: Client, presented: Presented) -> bool:
        name, fingerprint = self._wanted[client.nas_id]
        return (not name or name in presented.names) and (not fingerprint or fingerprint == presented.fingerprint)
