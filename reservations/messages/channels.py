"""How a message leaves the house, and what the other side is known to have done with it.

A channel is asked once and never retries by itself. It ends in one of three ways: the message was taken over, it may
be tried again later (`unsure`: this attempt may have gone out all the same), or trying again is of no use.
"""

import logging
import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import NamedTuple
from urllib.parse import quote

import apprise
from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality.models import Property
from hospitality.sentences import Sentence
from reservations.messages import outbox
from reservations.messages.models import Channel, MessageSettings
from reservations.messages.texts import DOTS, Text
from reservations.messages.why import Why

log = logging.getLogger(__name__)

PHONE = "{phone}"
"""Stands in the address of the text service for the guest's number."""
TEST_NUMBER = "+41446681800"
TAKEN = {
    Channel.FILE: gettext_lazy("Written to the file %(time)s"),
    Channel.EMAIL: gettext_lazy("Taken by the mail server %(time)s"),
    Channel.TEXT: gettext_lazy("Taken by the text service %(time)s"),
}
"""What is known of a message that was sent. Nobody here knows whether the guest has read it."""
TELLS_TWICE = {Channel.FILE: False, Channel.EMAIL: True, Channel.TEXT: True}
"""Can a message arrive twice if an attempt's end is not known? The file is written anew under its name."""
TEMPORARY = {408, 425, 429}
"""HTTP refusals that ask to be tried again."""
NOT_LET_IN = {401, 403}
"""HTTP refusals that are about the house, not the message."""


@dataclass(frozen=True)
class Letter:
    """What is sent, to whom; `key` is the message's own and the same in every attempt."""

    key: str
    property: Property
    settings: MessageSettings
    channel: str
    to: str
    text: Text


class Service(NamedTuple):
    """What a service's answer over HTTP means."""

    refused: Why
    unclear: Why
    key_wrong: Why


MAIL = Service(Why.MAIL_REFUSED, Why.MAIL_UNCLEAR, Why.MAIL_KEY_WRONG)
TEXT = Service(Why.TEXT_REFUSED, Why.TEXT_UNCLEAR, Why.TEXT_KEY_WRONG)


class Later(Exception):
    """Not sent; try again. `unsure`: it may have gone out all the same. `setup`: a person must set something first.
    `for_all`: no other message of the house gets through there now."""

    def __init__(self, problem: Sentence, *, unsure: bool = False, setup: bool = False, for_all: bool = True):
        super().__init__(problem)
        self.problem, self.unsure, self.setup, self.for_all = problem, unsure, setup, for_all


class Never(Exception):
    """The other side does not take this message, and will not; the `problem` says why."""

    def __init__(self, problem: Sentence):
        super().__init__(problem)
        self.problem = problem


def not_set_up(channel: str, house: MessageSettings) -> Sentence | None:
    """Why the channel cannot be used yet, with the remedy; None if it can."""
    if channel == Channel.EMAIL and not settings.EMAIL_READY:
        return Why.MAIL_NOT_SET_UP()
    if channel == Channel.TEXT and not house.text_url:
        return Why.TEXT_NOT_SET_UP()
    return None


def send(letter: Letter) -> None:
    """Hand the message over. Raises Later, Never; neither holds the message's words."""
    if problem := not_set_up(letter.channel, letter.settings):
        raise Later(problem, setup=True)
    {Channel.FILE: _file, Channel.EMAIL: _email, Channel.TEXT: _text}[letter.channel](letter)


# The file


def _file(letter: Letter) -> None:
    folder = outbox.folder(letter.property)
    path = folder / f"{letter.key}.txt"
    new = path.with_suffix(".new")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        new.touch(mode=0o600)
        new.write_text(f"To: {letter.to}\nSubject: {letter.text.subject}\n\n{letter.text.body}\n", "utf-8")
        new.replace(path)
    except OSError as error:
        raise Later(Why.FILE_NOT_WRITTEN(why=error.strerror)) from error
    log.info("message %s written to %s", letter.key, path)


# E-mail


def _email(letter: Letter) -> None:
    """What the server said before it took the message is certain; silence after that is not."""
    connection = get_connection()
    try:
        connection.open()
    except smtplib.SMTPResponseException as error:
        raise Later(Why.MAIL_SHUT(status=error.smtp_code)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Later(Why.MAIL_UNUSABLE(why=_why(error))) from error
    try:
        _mail(letter, connection).send()
    except smtplib.SMTPRecipientsRefused as error:
        [(code, said)] = error.recipients.values()
        raise _answered(letter, code, said) from error
    except smtplib.SMTPSenderRefused as error:
        raise Later(Why.MAIL_MAY_NOT(status=error.smtp_code)) from error
    except smtplib.SMTPResponseException as error:
        raise _answered(letter, error.smtp_code, error.smtp_error) from error
    except AnymailRecipientsRefused as error:
        raise Never(Why.MAIL_REFUSES()) from error
    except (OSError, smtplib.SMTPException, AnymailError) as error:
        if status := getattr(getattr(error, "response", None), "status_code", None):
            raise _http(MAIL, status) from error
        raise Later(Why.MAIL_SILENT(why=_why(error)), unsure=True) from error
    finally:
        _close(connection)


def _mail(letter: Letter, connection) -> EmailMessage:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return EmailMessage(
        letter.text.subject,
        letter.text.body,
        formataddr((letter.property.name, sender)),
        [letter.to],
        reply_to=[letter.settings.reply_to] if letter.settings.reply_to else None,
        headers={
            "Message-ID": f"<{letter.key}@{sender.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
        },
        connection=connection,
    )


def _close(connection) -> None:
    """The message's fate is known: what goes wrong in saying goodbye changes nothing."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException) as error:
        log.info("the mail server did not take leave: %s", type(error).__name__)


def _answered(letter: Letter, code: int, said: bytes | str) -> Exception:
    said = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    why = Why.MAIL_ANSWERED(status=code, said=_harmless(said, letter))
    return Never(why) if 500 <= code < 600 else Later(why, for_all=False)


def _http(service: Service, status: int) -> Exception:
    if status < 400:
        return Later(service.unclear(status=status), unsure=True)
    if status in NOT_LET_IN:
        return Later(service.key_wrong(status=status), setup=True)
    why = service.refused(status=status)
    refused = status < 500 and status not in TEMPORARY
    return Never(why) if refused else Later(why, for_all=False)


def _why(error: Exception) -> str:
    """In few words, none of them the server's: those may hold what we sent."""
    return getattr(error, "strerror", None) or type(error).__name__


def _harmless(said: str, letter: Letter) -> str:
    """The other side's words without anything of ours that could be digits to a door."""
    said = " ".join(said.split())[:200]
    return re.sub(r"\d{4,}", lambda found: DOTS if found[0] in letter.text.body else found[0], said)


# Text messages, through Apprise


def check_text_url(url: str) -> str:
    """What is wrong with the address of a text service; empty if it will do."""
    if PHONE not in url:
        words = _(
            "Write %(mark)s where the guest's number belongs; else every guest's digits go to one place."
        )
        return words % {"mark": PHONE}
    with _listening():
        if apprise.Apprise.instantiate(_with_phone(url, TEST_NUMBER)) is None:
            return _(
                "This is no address that Apprise knows; see the list of its services for how yours is written."
            )
    return ""


def _with_phone(url: str, number: str) -> str:
    return url.replace(PHONE, quote(number, safe=""))


def _text(letter: Letter) -> None:
    """Apprise says only yes or no; why not is in what it logs, which is heard here and goes no further."""
    with _listening() as heard:
        service = apprise.Apprise.instantiate(_with_phone(letter.settings.text_url, letter.to))
        if service is None:
            raise Later(Why.TEXT_NOT_UNDERSTOOD(), setup=True)
        taken = service.notify(body=letter.text.body, title="", body_format=apprise.NotifyFormat.TEXT)
    if not taken:
        raise _refused(" ".join(heard.lines))


def _refused(heard: str) -> Exception:
    if found := re.search(r"error=(\d{3})\b", heard):
        return _http(TEXT, int(found[1]))
    if re.search(r"NewConnectionError|ConnectTimeout|NameResolutionError|Connection refused", heard):
        return Later(Why.TEXT_UNREACHED())
    return Later(Why.TEXT_NO_ANSWER(), unsure=True)


class _Ear(logging.Handler):
    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[_Ear]:
    """Apprise logs what it sends, so its log ends here (see LOGGING: it has no other handler)."""
    ear, logger = _Ear(), logging.getLogger("apprise")
    before = logger.level
    logger.addHandler(ear)
    logger.setLevel(logging.DEBUG)
    try:
        yield ear
    finally:
        logger.setLevel(before)
        logger.removeHandler(ear)
