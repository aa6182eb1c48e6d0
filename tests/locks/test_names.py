"""Names on the lock: an owner recognises them, the lock takes them, and our marker survives."""

import random
from itertools import product
from uuid import UUID

import pytest

from locks import names
from locks.providers.base import Alphabet, NameRules

ID = UUID("1a2b3c4d-0000-4000-8000-000000000000")

NASTY = [
    "",
    "   ",
    "\t\n\u00a0\u2003",
    "😀",
    "👩\u200d👩\u200d👧🏽🇨🇭 ❤️",
    "Anna Smith, 204",
    "José Ångström, 12",
    "e\u0301" * 30,
    "\u0301\u0308",
    "Z" + "\u0335" * 199,
    "محمد عبد الله, 204",
    "\u202eevil\u202c \u200f\u200e",
    "李雷 😀, 204",
    "Łukasz Sørensen-Weiß",
    "O'Brien & Sons, Suite 2½",
    "x" * 200,
    "ab " * 67,
    "a\u0000b\x1b[31m\ud800c",
    "Anna #deadbeef",
    "Anna deadbeef",
    "#",
    ", . - / ;",
    "Tür 204",
    "ﷺ ﬁ ①",
]


def rules(max_length=40, alphabet=Alphabet.PRINTABLE, **more) -> NameRules:
    return NameRules(max_length=max_length, alphabet=alphabet, **more)


@pytest.mark.parametrize(
    ("name", "limits", "shown"),
    [
        ("Anna Smith, 204", rules(), "Anna Smith, 204 #1a2b3c4d"),
        ("Anna Smith, 204", rules(alphabet=Alphabet.ALPHANUMERIC), "Anna Smith 204 1a2b3c4d"),
        ("Anna Smith, 204", rules(20), "Anna Smith #1a2b3c4d"),
        ("Anna Smith, 204", rules(14), "Anna #1a2b3c4d"),
        ("Anna Smith, 204", rules(8), "1a2b3c4d"),
        ("Anna Smith, 204", rules(10), "A 1a2b3c4d"),
        ("  Anna \n Smith ", rules(), "Anna Smith #1a2b3c4d"),
        ("Bjørn Weiß, Tür 2½", rules(alphabet=Alphabet.ASCII), "Bjorn Weiss, Tur 21/2 #1a2b3c4d"),
        ("Bjørn Weiß, Tür 2½", rules(), "Bjørn Weiß, Tür 2½ #1a2b3c4d"),
        ("Zoe\u0308", rules(), "Zoë #1a2b3c4d"),
        ("O’Brien-Smith 😀", rules(alphabet=Alphabet.ASCII), "O'Brien-Smith #1a2b3c4d"),
        ("O’Brien-Smith 😀", rules(alphabet=Alphabet.ALPHANUMERIC), "OBrien Smith 1a2b3c4d"),
        ("李雷, 204", rules(), "李雷, 204 #1a2b3c4d"),
        ("李雷, 204", rules(alphabet=Alphabet.ASCII), "204 #1a2b3c4d"),
        ("Li 李雷, 204", rules(alphabet=Alphabet.ASCII), "Li, 204 #1a2b3c4d"),
        ("李雷", rules(alphabet=Alphabet.ASCII), "Code #1a2b3c4d"),
        ("", rules(), "Code #1a2b3c4d"),
        ("A", rules(min_length=14), "A... #1a2b3c4d"),
        ("A", rules(min_length=14, alphabet=Alphabet.ALPHANUMERIC), "Axxxx 1a2b3c4d"),
    ],
)
def test_a_name_is_fitted_to_the_lock(name, limits, shown):
    assert names.on_device(name, ID, limits) == shown


def test_a_number_is_never_cut_into_another_number():
    shown = {names.on_device("Anna Smith, 2041", ID, rules(limit)) for limit in range(22, 27)}
    assert shown == {"Anna Smith #1a2b3c4d", "Anna Smith, 2041 #1a2b3c4d"}


@pytest.mark.parametrize("limits", [rules(8), rules(9), rules(10), rules(11), rules()])
def test_the_marker_survives_every_length(limits):
    assert names.marker_of(names.on_device("Anna Smith", ID, limits)) == "1a2b3c4d"


def fits(shown: str, limits: NameRules) -> bool:
    letters = {
        Alphabet.PRINTABLE: str.isprintable,
        Alphabet.ASCII: lambda text: text.isascii() and text.isprintable(),
        Alphabet.ALPHANUMERIC: lambda text: text.isascii() and text.replace(" ", "").isalnum(),
    }
    return (
        limits.min_length <= len(shown) <= limits.max_length
        and letters[limits.alphabet](shown)
        and shown == " ".join(shown.split())
    )


def test_whatever_the_name_it_fits_is_found_again_and_comes_in_two_parts():
    dice = random.Random(20261129)
    letters = list(dict.fromkeys("".join(NASTY)))
    made = ["".join(dice.choices(letters, k=dice.randrange(1, 201))) for _ in range(300)]
    wrong = []
    for name, alphabet in product(NASTY + made, Alphabet):
        longest = dice.choice([8, 9, 10, 11, 12, 14, 20, 40, 60, 255])
        shortest = dice.randrange(1, min(longest, 40) + 1) if longest != 9 else dice.randrange(1, 9)
        limits = rules(longest, alphabet, min_length=shortest)
        mine = UUID(int=dice.getrandbits(128))
        shown = names.on_device(name, mine, limits)
        first, last = names.parts(shown)
        right = (
            fits(shown, limits)
            and names.marker_of(shown) == names.marker_of(shown.upper()) == names.marker(mine)
            and f"{first} {last}".strip() == shown
            and names.marker_of(last) == names.marker(mine)
            and bool(first) == (longest >= 10)
            and names.on_device(name, mine, limits) == shown
        )
        if not right:
            wrong.append((name, limits, shown))
    assert wrong == []


def test_names_of_equal_guests_differ_by_their_markers():
    dice = random.Random(5)
    ids = [UUID(int=dice.getrandbits(128)) for _ in range(200)]
    assert len({names.on_device("Anna Smith", one, rules(14)) for one in ids}) == 200


@pytest.mark.parametrize(
    ("found", "mark"),
    [
        ("Anna Smith #1a2b3c4d", "1a2b3c4d"),
        ("Anna Smith 1a2b3c4d", "1a2b3c4d"),
        ("ANNA SMITH #1A2B3C4D", "1a2b3c4d"),
        ("ANNA SMITH 1A2B3C4D", "1a2b3c4d"),
        ("1a2b3c4d", "1a2b3c4d"),
        ("#1a2b3c4d", "1a2b3c4d"),
        ("Anna#1a2b3c4d", "1a2b3c4d"),
        ("Anna #1a2b3c4d  ", "1a2b3c4d"),
        ("Grandma, tel. 79555123", "79555123"),
        ("Anna Smith", None),
        ("Anna #1a2b3c4", None),
        ("Anna #1a2b3c4d5", None),
        ("Anna 01a2b3c4d", None),
        ("Anna #1a2b3c4d (early)", None),
        ("Anna #1a2b3c4g", None),
        ("", None),
    ],
)
def test_a_marker_is_known_in_both_spellings_and_any_case(found, mark):
    assert names.marker_of(found) == mark


@pytest.mark.parametrize(
    ("name", "two"),
    [
        ("Anna Smith, 204 #1a2b3c4d", ("Anna", "Smith, 204 #1a2b3c4d")),
        ("Anna #1a2b3c4d", ("Anna", "#1a2b3c4d")),
        ("1a2b3c4d", ("", "1a2b3c4d")),
    ],
)
def test_makers_with_two_names_get_a_first_and_a_last(name, two):
    assert names.parts(name) == two


def test_the_ids_with_a_marker_are_those_between_the_two():
    lowest, highest = names.ids_with("1a2b3c4d")
    assert lowest <= ID <= highest
    assert names.marker(lowest) == names.marker(highest) == "1a2b3c4d"
    assert not lowest <= UUID("1a2b3c4e" + "0" * 24) <= highest
