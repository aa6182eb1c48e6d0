"""Reading one cell: booking number, name, status, and the rest. Pure; a cell that would be misread is refused."""

import re
import unicodedata
from email.utils import parseaddr

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reservations.imports.refusals import RowRefused, grouped, shown
from reservations.messages import numbers

NAME_LENGTH, NUMBER_LENGTH, NOTES_LENGTH, PHONE_LENGTH, EMAIL_LENGTH = 200, 120, 2000, 40, 254
NOTHING = {"", "nan", "none", "null", "n/a", "nat", "-", "--", "#n/a"}
CUT_NUMBER = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+$")
DECIMAL_NUMBER = re.compile(r"([0-9]+)[.,]00?$")
PARTED_NUMBER = re.compile(r"[0-9]{1,3}([,.'’\u00a0\u202f ][0-9]{3}){2,}$")
TEXT_FORMULA = re.compile(r'="([^"]*)"$')
PHONE = re.compile(r"\+?[0-9 ()./-]{5,}(( ?x| ?ext\.?) ?[0-9]{1,6})?$")
UNSEEN = dict.fromkeys([0xFEFF, 0x200B, 0x2060, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
STATUSES = {
    "ok": "ok", "confirmed": "ok", "booked": "ok", "new": "ok", "modified": "ok", "reserved": "ok",
    "checkedin": "ok", "inhouse": "ok", "currentlyhosting": "ok", "checkedout": "ok", "departed": "ok",
    "pastguest": "ok", "noshow": "no-show",
}  # fmt: skip
CANCELLED = re.compile(r"cancell?ed(by[a-z]+)?$")
NO_COUNT = {
    "rooms": gettext_lazy("%(text)s is no number of rooms from 1 to %(most)s"),
    "nights": gettext_lazy("%(text)s is no number of nights from 1 to %(most)s"),
    "part": gettext_lazy("%(text)s is no number of room of the booking from 1 to %(most)s"),
}
"""What is said of a cell that holds no such number."""


def blank_if_nothing(text: str) -> str:
    """`text`, or nothing for the words with which programs say "nothing"."""
    return "" if text.casefold() in NOTHING else text


def number(text: str) -> str:
    """A booking number as text. `3817740346.0` is 3817740346; a number that a spreadsheet has rounded or parted
    is refused. Raises RowRefused."""
    text = _one_line(text)
    if formula := TEXT_FORMULA.match(text):
        text = formula[1].strip()
    text = text.removeprefix("'")
    if decimal := DECIMAL_NUMBER.match(text):
        text = decimal[1]
    if not text:
        raise RowRefused(_("it has no booking number"))
    if CUT_NUMBER.match(text):
        raise RowRefused(
            _(
                "the spreadsheet has cut the booking number to %(text)s; export again and open that column as text"
            )
            % {"text": shown(text)}
        )
    if PARTED_NUMBER.match(text):
        raise RowRefused(
            _(
                "the spreadsheet has parted the booking number into %(text)s; export again and open that column as text"
            )
            % {"text": shown(text)}
        )
    if len(text) > NUMBER_LENGTH:
        raise RowRefused(
            _("its booking number has %(length)s characters; at most %(most)s")
            % {"length": grouped(len(text)), "most": NUMBER_LENGTH}
        )
    return text


def guest(name: str, booker: str) -> tuple[str, str]:
    """The guest's name and a remark. Without a name of a fitting length it is who booked. Raises RowRefused."""
    name, booker = _one_line(name), _one_line(booker)
    if name and len(name) <= NAME_LENGTH:
        return name, ""
    if booker and len(booker) <= NAME_LENGTH:
        too_long = _("the guests' names have %(length)s characters: named after who booked")
        return booker, too_long % {"length": grouped(len(name))} if name else ""
    if name or booker:
        raise RowRefused(
            _("the guest's name has %(length)s characters; at most %(most)s")
            % {"length": grouped(len(name or booker)), "most": NAME_LENGTH}
        )
    raise RowRefused(_("it has no guest name and nobody who booked"))


def status(text: str) -> str:
    """ok, cancelled or no-show; blank is ok. Raises RowRefused for a word that is not known."""
    word = "".join(letter for letter in text.casefold() if letter.isalnum())
    if CANCELLED.match(word):
        return "cancelled"
    if word and word not in STATUSES:
        raise RowRefused(
            _("its status %(text)s is not known; known are ok, cancelled and no_show") % {"text": shown(text)}
        )
    return STATUSES.get(word, "ok")


def count(text: str, what: str, most: int) -> int | None:
    """A whole number from 1 to `most`, `2.0` too; None for a blank cell. `what` is one of `NO_COUNT`. Raises
    RowRefused."""
    if not text:
        return None
    whole = DECIMAL_NUMBER.match(text)
    digits = whole[1] if whole else text
    if not re.match(r"[0-9]{1,4}$", digits) or not 1 <= int(digits) <= most:
        raise RowRefused(NO_COUNT[what] % {"text": shown(text), "most": most})
    return int(digits)


def email(text: str) -> tuple[str, str]:
    """The address and no remark, or no address and the remark that it was left out. `Anna <anna@example.org>` and
    `mailto:anna@example.org` are anna@example.org."""
    text = _one_line(text)
    if not text:
        return "", ""
    address = parseaddr(text)[1].removeprefix("mailto:") if "<" in text else text.removeprefix("mailto:")
    try:
        validate_email(address)
        MaxLengthValidator(EMAIL_LENGTH)(address)
    except ValidationError:
        return "", _("%(text)s is no email address and left out") % {"text": shown(text)}
    return address, ""


def phone(text: str, region: str = "") -> tuple[str, str]:
    """The number in the international form and no remark, or no number and the remark that it was left out; a remark
    too where it had to be picked out of the cell. `region`: the country of numbers that name none; where that is not
    known, nobody can tell whether they exist, and they stay as they are."""
    text = _one_line(text).removeprefix("'")
    if formula := TEXT_FORMULA.match(text):
        text = formula[1].strip()
    if not text:
        return "", ""
    if number := numbers.parsed(text, region):
        return numbers.kept(number), ""
    if number := numbers.meant(text, region):
        read_as = _("phone number %(text)s is read as %(number)s")
        return numbers.kept(number), read_as % {"text": shown(text), "number": numbers.kept(number)}
    of_no_country = not region and not numbers.names_country(text)
    if of_no_country and len(text) <= PHONE_LENGTH and PHONE.match(text):
        return text, ""
    return "", _("%(text)s is no phone number and left out") % {"text": shown(text)}


def unit_type(text: str) -> str:
    """What was booked, on one line."""
    return _one_line(text)


def notes(text: str) -> str:
    """The guest's remarks, without control characters, cut to what is kept."""
    lines = (_one_line(line) for line in text.splitlines())
    return "\n".join(filter(None, lines))[:NOTES_LENGTH]


def _one_line(text: str) -> str:
    """`text` without line breaks, control characters, doubled blanks, and letters that cannot be seen."""
    plain = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text)
    return " ".join(plain.translate(UNSEEN).split())
