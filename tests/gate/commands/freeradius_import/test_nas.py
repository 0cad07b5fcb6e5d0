"""NAS that come by RadSec alone are no obstacle to what is brought from FreeRADIUS, and none of its addresses is theirs."""

import datetime as dt

from gate.commands.freeradius_import import nas, sessions
from gate.commands.freeradius_import.report import Report
from gate.commands.freeradius_import.source import NasRow
from gate.nas.models import Nas


def row(address):
    return NasRow(id=1, nasname=address, shortname="brought", type="other", secret="x" * 20, description=None)


def test_they_stand_beside_what_is_brought(world):
    Nas.unscoped.filter(pk=world.nas["acme"]).update(address=None, radsec_name="ap-1")
    report = Report(None)
    nas.bring(world.owner.scope, [row("127.0.0.1"), row("127.0.0.2")], report)
    assert dict(report.counts) == {"NAS": 1, "NAS there already": 1}
    brought = Nas.unscoped.get(short_name="brought")
    found = sessions.Sessions(world.owner.scope, report, now=dt.datetime.now(dt.UTC), dry_run=True)
    assert found._find("127.0.0.1").id == brought.pk
    assert found._find("192.0.2.99") is None
