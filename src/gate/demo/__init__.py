"""`gate demo`: a tenant to look around in, filled by the rooms' own commands, and printed with all that is needed to use it."""

import json
import sys

from gate.settings import Settings


def run(settings: Settings, *, as_json: bool) -> int:
    """Fill the demo tenant, or bring it up to date, and print how to use it; the exit status.

    Needs Django to be set up as `system`. Progress goes to standard error, the report alone to standard output.
    """
    # Here, because importing models needs Django, and `gate --help` does not.
    from django.db import OperationalError

    from gate.core.errors import GateError
    from gate.demo import make, report
    from gate.demo.types import DemoError

    try:
        tenant, usage, balances = make.make(say=_say)
    except DemoError as error:
        _say(str(error))
        return 1
    except GateError as error:
        _say(f"The demo tenant cannot be made: {error.detail} Nothing was changed.")
        return 1
    except OperationalError as error:
        _say(f"The database could not do it: {str(error).strip()}. Nothing was changed.")
        return 1
    if as_json:
        data = report.as_data(tenant, usage, balances, settings=settings)
        sys.stdout.write(json.dumps(data, indent=2) + "\n")
    else:
        sys.stdout.write(report.as_text(tenant, usage, balances, settings=settings))
    return 0


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
