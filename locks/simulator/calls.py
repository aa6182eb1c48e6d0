"""One call for the codes of a lock: from the cloud to the door and back, with all that can go wrong."""

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from locks.simulator.device import Lock
from locks.simulator.maker import Maker
from locks.simulator.refusal import Refusal

Act = Callable[[Lock], tuple[dict, int]]
"""Does something with the lock; returns the answer and its HTTP status. Raises Refusal."""


async def ask(request: Request, operation: str, act: Act, pin: str | None = None) -> Response:
    """Do `act` on the request's lock as its knobs let it. Raises Refusal.

    `operation`: list, create, update, delete; `pin`: what is to be written, for the log.
    """
    maker: Maker = request.app.state.maker
    lock = maker.listed_lock(request.path_params["lock"])
    with maker.faults.one_more(lock.id, operation):
        if lock.knobs.slow_seconds:
            await asyncio.sleep(lock.knobs.slow_seconds)
        try:
            lock = maker.listed_lock(lock.id)
            maker.faults.refuse(lock, operation)
            answer, status = act(lock)
        except Refusal as refusal:
            maker.faults.refused(lock.id, operation, refusal, pin)
            raise
        return await _answer(request, lock.id, operation, JSONResponse(answer, status))


async def _answer(request: Request, lock_id: str, operation: str, answer: Response) -> Response:
    """It is done: the answer, late, lost or spoilt."""
    faults = request.app.state.maker.faults
    write = operation != "list"
    if write and faults.spend(lock_id, "hold_next_answers"):
        await _hold(request, lock_id, operation)
    if write and faults.spend(lock_id, "lose_next_answers"):
        faults.note(lock_id, "answer.lost", {"operation": operation})
        await _hang_up(request)
    if faults.spend(lock_id, "garbage_next_answers"):
        faults.note(lock_id, "answer.garbage", {"operation": operation})
        return HTMLResponse("<html><body>Please sign in</body></html>")
    return answer


async def _hold(request: Request, lock_id: str, operation: str) -> None:
    """Wait until the answers of the lock are released or the client is gone."""
    faults = request.app.state.maker.faults
    released = faults.hold(lock_id)
    faults.note(lock_id, "answer.held", {"operation": operation})
    waits = {asyncio.ensure_future(released.wait()), asyncio.ensure_future(_client_gone(request))}
    _done, rest = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in rest:
        wait.cancel()
    faults.note(lock_id, "answer.released", {"operation": operation, "client_gone": not released.is_set()})


async def _hang_up(request: Request) -> None:
    """Drop the connection; whatever is answered afterwards reaches nobody."""
    request.state.hang_up()
    await _client_gone(request)


async def _client_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
