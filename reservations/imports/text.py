"""From the bytes of an uploaded file to its text: size, kind and encoding. Pure."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reservations.imports.refusals import FileRefused

MAX_BYTES = 5 * 2**20
SAVE_AS_CSV = gettext_lazy(
    "open it in the spreadsheet program and save it as CSV (UTF-8), then import that file"
)
KINDS = (
    (b"PK\x03\x04", gettext_lazy("This is a spreadsheet or zip archive, not a CSV file: %(remedy)s.")),
    (b"\xd0\xcf\x11\xe0", gettext_lazy("This is an Excel workbook (.xls), not a CSV file: %(remedy)s.")),
    (b"%PDF", gettext_lazy("This is a PDF, not a CSV file: %(remedy)s.")),
    (b"\x1f\x8b", gettext_lazy("This is a gzip archive, not a CSV file: %(remedy)s.")),
    (b"{\\rtf", gettext_lazy("This is a text document (.rtf), not a CSV file: %(remedy)s.")),
)
MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
HIGH = re.compile(rb"[\x80-\xff]")


def check_size(size: int) -> None:
    """Refuse a file of so many bytes before it is read. Raises FileRefused."""
    if size > MAX_BYTES:
        raise FileRefused(
            _("The file has %(size)s MB; at most %(most)s MB are read. Export a shorter span of dates.")
            % {"size": f"{size / 2**20:.0f}", "most": MAX_BYTES // 2**20}
        )
    if size == 0:
        raise FileRefused(_("The file is empty. Export it again."))


def decode(data: bytes) -> str:
    """The text of `data`: UTF-8 with or without a mark, UTF-16 with one, else Windows-1252.
    Raises FileRefused for what is no text, and for a text in two encodings at once."""
    check_size(len(data))
    for magic, what_it_is in KINDS:
        if data.startswith(magic):
            raise FileRefused(what_it_is % {"remedy": SAVE_AS_CSV})
    text = _decoded(data)
    _check_kind(text)
    return text


def _decoded(data: bytes) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _strict(data, encoding)
    if b"\0" in data[:2000].partition(b"\n")[0]:
        raise FileRefused(_("This is no text file: %(remedy)s.") % {"remedy": SAVE_AS_CSV})
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse_mixture(data, error.start)
    return _strict(data, "windows-1252")


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            _("The file's letters cannot be read (line %(line)s is no valid %(encoding)s): %(remedy)s.")
            % {"line": line, "encoding": encoding, "remedy": SAVE_AS_CSV}
        ) from None


def _refuse_mixture(data: bytes, broken_at: int) -> None:
    """A text that is mostly UTF-8 but broken somewhere would come out as 'MÃ¼ller' in Windows-1252."""
    in_letters = sum(len(match) for match in UTF8_LETTER.findall(data))
    if in_letters * 2 >= len(HIGH.findall(data)):
        line = data.count(b"\n", 0, broken_at) + 1
        raise FileRefused(
            _("The file is damaged or mixes two encodings (first seen on line %(line)s): %(remedy)s.")
            % {"line": line, "remedy": SAVE_AS_CSV}
        )


def _check_kind(text: str) -> None:
    start = text[:2000].lstrip("\ufeff \t\r\n").casefold()
    if not start:
        raise FileRefused(_("The file holds nothing but blanks. Export it again."))
    if start.startswith(("<!doctype", "<html", "<?xml", "<table", "<head", "<meta", "<body")):
        raise FileRefused(
            _(
                "This is a web page, not a CSV file; the sign-in to the portal may have run out. Export it again."
            )
        )
    if start.startswith("begin:vcalendar"):
        raise FileRefused(_("This is a calendar (iCal), not a CSV file. Export the reservation list as CSV."))
