"""What a lock's rules say about the digits of a PIN, by the names the seeds' system uses. Pure, stdlib only:
the simulator's locks judge by the same table.

Rules about other things (`name_length`, `start_date_in_future`, ...) and unknown ones are kept by every PIN
here.
"""

from collections.abc import Callable, Collection


def broken(pin: str, rules: Collection[str]) -> list[str]:
    """The names of those `rules` that `pin` (a string of ASCII digits) breaks, in the order of `KNOWN`."""
    return [name for name, keeps in KNOWN.items() if name in rules and not keeps(pin)]


def _steps(pin: str) -> list[int]:
    """How much each digit lies above the one before it."""
    return [int(after) - int(before) for before, after in zip(pin, pin[1:], strict=False)]


def _no_triple(pin: str) -> bool:
    steps = _steps(pin)
    return not any(a == b and a in (-1, 0, 1) for a, b in zip(steps, steps[1:], strict=False))


def _no_run(pin: str) -> bool:
    return set(_steps(pin)) not in ({1}, {-1})


KNOWN: dict[str, Callable[[str], bool]] = {
    "no_zeros": lambda pin: "0" not in pin,
    "cannot_start_with_12": lambda pin: not pin.startswith("12"),
    "no_triple_consecutive_ints": _no_triple,
    "no_ascending_or_descending_sequence": _no_run,
    "at_least_three_unique_digits": lambda pin: len(set(pin)) >= 3,
    "cannot_contain_089": lambda pin: not set(pin) & set("089"),
    "cannot_contain_0789": lambda pin: not set(pin) & set("0789"),
    "unique_first_four_digits": lambda pin: len(set(pin[:4])) == len(pin[:4]),
    "no_all_same_digits": lambda pin: len(set(pin)) != 1,
}
"""Says of a PIN whether it keeps the rule (True) or breaks it (False)."""
