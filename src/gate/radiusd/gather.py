"""When a batch is complete enough to go to the database."""

import asyncio
from collections.abc import Sized


async def gathered(waiting: Sized, enough: int) -> None:
    """Return when a turn of the event loop brought nothing new, or `enough` wait.

    No fixed wait, which would hurt at low load: a lone packet goes after one empty turn, and under load the batch grows for as
    long as the sockets keep giving.
    """
    before = -1
    while before < len(waiting) < enough:
        before = len(waiting)
        await asyncio.sleep(0)
