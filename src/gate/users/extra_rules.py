"""Which further data of a person is good, and what follows from it. Pure."""

import datetime as dt
import re

from gate.core.errors import Invalid
from gate.users.types import UserExtraFields

GENDERS = ("m", "f", "o")
MAX_AGE = 150
CUSTOM_FIELDS = tuple(f"custom_field_{number}" for number in range(1, 9))
LENGTHS = {
    "title": 50, "age_range": 20, "telephone": 50, "address": 500, "city": 150, "state": 150, "postal_code": 20,
    "country": 150, "company": 200, "tax_id": 100, "passport_number": 100, "hometown": 150, "location": 200, "locale": 35,
    "event": 200, **dict.fromkeys(CUSTOM_FIELDS, 500),
}  # fmt: skip
"""Characters a text may have."""

# Years a range begins with; the reference shows 30-34 beside 35-44.
_RANGES = ((0, "0-12"), (13, "13-17"), (18, "18-24"), (25, "25-29"), (30, "30-34"), (35, "35-44"), (45, "45-54"), (55, "55-64"))
_LAST = (65, "65+")
_COUNTRY = re.compile(r"[A-Za-z]{2}\Z", re.ASCII)


def normal(fields: UserExtraFields, *, today: dt.date) -> UserExtraFields:
    """The fields as they are stored. Raises Invalid naming every one whose value is refused; absent fields are not looked at."""
    problems = {name: [reason] for name, value in fields.items() if (reason := _problem(name, value, today)) is not None}
    if problems:
        raise Invalid("; ".join(f"{name} {reasons[0]}" for name, reasons in problems.items()), fields=problems)
    country = fields.get("country_id")
    return fields if country is None else {**fields, "country_id": country.upper()}


def _problem(name: str, value: object, today: dt.date) -> str | None:
    if name == "gender" and value is not None and value not in GENDERS:
        return f"takes {', '.join(GENDERS)}"
    if name == "country_id" and isinstance(value, str) and not _COUNTRY.match(value):
        return "takes the two letters of ISO 3166-1"
    if name == "age" and isinstance(value, int) and not 0 <= value <= MAX_AGE:
        return f"takes 0 to {MAX_AGE}"
    if name == "birthday" and isinstance(value, dt.date) and not 0 <= age_on(value, today) <= MAX_AGE:
        return f"takes a day of the last {MAX_AGE} years"
    if isinstance(value, str) and len(value) > LENGTHS.get(name, len(value)):
        return f"is longer than {LENGTHS[name]} characters"
    return None


def age_on(birthday: dt.date, today: dt.date) -> int:
    """Whole years on `today`; negative before birth. Who was born on 29 February is a year older on 1 March."""
    return today.year - birthday.year - ((today.month, today.day) < (birthday.month, birthday.day))


def age_range(age: int) -> str:
    """The range an age lies in, as the reference writes ranges."""
    return [words for beginning, words in (*_RANGES, _LAST) if beginning <= age][-1]
