"""The check of the ledger, also for `gate doctor`, which asks without Django."""

from typing import Final

# Parameters: the user to go on after, and how many balances to look at. One statement sees balances and entries at one moment,
# and whoever changes one changes both in one transaction.
CHECK: Final = """
WITH page AS MATERIALIZED (
    SELECT user_id, seconds FROM credit_balance WHERE user_id > %s ORDER BY user_id LIMIT %s
)
SELECT count(*), max(p.user_id), coalesce(array_agg(p.user_id ORDER BY p.user_id) FILTER (WHERE p.seconds <> ledger.total), '{}')
FROM page p CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.seconds), 0) AS total FROM credit_entry e WHERE e.user_id = p.user_id
) ledger
"""
