"""The time zones one can choose, with those first that a browser's language speaks for."""

import re
from functools import cache
from importlib.resources import files

from django.utils.translation import gettext as _

UTC = "UTC"


@cache
def _by_country() -> dict[str, list[str]]:
    """Every place with a clock of its own, by its country's two letters: the tz database's `zone.tab`."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, place, name = line.split("\t")[:3]
            found.setdefault(country, []).append(name)
    return found


def suggested(accept_language: str) -> list[str]:
    """The zones of the countries that a browser names (`de-CH,de;q=0.9` is Switzerland's), the first one's first."""
    countries = re.findall(r"\b[a-z]{2,3}(?:-[A-Za-z]{4})?-([A-Za-z]{2})\b", accept_language)
    return [name for country in dict.fromkeys(countries) for name in _by_country().get(country.upper(), [])]


def choices(first: list[str], kept: str = "") -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups for a select: those `first`, then all by continent. `kept` is among them whatever it is called."""
    names = sorted({name for zones in _by_country().values() for name in zones})
    continents: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        continents.setdefault(name.partition("/")[0], []).append((name, _place(name)))
    others = [UTC, *([kept] if kept and kept != UTC and kept not in names else [])]
    groups = [*continents.items(), (_("Others"), [(name, name) for name in others])]
    return [(_("Likely"), [(name, _place(name)) for name in first]), *groups] if first else groups


def _place(name: str) -> str:
    """`Zurich`, `Buenos Aires (Argentina)`: one finds it by typing its first letters."""
    _continent, *countries, place = name.replace("_", " ").split("/")
    return f"{place} ({', '.join(countries)})" if countries else place
