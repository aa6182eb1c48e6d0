"""Sentences that are kept with a message: in English, whoever caused them, and said in the language of who reads them."""

import re

from django.utils.translation import gettext, gettext_noop

ENDED = gettext_noop("The stay ended before it went out.")
CUT_OFF = gettext_noop("An attempt was cut off before the stay ended; it may have gone out.")
RULE_DELETED = gettext_noop("The rule was deleted before it went out.")
TEXT_DELETED = gettext_noop("Its text was deleted; a manager writes it anew.")

FOR_CODE = gettext_noop("Waits for the code")
FOR_ROOM = gettext_noop("Waits for a room")
FOR_DOORS = gettext_noop("Waits for the code on %(doors)s")

NO_EMAIL = gettext_noop("“%(typed)s” is no e-mail address; ask the guest and correct it on the stay's page.")
NO_PHONE = gettext_noop(
    "“%(typed)s” is no telephone number that exists; ask the guest and correct it on the stay's page."
)
NO_COUNTRY = gettext_noop(
    "“%(typed)s” has no country; write it with + and the country's number, or have a manager set the house's country "
    "on the Messages page."
)

NOT_WRITTEN = gettext_noop("The file could not be written: %(why)s.")
MAIL_UNUSABLE = gettext_noop("The mail server cannot be used: %(why)s.")
MAIL_MAY_NOT = gettext_noop("The mail server does not let this house send: it answered %(status)s.")
MAIL_REFUSES = gettext_noop("The mail service does not take this address.")
MAIL_SILENT = gettext_noop("The mail server went silent: %(why)s.")
MAIL_ANSWERED = gettext_noop("The mail server answered %(status)s: %(said)s")
TEXT_NOT_UNDERSTOOD = gettext_noop(
    "The address of the text service is not understood; a manager enters it anew."
)
TEXT_UNREACHED = gettext_noop("The text service cannot be reached.")
TEXT_UNCLEAR = gettext_noop("The text service gave no answer that tells what became of it.")

MAIL_REFUSED = gettext_noop("The mail service answered %(status)s.")
TEXT_REFUSED = gettext_noop("The text service answered %(status)s.")
UNCLEAR = {
    MAIL_REFUSED: gettext_noop("The mail service answered %(status)s. That tells not what became of it."),
    TEXT_REFUSED: gettext_noop("The text service answered %(status)s. That tells not what became of it."),
}
WRONG_KEY = {
    MAIL_REFUSED: gettext_noop(
        "The mail service answered %(status)s. It does not let this house in: its key is wrong."
    ),
    TEXT_REFUSED: gettext_noop(
        "The text service answered %(status)s. It does not let this house in: its key is wrong."
    ),
}
"""What a service's refusal may mean, by its sentence."""


def _pattern(sentence: str) -> re.Pattern:
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.*)", re.escape(sentence)), re.DOTALL)


_WITH_VALUES = {
    sentence: _pattern(sentence)
    for sentence in (
        *UNCLEAR.values(),
        *WRONG_KEY.values(),
        MAIL_REFUSED,
        TEXT_REFUSED,
        FOR_DOORS,
        NO_EMAIL,
        NO_PHONE,
        NO_COUNTRY,
        NOT_WRITTEN,
        MAIL_UNUSABLE,
        MAIL_MAY_NOT,
        MAIL_SILENT,
        MAIL_ANSWERED,
    )
}


def said(kept: str) -> str:
    """The kept sentence in the reader's language; one that is none of these as it is."""
    for sentence, pattern in _WITH_VALUES.items():
        if found := pattern.fullmatch(kept):
            return gettext(sentence) % found.groupdict()
    return gettext(kept) if kept else ""
