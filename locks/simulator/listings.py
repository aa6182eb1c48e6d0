"""The pages of a lock's list of codes: the truth, or the lies that its knobs ask for."""

from locks.simulator import wire
from locks.simulator.device import Code, Lock
from locks.simulator.maker import Maker

CODES_A_PAGE = 20
PARTIAL = ".partial"
"""At the end of a page's token: the listing goes on as it began. A page holds an even number of codes, so
every second one is missing over all pages."""
LIES = ("empty", "partial", "contradict")


def page(maker: Maker, lock: Lock, token: str) -> dict:
    """One page of the list as the API tells it. `token` "0": the first. Raises Refusal for a wrong one."""
    after = wire.whole("page", token.removesuffix(PARTIAL), 2**62)
    lie = _lie(maker, lock) if not after else "partial" if token.endswith(PARTIAL) else None
    if lie == "empty":
        return {"codes": [], "next_page": None}
    codes, last = maker.store.code_page(lock.id, after=after, limit=CODES_A_PAGE)
    if lie == "partial":
        codes = codes[::2]
    told = [wire.shown(lock, wire.code_json(code)) for code in codes]
    if lie == "contradict" and codes:
        told.append(wire.shown(lock, _other(codes[0])))
    return {"codes": told, "next_page": _token(last, lie)}


def _lie(maker: Maker, lock: Lock) -> str | None:
    """What this listing, which begins here, gets wrong."""
    for lie in LIES:
        if maker.faults.spend(lock.id, f"{lie}_next_listings"):
            maker.faults.note(lock.id, "listing.false", {"how": lie})
            return lie
    return None


def _other(code: Code) -> dict:
    """The same code once more, with other digits and another name."""
    pin = code.pin[:-1] + str((int(code.pin[-1]) + 1) % 10)
    return {**wire.code_json(code), "pin": pin, "name": f"{code.name} 2"}


def _token(last: int | None, lie: str | None) -> str | None:
    if last is None:
        return None
    return f"{last}{PARTIAL}" if lie == "partial" else str(last)
