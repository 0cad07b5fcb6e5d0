"""The `gate` command: reads the words, prepares what the command needs, and calls the room or way in that does it.

Every failure the operator can mend ends in one sentence on standard error and exit status 1 (2 for words it does not know).
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence

from gate import __version__
from gate import settings as gate_settings
from gate.core.errors import GateError
from gate.settings import Part, Settings, SettingsError


class CommandError(Exception):
    """The command cannot be done; the text is one sentence for the operator."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = gate_settings.current()
        _set_up_logs(settings)
        status: int = options.run(settings, options)
    except (SettingsError, CommandError) as error:
        print(error, file=sys.stderr)
        return 1
    except GateError as error:
        print(error.detail, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        # Django is imported by the commands that need it only, so its errors are known by where they come from.
        if type(error).__module__ != "django.db.utils":
            raise
        print(f"The database refused: {str(error).strip()}\n`gate doctor` looks into it.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output has enough of it; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gate", description="Network access: RADIUS, captive portal, REST API, console.")
    parser.add_argument("--version", action="version", version=f"gate {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: object, told: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=told, description=told)
        command.set_defaults(run=run)
        return command

    add("up", _up, "Run all of GATE, on its own PostgreSQL unless DATABASE_URL is set; Ctrl-C stops it.")
    add("web", _web, "Run the web server: API, console, portal.")
    radius = add("radius", _radius, "Run the RADIUS server.")
    # How the processes of one server (GATE_RADIUS_PROCESSES) are started; nothing for people.
    radius.add_argument("--one-of-several", action="store_true", help=argparse.SUPPRESS)
    _add_certs(radius)
    add("worker", _worker, "Run the worker: scheduled jobs.")
    add("migrate", _migrate, "Bring the database schema up to date.")
    init = add("init", _init, "Make an organization and its owner, if there is none yet.")
    init.add_argument("--organization", metavar="NAME", help="make this tenant, besides those there are")
    init.add_argument("--username", default=None, help="the owner's username (default: owner)")
    init.add_argument("--json", action="store_true", help="print JSON")
    demo = add("demo", _demo, "Fill a demo tenant and print how to use it; safe to repeat.")
    demo.add_argument("--json", action="store_true", help="print JSON")
    doctor = add("doctor", _doctor, "Check database, ports, clock and secrets, and say what to do.")
    doctor.add_argument("--json", action="store_true", help="print JSON")
    _add_import(add("import", _import, "Import users, profiles, NAS or places from a CSV file: all rows or none."))
    _add_export(add("export", _export, "Export rows of an organization and those below it as CSV or NDJSON."))
    _add_token(add("token", None, "Make, list and revoke API tokens."))
    _add_explain(add("explain", _explain, "Say why somebody would be let in or refused now; nothing is written."))
    _add_dictionary(add("dictionary", None, "RADIUS attributes: GATE's own and those of GATE_DICTIONARY."))
    _add_freeradius(add("freeradius", _freeradius, "Print the configuration with which a FreeRADIUS asks GATE, or write it."))
    _add_telemetry(add("telemetry", None, "Sums of what devices report."))
    return parser


IMPORTABLE = ("users", "profiles", "nas", "locations", "access-points")
EXPORTABLE = (*IMPORTABLE, "sessions", "txlog")


def _add_import(command: argparse.ArgumentParser) -> None:
    kinds = (*IMPORTABLE, "freeradius")
    command.add_argument("kind", choices=kinds, metavar="KIND", help=f"one of {', '.join(kinds)}")
    command.add_argument("file", metavar="FILE", nargs="?", help="CSV in UTF-8; the first line names the columns")
    command.add_argument("--database", metavar="URL", help="freeradius: its PostgreSQL, in place of a file")
    command.add_argument("--after", type=int, metavar="N", default=0, help="freeradius: leave out sessions up to this radacctid")
    command.add_argument("--report", metavar="FILE", help="freeradius: write what was not brought to this CSV file")
    command.add_argument("--dry-run", action="store_true", help="check every row against the database, and change nothing")
    command.add_argument(
        "--secrets", metavar="FILE", help="make secrets for NAS that bring none, and write them to this new file"
    )
    _add_exchange(command)


def _add_export(command: argparse.ArgumentParser) -> None:
    command.add_argument("kind", choices=EXPORTABLE, metavar="KIND", help=f"one of {', '.join(EXPORTABLE)}")
    command.add_argument("--format", choices=("csv", "ndjson"), default="csv")
    command.add_argument("--out", metavar="FILE", help="write to this file (default: standard output)")
    command.add_argument("--since", metavar="TIME", help="sessions or events from then on, e.g. 2026-01-31")
    command.add_argument("--until", metavar="TIME", help="the same, then or earlier; a date: that whole day")
    command.add_argument("--password-hashes", action="store_true", help="export users' password hashes as well, to move them")
    _add_exchange(command)


def _add_exchange(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--organization", metavar="NAME", required=True, help="short name of a root, or the id of any organization"
    )
    command.add_argument(
        "--progress",
        action=argparse.BooleanOptionalAction,
        help="show how far it is (default: where standard error is a terminal)",
    )


def _add_token(token: argparse.ArgumentParser) -> None:
    verbs = token.add_subparsers(title="verbs", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="make a token; it is shown once")
    create.add_argument("organization", help="short name or id of the organization the token belongs to")
    create.add_argument("--name", default="made by gate token create")
    create.add_argument("--permission", action="append", metavar="CATEGORY:read|write", help="default: everything (*)")
    create.add_argument("--network", action="append", metavar="CIDR", help="may be used only from there")
    create.add_argument("--days", type=int, metavar="N", help="expires after so many days (default: never)")
    create.set_defaults(run=_token_create)
    listing = verbs.add_parser("list", help="list the tokens of an organization and those below it")
    listing.add_argument("organization", help="short name or id")
    listing.set_defaults(run=_token_list)
    revoke = verbs.add_parser("revoke", help="revoke a token; it stops working within 15 seconds")
    revoke.add_argument("organization", help="short name or id")
    revoke.add_argument("id", type=int, help="the token's id, as listed")
    revoke.set_defaults(run=_token_revoke)
    for verb in (create, listing, revoke):
        verb.add_argument("--json", action="store_true", help="print JSON")


def _add_ca(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    ca = verbs.add_parser("ca", help="a tenant's own CAs, for clients' certificates there").add_subparsers(required=True)
    tenant = "short name or id of a root: a CA is trusted in a whole tenant"
    listing = ca.add_parser("list", help="list the CAs a tenant trusts")
    add = ca.add_parser("add", help="trust the CAs of a file, PEM or DER")
    remove = ca.add_parser("remove", help="trust a CA no more")
    crl = verbs.add_parser("crl", help="keep the list of revoked certificates of a tenant's CA")
    for verb, function in ((listing, "listing"), (add, "add"), (remove, "remove"), (crl, "crl")):
        verb.add_argument("organization", metavar="ORG", help=tenant)
        verb.add_argument("--json", action="store_true", help="print JSON")
        verb.set_defaults(run=_radius_ca, function=function)
    add.add_argument("file", metavar="FILE")
    add.add_argument("--name", help="what to call it (default: its subject)")
    add.add_argument("--crl", metavar="FILE", help="its list of revoked certificates, PEM or DER")
    remove.add_argument("id", type=int, help="as listed")
    crl.add_argument("file", metavar="FILE", help="PEM or DER")
    crl.add_argument("--ca", type=int, metavar="ID", help="as listed (default: whichever CA has signed it)")


def _add_certs(radius: argparse.ArgumentParser) -> None:
    verbs = radius.add_subparsers(title="verbs", metavar="VERB", description="Without one, the server runs.")
    _add_ca(verbs)
    certs = verbs.add_parser("certs", help="make a CA and the server's certificate for EAP, or a client's")
    certs.add_argument("--name", default="radius.local", metavar="HOST", help="the server's name, which devices check")
    certs.add_argument("--key", choices=("ec", "rsa"), default="ec", help="kind of key: P-256, or RSA of 3072 bits")
    certs.add_argument("--days", type=int, metavar="N", help="valid for so many days (default: 820, a client's 730)")
    certs.add_argument("--replace", action="store_true", help="make a new server certificate under the CA that is there")
    others = certs.add_mutually_exclusive_group()
    others.add_argument("--client", metavar="USERNAME", help="make a user's certificate for EAP-TLS, as PKCS#12")
    others.add_argument("--revoke", metavar="SERIAL", help="revoke a client's certificate")
    others.add_argument(
        "--nas", metavar="NAME", help="make a certificate for this NAS (short name or id) to connect with by RadSec"
    )
    certs.add_argument("--organization", metavar="NAME", help="whose user or NAS it is: short name of a root, or an id")
    certs.add_argument("--json", action="store_true", help="print JSON")
    certs.set_defaults(run=_radius_certs)


def _add_explain(command: argparse.ArgumentParser) -> None:
    command.add_argument("username", metavar="USER", help="username, or the MAC address of a portal's guest")
    command.add_argument("--nas", metavar="NAS", help="id, short name or address of the NAS")
    command.add_argument("--mac", metavar="MAC", help="MAC address of the device")
    command.add_argument("--attribute", metavar="NAME=VALUE", action="append", help="what else the NAS sends; may be repeated")
    command.add_argument("--password-from-stdin", action="store_true", help="check this password (default: taken to be right)")
    command.add_argument(
        "--organization", metavar="NAME", help="short name of a root, or the id of any organization (default: the only root)"
    )


def _add_dictionary(command: argparse.ArgumentParser) -> None:
    verbs = command.add_subparsers(title="verbs", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="list attributes, all or those that hold a word")
    listing.add_argument("word", nargs="?", default="", help="a part of the name, or a vendor's number")
    listing.set_defaults(run=_dictionary_list)
    check = verbs.add_parser("check", help="read a folder of dictionaries and say what is wrong; changes nothing")
    check.add_argument("folder", nargs="?", default=None, help="default: GATE_DICTIONARY")
    check.set_defaults(run=_dictionary_check)
    for verb in (listing, check):
        verb.add_argument("--json", action="store_true", help="print JSON")


def _add_freeradius(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--url", metavar="URL", help="where FreeRADIUS reaches GATE (default: by GATE_FREERADIUS_BIND and _PORT)"
    )
    command.add_argument("--output", metavar="FOLDER", help="FreeRADIUS's folder, e.g. /etc/freeradius/3.0 (default: print)")
    command.add_argument("--organization", metavar="NAME", help="with --output: make a token for it, and write that too")
    command.add_argument("--replace", action="store_true", help="write over files that are there; a token's file stays")
    command.add_argument("--auth-port", type=int, metavar="N", default=1812, help="UDP port on which FreeRADIUS takes sign-ins")
    command.add_argument("--acct-port", type=int, metavar="N", default=1813, help="UDP port on which it takes accounting")


def _add_telemetry(telemetry: argparse.ArgumentParser) -> None:
    verbs = telemetry.add_subparsers(title="verbs", required=True, metavar="VERB")
    rebuild = verbs.add_parser("rebuild", help="make the sums anew from the log; safe at any time")
    rebuild.add_argument("--organization", metavar="NAME", help="short name of a root, or an id (default: all)")
    rebuild.set_defaults(run=_telemetry_rebuild)


def _set_up_logs(settings: Settings) -> None:
    from gate.core import logs

    logs.set_up(settings)


def _database(settings: Settings) -> str:
    """Where the database is: DATABASE_URL, or the private PostgreSQL of a running `gate up`. Raises CommandError."""
    if settings.database_url is not None:
        return settings.database_url
    from gate.database import embedded

    try:
        url = embedded.running_url(data=settings.data)
    except embedded.DatabaseStartError as error:
        raise CommandError(str(error)) from error
    if url is None:
        raise CommandError(
            f"GATE is not running on {settings.data}. Start it with `make up` (or `gate up`), or set DATABASE_URL."
        )
    return url


def _prepare(settings: Settings, *, part: Part) -> str:
    """Django, on the database and under the role of this part of GATE; answers the database's address."""
    url = _database(settings)
    os.environ |= {"DATABASE_URL": url, "GATE_PART": part, "DJANGO_SETTINGS_MODULE": "gate.django_settings"}
    gate_settings.current.cache_clear()
    import django
    import psycopg
    from psycopg.conninfo import make_conninfo

    try:
        psycopg.connect(make_conninfo(url, connect_timeout=10)).close()
    except psycopg.OperationalError as error:
        raise CommandError(f"The database does not answer: {error}") from error
    django.setup()
    _load_dictionary(settings)
    return url


def _load_dictionary(settings: Settings) -> None:
    """The operator's attributes, before anything looks at a profile or a packet. Raises SettingsError."""
    if settings.dictionary is not None:
        from gate import dictionaries

        dictionaries.load(settings)


def _up(settings: Settings, _: argparse.Namespace) -> int:
    _load_dictionary(settings)
    from gate import supervisor

    return supervisor.run(settings)


def _web(settings: Settings, _: argparse.Namespace) -> int:
    from gate import processes, webserver

    processes.die_with_parent()
    _prepare(settings, part="web")
    return webserver.run(gate_settings.current())


def _radius(settings: Settings, options: argparse.Namespace) -> int:
    os.environ["GATE_PART"] = "system"
    url = _database(settings)
    _load_dictionary(settings)
    from gate.radiusd import main as radiusd

    return radiusd.run(settings, url=url, one_of_several=options.one_of_several)


def _radius_ca(settings: Settings, options: argparse.Namespace) -> int:
    _prepare(settings, part="system")
    from gate.commands import authorities

    status: int = getattr(authorities, options.function)(options)
    return status


def _radius_certs(settings: Settings, options: argparse.Namespace) -> int:
    if options.client is not None or options.nas is not None:
        _prepare(settings, part="system")
    from gate.commands import certs

    return certs.run(settings, options)


def _worker(settings: Settings, _: argparse.Namespace) -> int:
    from gate import processes

    processes.die_with_parent()
    _prepare(settings, part="system")
    from gate.jobs import worker
    from gate.radiusd import replies

    return worker.run(ready=processes.report_ready, render=replies.with_limits)


def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    _prepare(settings, part="owner")
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=1)
    return 0


def _init(settings: Settings, options: argparse.Namespace) -> int:
    _prepare(settings, part="system")
    from gate.commands import first

    made = first.make(name=options.organization, username=options.username)
    if options.json:
        console = made and {"url": f"{settings.public_url}/console/", "username": made.username, "password": made.password}
        print(json.dumps({"created": made is not None, "organization": made and made.organization, "console": console}))
    elif made is None:
        print("There is an organization already; nothing was made. A further tenant: gate init --organization NAME")
    else:
        print(f"Made the organization {made.organization}. Console: {settings.public_url}/console/")
        print(f"Username: {made.username}\nPassword: {made.password}   (shown once)")
    return 0


def _demo(settings: Settings, options: argparse.Namespace) -> int:
    _prepare(settings, part="system")
    from gate import demo

    return demo.run(settings, as_json=options.json)


def _import(settings: Settings, options: argparse.Namespace) -> int:
    from_database = options.kind == "freeradius"
    if from_database == bool(options.file) or from_database != bool(options.database):
        raise CommandError("Name a FILE, or for freeradius the --database to read; one of the two.")
    _prepare(settings, part="system")
    if from_database:
        from gate.commands import freeradius_import

        return freeradius_import.run(options)
    from gate.commands import importing

    return importing.run(options)


def _export(settings: Settings, options: argparse.Namespace) -> int:
    _prepare(settings, part="system")
    from gate.commands import exporting

    return exporting.run(options)


def _doctor(settings: Settings, options: argparse.Namespace) -> int:
    from gate import doctor

    return doctor.run(settings, as_json=options.json)


def _token_create(settings: Settings, options: argparse.Namespace) -> int:
    _prepare(settings, part="system")
    from gate.commands import tokens

    return tokens.create(options)


def _token_list(settings: Settings, options: argparse.Namespace) -> int:
    _prepare(settings, part="system")
    from gate.commands import tokens

    return tokens.listing(options)


def _token_revoke(settings: Settings, options: argparse.Namespace) -> int:
    _prepare(settings, part="system")
    from gate.commands import tokens

    return tokens.revoke(options)


def _explain(settings: Settings, options: argparse.Namespace) -> int:
    _prepare(settings, part="system")
    from gate.commands import explain
    from gate.radiusd import replies

    return explain.explain(options, render=lambda grant, vendor: replies.with_limits(grant.replies, grant.limits, vendor))


def _dictionary_list(settings: Settings, options: argparse.Namespace) -> int:
    _load_dictionary(settings)
    from gate.commands import dictionary

    return dictionary.listing(options)


def _dictionary_check(settings: Settings, options: argparse.Namespace) -> int:
    from gate.commands import dictionary

    return dictionary.check(settings, options)


def _freeradius(settings: Settings, options: argparse.Namespace) -> int:
    if options.organization is not None and options.output is not None:
        _prepare(settings, part="system")
    from gate.commands import freeradius

    host = f"[{settings.freeradius_bind}]" if ":" in settings.freeradius_bind else settings.freeradius_bind
    return freeradius.run(
        options, url=f"http://{host}:{settings.freeradius_port or freeradius.PORT}", make_token=freeradius.made_token
    )


def _telemetry_rebuild(settings: Settings, options: argparse.Namespace) -> int:
    _prepare(settings, part="system")
    from gate.commands import telemetry

    return telemetry.rebuild(options)
