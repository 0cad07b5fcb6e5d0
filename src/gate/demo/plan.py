"""What the demo tenant is made of. A description only: nothing here is secret, reads the time or touches the database.

Names are invented. Mail addresses are of example.net, addresses of the networks kept for documentation (RFC 5737), the access
points' MAC addresses of the block kept for it (RFC 7042 §2.1.2), telephone numbers of those kept for films. Coordinates are those
of the cities.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from gate.profiles.types import Item
from gate.users.types import UserExtraFields

ROOT: Final = "demo-hotels"
PLAN: Final = "demo"
"""`plan` of the root organization: it marks a tenant as made by `gate demo`, which fills no other."""
BARCELONA, VALENCIA, PORTO = "hotel-mirador-barcelona", "hotel-naranjo-valencia", "hotel-azulejo-porto"
HOUR: Final = 3600
DAY: Final = 24 * HOUR
STEP: Final = Decimal("0.000150")
"""Degrees of latitude between neighbouring access points: some 17 metres."""


@dataclass(frozen=True, slots=True)
class Organization:
    """A node of the tree; the root has no parent."""

    short_name: str
    parent: str | None
    name: str
    description: str
    country_code: str
    timezone: str
    language: str
    recoverable_passwords: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """An AAA profile. `idle` and `timeout` (seconds) and `rate` (bit/s down) bound the sessions told of its users."""

    short_name: str
    organization: str
    name: str
    description: str
    timeout: int
    idle: int
    rate: int
    replies: tuple[Item, ...]
    checks: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A location."""

    short_name: str
    organization: str
    name: str
    address: str
    city: str
    postal_code: str
    country_code: str
    latitude: Decimal
    longitude: Decimal
    nas: str
    """Short name of the NAS its access points sign in through."""


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """An access point of a site."""

    short_name: str
    site: str
    name: str
    mac: str


@dataclass(frozen=True, slots=True)
class AccessDevice:
    """A door reader or the like of a site."""

    short_name: str
    site: str
    name: str
    reference: str


@dataclass(frozen=True, slots=True)
class Nas:
    """A RADIUS client."""

    short_name: str
    organization: str
    name: str
    address: str
    identifier: str
    vendor: str
    site: str


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who signs in to the console. Their usernames are unique in the install."""

    username: str
    organization: str
    role: Literal["owner", "admin", "operator", "viewer"]
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody (or a set of devices) that signs in over RADIUS."""

    username: str
    organization: str
    profile: str
    first_name: str
    last_name: str
    credit: int | None = None
    """Seconds left; None: not limited by time."""
    devices: int = 2
    always_on: bool = False
    """Tablets and screens that sign in again as soon as a session ends."""
    state: Literal["", "disabled", "expired", "out of credit"] = ""
    weight: int = 3
    """How often compared with other guests."""


@dataclass(frozen=True, slots=True)
class Portal:
    """How guests of a hotel are let in; times are seconds."""

    short_name: str
    organization: str
    name: str
    profile: str
    session_timeout: int
    idle_timeout: int


def _replies(*, timeout: int, idle: int, down: int, up: int) -> tuple[Item, ...]:
    return (
        Item("Session-Timeout", ":=", str(timeout)),
        Item("Idle-Timeout", ":=", str(idle)),
        Item("Acct-Interim-Interval", ":=", "300"),
        Item("WISPr-Bandwidth-Max-Down", ":=", str(down)),
        Item("WISPr-Bandwidth-Max-Up", ":=", str(up)),
    )


ORGANIZATIONS: Final = (
    Organization(ROOT, None, "Demo Hotels", "Made by gate demo.", "ES", "Europe/Madrid", "en"),
    Organization("demo-hotels-spain", ROOT, "Demo Hotels Spain", "The hotels in Spain.", "ES", "Europe/Madrid", "es"),
    Organization("demo-hotels-portugal", ROOT, "Demo Hotels Portugal", "The hotels in Portugal.", "PT", "Europe/Lisbon", "pt"),
    Organization(
        BARCELONA, "demo-hotels-spain", "Hotel Mirador Barcelona",
        "Keeps recoverable passwords, so that CHAP works for its guests.", "ES", "Europe/Madrid", "es",
        recoverable_passwords=True,
    ),
    Organization(VALENCIA, "demo-hotels-spain", "Hotel Naranjo Valencia", "By the old harbour.", "ES", "Europe/Madrid", "es"),
    Organization(PORTO, "demo-hotels-portugal", "Hotel Azulejo Porto", "Above the river.", "PT", "Europe/Lisbon", "pt"),
)  # fmt: skip

PROFILES: Final = (
    Profile(
        "guest-premium", ROOT, "Guest, premium", "12 hours at 50 Mbit/s.", 12 * HOUR, 1800, 50_000_000,
        _replies(timeout=12 * HOUR, idle=1800, down=50_000_000, up=10_000_000),
    ),
    Profile(
        "guest-basic", ROOT, "Guest, basic", "4 hours at 5 Mbit/s.", 4 * HOUR, 900, 5_000_000,
        _replies(timeout=4 * HOUR, idle=900, down=5_000_000, up=1_000_000),
    ),
    Profile(
        "conference", BARCELONA, "Conference", "10 hours at 20 Mbit/s, for who attends.", 10 * HOUR, 1800, 20_000_000,
        _replies(timeout=10 * HOUR, idle=1800, down=20_000_000, up=20_000_000),
    ),
    Profile(
        "staff", ROOT, "Staff and devices", "8 hours in VLAN 20, over Wi-Fi only.", 8 * HOUR, 3600, 20_000_000,
        (
            *_replies(timeout=8 * HOUR, idle=3600, down=20_000_000, up=20_000_000),
            Item("Tunnel-Type", ":=", "VLAN"),
            Item("Tunnel-Medium-Type", ":=", "IEEE-802"),
            Item("Tunnel-Private-Group-Id", ":=", "20"),
        ),
        (Item("NAS-Port-Type", "==", "Wireless-802.11"),),
    ),
)  # fmt: skip

SITES: Final = (
    Site("mirador-barcelona", BARCELONA, "Hotel Mirador Barcelona", "Carrer del Mirador 12", "Barcelona", "08001", "ES",
         Decimal("41.382500"), Decimal("2.176900"), "demo-controller"),
    Site("mirador-conference", BARCELONA, "Mirador Conference Centre", "Avinguda del Congrés 3", "Barcelona", "08005", "ES",
         Decimal("41.398100"), Decimal("2.196400"), "demo-controller"),
    Site("naranjo-valencia", VALENCIA, "Hotel Naranjo Valencia", "Calle del Naranjo 7", "Valencia", "46001", "ES",
         Decimal("39.469900"), Decimal("-0.376300"), "demo-branch"),
    Site("azulejo-porto", PORTO, "Hotel Azulejo Porto", "Rua do Azulejo 21", "Porto", "4000-001", "PT",
         Decimal("41.149600"), Decimal("-8.610900"), "demo-branch"),
)  # fmt: skip

_AP_NAMES: Final = (
    ("mirador-barcelona", ("Lobby", "Restaurant", "First Floor", "Second Floor", "Rooftop")),
    ("mirador-conference", ("Auditorium", "Foyer", "Room 1")),
    ("naranjo-valencia", ("Lobby", "Garden", "First Floor")),
    ("azulejo-porto", ("Lobby", "Terrace", "First Floor")),
)
ACCESS_POINTS: Final = tuple(
    AccessPoint(f"ap-{site}-{name.lower().replace(' ', '-')}", site, f"{name} access point", f"00:00:5E:00:53:{number:02X}")
    for number, (site, name) in enumerate(((site, name) for site, names in _AP_NAMES for name in names), start=1)
)
"""The first user signs in at the first of them."""

ACCESS_DEVICES: Final = (
    AccessDevice("door-mirador-main", "mirador-barcelona", "Main door reader", "DR-0101"),
    AccessDevice("door-mirador-rooftop", "mirador-barcelona", "Rooftop door reader", "DR-0102"),
    AccessDevice("gate-conference", "mirador-conference", "Foyer turnstile", "TS-0201"),
    AccessDevice("kiosk-naranjo", "naranjo-valencia", "Check-in kiosk", "KI-0301"),
    AccessDevice("door-azulejo-main", "azulejo-porto", "Main door reader", "DR-0401"),
)

NETWORKS: Final = (
    Nas("demo-controller", BARCELONA, "Demo controller", "127.0.0.1", "demo-controller", "", "mirador-barcelona"),
    Nas("demo-branch", ROOT, "Demo branch controller", "192.0.2.10", "demo-branch", "mikrotik", "naranjo-valencia"),
)
"""The two NAS. The first is this machine, so that radclient can play it."""

STAFF: Final = (
    Staff("demo-owner", ROOT, "owner", "Olivia", "Owner"),
    Staff("demo-admin", "demo-hotels-spain", "admin", "Adrián", "Admin"),
    Staff("demo-operator", BARCELONA, "operator", "Óscar", "Operator"),
    Staff("demo-viewer", ROOT, "viewer", "Vera", "Viewer"),
)

SUBSCRIBERS: Final = (
    Subscriber("maria.garcia", BARCELONA, "guest-premium", "María", "García", weight=4),
    Subscriber("joan.ferrer", BARCELONA, "guest-basic", "Joan", "Ferrer", credit=2 * HOUR, weight=1),
    Subscriber("anna.puig", BARCELONA, "guest-basic", "Anna", "Puig", credit=10 * HOUR, weight=1),
    Subscriber("pierre.martin", BARCELONA, "guest-basic", "Pierre", "Martin", credit=0, state="out of credit", weight=1),
    Subscriber("laura.vidal", BARCELONA, "guest-basic", "Laura", "Vidal", state="disabled", weight=2),
    Subscriber("oliver.smith", BARCELONA, "guest-premium", "Oliver", "Smith", state="expired", weight=2),
    Subscriber("sofia.moreno@example.net", BARCELONA, "guest-premium", "Sofía", "Moreno", weight=4),
    Subscriber("hannah.koch", BARCELONA, "guest-premium", "Hannah", "Koch"),
    Subscriber("congress", BARCELONA, "conference", "Congress", "Attendees", devices=8, weight=9),
    Subscriber("frontdesk.bcn", BARCELONA, "staff", "Front desk", "Barcelona", devices=3, always_on=True),
    Subscriber("housekeeping.bcn", BARCELONA, "staff", "Housekeeping", "Barcelona", devices=5, always_on=True),
    Subscriber("screens.bcn", BARCELONA, "staff", "Screens", "Barcelona", devices=3, always_on=True),
    Subscriber("carmen.ruiz", VALENCIA, "guest-premium", "Carmen", "Ruiz", weight=4),
    Subscriber("pablo.soler", VALENCIA, "guest-basic", "Pablo", "Soler", credit=5 * HOUR, weight=1),
    Subscriber("emma.wilson", VALENCIA, "guest-basic", "Emma", "Wilson", credit=DAY, weight=1),
    Subscriber("luca.rossi", VALENCIA, "guest-basic", "Luca", "Rossi"),
    Subscriber("frontdesk.vlc", VALENCIA, "staff", "Front desk", "Valencia", devices=3, always_on=True),
    Subscriber("ana.silva", PORTO, "guest-premium", "Ana", "Silva", weight=4),
    Subscriber("joao.costa", PORTO, "guest-basic", "João", "Costa", credit=3 * HOUR, weight=1),
    Subscriber("ines.santos", PORTO, "guest-basic", "Inês", "Santos"),
    Subscriber("noah.devries", PORTO, "guest-basic", "Noah", "de Vries"),
    Subscriber("frontdesk.opo", PORTO, "staff", "Front desk", "Porto", devices=3, always_on=True),
    Subscriber("screens.opo", PORTO, "staff", "Screens", "Porto", devices=2, always_on=True),
)
"""The first one is not limited by time and may always sign in."""

EXTRAS: Final[dict[str, UserExtraFields]] = {
    "maria.garcia": {
        "title": "Ms", "gender": "f", "age": 34, "city": "Sevilla", "country": "Spain", "country_id": "ES", "locale": "es-ES",
        "accept_terms": True,
    },
    "joan.ferrer": {"gender": "m", "age": 52, "hometown": "Girona", "country_id": "ES", "locale": "ca-ES", "accept_terms": True},
    "oliver.smith": {
        "title": "Mr", "gender": "m", "age": 41, "telephone": "+44 7700 900123", "city": "Leeds", "country": "United Kingdom",
        "country_id": "GB", "company": "Example Consulting", "locale": "en-GB",
    },
    "hannah.koch": {"gender": "f", "age": 28, "city": "Kassel", "country_id": "DE", "locale": "de-DE", "accept_terms": True},
    "carmen.ruiz": {"gender": "f", "age": 61, "hometown": "Murcia", "country_id": "ES", "locale": "es-ES", "accept_terms": True},
    "emma.wilson": {
        "gender": "f", "age": 23, "telephone": "+44 7700 900456", "country_id": "GB", "locale": "en-GB",
        "event": "Spring conference", "accept_terms": True,
    },
    "ana.silva": {"gender": "f", "age": 37, "city": "Braga", "country_id": "PT", "locale": "pt-PT", "accept_terms": True},
    "noah.devries": {"gender": "m", "age": 19, "country_id": "NL", "locale": "nl-NL", "custom_field_1": "Loyalty card"},
}  # fmt: skip
"""What is known of some subscribers beside their names; never a tax id or a passport."""

PORTALS: Final = (
    Portal("portal-mirador", BARCELONA, "Mirador guest portal", "guest-basic", 12 * HOUR, 1800),
    Portal("portal-naranjo", VALENCIA, "Naranjo guest portal", "guest-basic", 12 * HOUR, 1800),
    Portal("portal-azulejo", PORTO, "Azulejo guest portal", "guest-basic", DAY, 3600),
)
"""Guests nobody knows are registered."""

SSIDS: Final = {"staff": "Demo-Staff", "conference": "Demo-Congress"}
GUEST_SSID: Final = "Demo-Guest"


def ssid(profile: str) -> str:
    """The network users of a profile sign in to."""
    return SSIDS.get(profile, GUEST_SSID)
