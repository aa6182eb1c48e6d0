"""Names as a person counts and lists them."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _


def natural(name: str) -> list[tuple]:
    """A sort key that puts room 9 before room 10."""
    parts = (part for part in re.split(r"(\d+)", name) if part)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.lower()) for part in parts]


def listed(names: Sequence[str]) -> str:
    """`101, 102 and 103`."""
    if len(names) < 2:
        return "".join(names)
    # Translators: the end of a list, as in "101, 102 and 103"
    return _("%(others)s and %(last)s") % {"others": ", ".join(names[:-1]), "last": names[-1]}
