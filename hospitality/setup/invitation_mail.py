"""The e-mail with an invitation's link, where this system can send e-mail at all."""

import smtplib
from email.utils import formataddr, parseaddr

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from hospitality.models import Invitation
from hospitality.setup import staff


def is_ready() -> bool:
    """Whether a mail server or a hosted service is set."""
    return settings.EMAIL_READY


def send(invitation: Invitation) -> str:
    """Send it now; returns why it did not go out, or nothing. Taken by the server is all that is known then."""
    if not is_ready():
        return _("E-mail is not set up; whoever runs this system sets EMAIL_URL.")
    hotel = invitation.property
    words = {"invitation": invitation, "link": staff.link(invitation)}
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    subject, text = _("Your account at %(house)s"), "setup/invitation.txt"
    if invitation.renews:
        subject, text = _("Your password at %(house)s"), "setup/password_link.txt"
    letter = EmailMessage(
        subject % {"house": hotel},
        render_to_string(text, words),
        formataddr((hotel.name, sender)),
        [invitation.email],
    )
    try:
        letter.send()
    except (OSError, smtplib.SMTPException, AnymailError) as error:
        code = getattr(error, "smtp_code", None)
        if code:
            return _("The mail server answered %(code)s.") % {"code": code}
        return _("The mail server cannot be used (%(error)s).") % {"error": type(error).__name__}
    return ""
