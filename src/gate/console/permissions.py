"""Which category of permission a page of the console asks for; the roles are in users/rules.py."""

from gate.core import tenancy
from gate.core.tenancy import ScopeMissing

ORGANIZATIONS = "organization"
USERS = "user"
PROFILES = "aaa_profile"
NAS = "nas"
LOCATIONS = "hostspot_locations"
ACCESS_POINTS = "hostspot_access_points"
ACCESS_DEVICES = "device_app_access_devices"
DEVICES = "device_app_register"
MACS = "mac"
TOKENS = "token"
SESSIONS = "aaa_accounting"
LIVE = "session"
LOG = "txlog_portal"
TRACES = "access_trace"
# Where sign-ins go is a matter of who runs the NAS they come from.
REALMS = NAS
# How guests get in is a matter of who runs the organization, not of the daily work at its portal.
PORTALS = ORGANIZATIONS
AUTHORITIES = ORGANIZATIONS


def may(category: str, action: str) -> bool:
    """Whether the person signed in may `read` or `write` that category; nobody signed in may nothing."""
    try:
        return tenancy.current().allows(f"{category}:{action}")
    except ScopeMissing:
        return False
