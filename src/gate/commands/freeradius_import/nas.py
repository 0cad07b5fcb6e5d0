"""The table nas as NAS. One whose address is in GATE already stays as it is."""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from gate.commands.freeradius_import.report import Report
from gate.commands.freeradius_import.source import NasRow
from gate.core.errors import Invalid
from gate.core.tenancy import Scope
from gate.nas import bulk, commands, rules
from gate.nas.types import NasDraft

# Words of FreeRADIUS's `type` and of its users that say which attributes a NAS takes (radiusd/replies); others say nothing.
_MAKES: Final = {
    "aruba": "aruba", "cisco": "cisco", "chillispot": "coovachilli", "coovachilli": "coovachilli", "extreme": "extreme",
    "fortinet": "fortinet", "hp": "hp", "huawei": "huawei", "meraki": "meraki", "mikrotik": "mikrotik", "nomadix": "nomadix",
    "omada": "omada", "pfsense": "pfsense", "ruckus": "ruckus", "tplink": "omada", "ubiquiti": "ubiquiti", "unifi": "ubiquiti",
    "cambium": "cambium",
}  # fmt: skip


def bring(scope: Scope, rows: Iterable[NasRow], report: Report) -> None:
    """One after the other: there are thousands of them, not millions."""
    there = set(_addresses(scope))
    for row in rows:
        try:
            address = str(rules.parse_address(row.nasname))
        except ValueError as error:
            report.problem("nas", row.id, row.shortname, "nasname", str(error))
            continue
        if address in there:
            report.counts["NAS there already"] += 1
            continue
        draft = NasDraft(
            organization_id=scope.organization_id, name=(row.shortname.strip() or row.nasname)[:200],
            short_name=_short_name(row.shortname or row.nasname), address=address, vendor=_MAKES.get(row.type.lower(), ""),
            description=(row.description or "")[:10_000],
        )  # fmt: skip
        try:
            commands.create_nas(scope, draft=draft, secret=row.secret)
        except Invalid as refused:
            for field, reasons in (refused.fields or {"nasname": [refused.detail]}).items():
                report.problem("nas", row.id, row.shortname, field, reasons[0])
        else:
            there.add(address)
            report.counts["NAS"] += 1


def _addresses(scope: Scope) -> Iterable[str]:
    after = 0
    while page := bulk.after(scope, after, limit=1_000):
        yield from (str(ipaddress.ip_network(one.address)) for one in page if one.address is not None)
        after = page[-1].id


def _short_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text.strip()).lstrip("._-")[:100] or "nas"
