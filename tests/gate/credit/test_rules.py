"""credit/rules.py: what may be set and granted."""

import pytest

from gate.core.errors import Invalid
from gate.credit import rules
from gate.credit.types import Reason


@pytest.mark.parametrize(
    ("seconds", "reason", "voucher_id", "field"),
    [
        (0, "operator", None, "seconds"),
        (rules.MAX_SECONDS + 1, "operator", None, "seconds"),
        (-rules.MAX_SECONDS - 1, "operator", None, "seconds"),
        (60, "voucher", None, "voucher_id"),
        (60, "operator", 5, "voucher_id"),
    ],
)
def test_refused_grants(seconds: int, reason: Reason, voucher_id: int | None, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        rules.check_grant(seconds, reason=reason, voucher_id=voucher_id)
    assert set(caught.value.fields) == {field}


@pytest.mark.parametrize(("seconds", "reason", "voucher_id"), [(1, "operator", None), (-60, "api", None), (60, "voucher", 5)])
def test_good_grants(seconds: int, reason: Reason, voucher_id: int | None) -> None:
    rules.check_grant(seconds, reason=reason, voucher_id=voucher_id)
