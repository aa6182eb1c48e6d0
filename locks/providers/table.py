"""What the locks of each provider can do, as a Markdown table for the README.

    python -m locks.providers.table

prints it from `Provider.MODELS`; a test compares it with what the README says.
"""

import sys
from collections.abc import Callable, Mapping

from locks.providers import PROVIDERS
from locks.providers.base import Capabilities, OfflineKind, ReadBack

NOT_APPLICABLE = "–"
GRAINS = {1: "the second", 60: "the minute", 3600: "the hour", 86400: "the day"}
KINDS = {OfflineKind.HOURLY: "hourly", OfflineKind.DAILY: "daily", OfflineKind.ONE_TIME: "one-time"}
READ_BACK = {ReadBack.VALUE: "each code and its digits", ReadBack.PRESENCE: "each code, not its digits"}


def rendered(providers: Mapping[str, type] = PROVIDERS) -> str:
    """The table: a column for each kind of lock, a row for each fact."""
    models = [
        (f"`{name}` {model}", can)
        for name, provider in providers.items()
        for model, can in provider.MODELS.items()
    ]
    head = [["lock"] + [title for title, _ in models], ["---"] * (len(models) + 1)]
    facts = [[fact] + [tell(can) for _, can in models] for fact, tell in FACTS.items()]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in head + facts)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _online(tell: Callable[[Capabilities], str]) -> Callable[[Capabilities], str]:
    """A fact about programming codes over the network."""
    return lambda can: tell(can) if can.can_program_online_access_codes else NOT_APPLICABLE


def _offline(can: Capabilities) -> str:
    if not can.can_program_offline_access_codes:
        return "no"
    return ", ".join(KINDS[kind] for kind in can.offline_kinds) or "yes"


def _windows(can: Capabilities) -> str:
    return "keeps them itself" if can.native_scheduling else "none: a code opens while it is on the lock"


def _slots(can: Capabilities) -> str:
    slots = [
        f"{slot.name} {slot.check_in:%H:%M} to {slot.check_out:%H:%M}".strip() for slot in can.time_slots
    ]
    return ", ".join(slots) or "any"


def _lengths(can: Capabilities) -> str:
    return ", ".join(str(length) for length in can.pin_lengths) or "as the lock says"


def _names(can: Capabilities) -> str:
    names = can.names
    said = [f"{names.min_length} to {names.max_length} characters", names.alphabet.value]
    said += ["unique"] * names.unique + ["first and last name"] * names.two_parts
    return ", ".join(said)


FACTS: Mapping[str, Callable[[Capabilities], str]] = {
    "codes over the network": lambda can: _yes(can.can_program_online_access_codes),
    "offline codes": _offline,
    "time windows": _online(_windows),
    "times are kept to": _online(lambda can: GRAINS.get(can.window_grain, f"{can.window_grain} s")),
    "times of check-in and check-out": _online(_slots),
    "counts in": _online(lambda can: "its zone's wall time" if can.keeps_local_time else "UTC"),
    "PIN lengths": _lengths,
    "rules for the digits": lambda can: ", ".join(f"`{rule}`" for rule in can.code_constraints) or "none",
    "equal digits": lambda can: "never twice" if can.digits_once else "in windows that do not meet",
    "how many codes fit": _online(lambda can: "no known limit" if can.slots is None else str(can.slots)),
    "names": _online(_names),
    "its list shows": _online(lambda can: READ_BACK[can.read_back]),
    "a change is confirmed": _online(lambda can: "later" if can.confirms_later else "at once"),
    "pushes events": lambda can: _yes(can.pushes_events),
    "its maker keeps backup codes": _online(lambda can: _yes(can.own_backup_pool)),
    "opens from afar": lambda can: _yes(can.can_remotely_unlock),
    "says which code was typed": lambda can: _yes(can.names_the_code),
}


if __name__ == "__main__":
    sys.stdout.write(rendered())
