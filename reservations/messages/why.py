"""Why a message waits, has failed or is not needed any more."""

from django.utils.translation import gettext_lazy

from hospitality.sentences import Sentences


class Why(Sentences):
    ENDED = "ended", gettext_lazy("The stay ended before it went out.")
    CUT_OFF = (
        "cut_off",
        gettext_lazy("An attempt was cut off before the stay ended; it may have gone out."),
    )
    RULE_DELETED = "rule_deleted", gettext_lazy("The rule was deleted before it went out.")
    TEXT_DELETED = "text_deleted", gettext_lazy("Its text was deleted; a manager writes it anew.")

    FOR_CODE = "for_code", gettext_lazy("Waits for the code")
    FOR_ROOM = "for_room", gettext_lazy("Waits for a room")
    FOR_DOORS = "for_doors", gettext_lazy("Waits for the code on %(doors)s")

    NO_EMAIL = (
        "no_email",
        gettext_lazy("The guest has no e-mail address; ask for it and write it in on the stay's page."),
    )
    NO_PHONE = (
        "no_phone",
        gettext_lazy("The guest has no telephone number; ask for it and write it in on the stay's page."),
    )
    EMAIL_WRONG = (
        "email_wrong",
        gettext_lazy("“%(typed)s” is no e-mail address; ask the guest and correct it on the stay's page."),
    )
    PHONE_WRONG = (
        "phone_wrong",
        gettext_lazy(
            "“%(typed)s” is no telephone number that exists; ask the guest and correct it on the stay's page."
        ),
    )
    PHONE_WITHOUT_COUNTRY = (
        "phone_without_country",
        gettext_lazy(
            "“%(typed)s” has no country; write it with + and the country's number, or have a manager set the "
            "house's country on the Messages page."
        ),
    )
    EMAIL_MISTYPED = (
        "email_mistyped",
        gettext_lazy("“%(typed)s” is no e-mail address; correct it, or leave it empty."),
    )
    PHONE_MISTYPED = (
        "phone_mistyped",
        gettext_lazy("“%(typed)s” is no telephone number that exists; correct it, or leave it empty."),
    )

    FILE_NOT_WRITTEN = "file_not_written", gettext_lazy("The file could not be written: %(why)s.")

    MAIL_NOT_SET_UP = (
        "mail_not_set_up",
        gettext_lazy("E-mail is not set up; whoever runs this system sets EMAIL_URL."),
    )
    MAIL_UNUSABLE = "mail_unusable", gettext_lazy("The mail server cannot be used: %(why)s.")
    MAIL_SHUT = "mail_shut", gettext_lazy("The mail server cannot be used: it answered %(status)s.")
    MAIL_MAY_NOT = (
        "mail_may_not",
        gettext_lazy("The mail server does not let this house send: it answered %(status)s."),
    )
    MAIL_SILENT = "mail_silent", gettext_lazy("The mail server went silent: %(why)s.")
    MAIL_ANSWERED = "mail_answered", gettext_lazy("The mail server answered %(status)s: %(said)s")
    MAIL_REFUSES = "mail_refuses", gettext_lazy("The mail service does not take this address.")
    MAIL_REFUSED = "mail_refused", gettext_lazy("The mail service answered %(status)s.")
    MAIL_UNCLEAR = (
        "mail_unclear",
        gettext_lazy("The mail service answered %(status)s. That tells not what became of it."),
    )
    MAIL_KEY_WRONG = (
        "mail_key_wrong",
        gettext_lazy(
            "The mail service answered %(status)s. It does not let this house in: its key is wrong."
        ),
    )

    TEXT_NOT_SET_UP = (
        "text_not_set_up",
        gettext_lazy("No text service is set up; a manager enters its address on the Messages page."),
    )
    TEXT_NOT_UNDERSTOOD = (
        "text_not_understood",
        gettext_lazy("The address of the text service is not understood; a manager enters it anew."),
    )
    TEXT_UNREACHED = "text_unreached", gettext_lazy("The text service cannot be reached.")
    TEXT_NO_ANSWER = (
        "text_no_answer",
        gettext_lazy("The text service gave no answer that tells what became of it."),
    )
    TEXT_REFUSED = "text_refused", gettext_lazy("The text service answered %(status)s.")
    TEXT_UNCLEAR = (
        "text_unclear",
        gettext_lazy("The text service answered %(status)s. That tells not what became of it."),
    )
    TEXT_KEY_WRONG = (
        "text_key_wrong",
        gettext_lazy(
            "The text service answered %(status)s. It does not let this house in: its key is wrong."
        ),
    )
