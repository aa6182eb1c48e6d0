"""Why a lock, or its maker, did not take a code."""

from django.utils.translation import gettext_lazy as _

from hospitality.sentences import Sentences


class Refusal(Sentences):
    DUPLICATE_CODE = "duplicate_code", _("Another code on the lock has these digits.")
    INVALID_PIN = "invalid_pin", _("The lock refuses these digits.")
    INVALID_WINDOW = "invalid_window", _("The lock cannot keep this time window.")
    INVALID_NAME = "invalid_name", _("The lock refuses this name.")
    UNSUPPORTED = "unsupported", _("The lock cannot do this at all.")
    NO_SPACE = "no_space", _("Every place of the lock is taken.")
    CODE_GONE = "code_gone", _("The code is not on the lock any more.")
    DEVICE_OFFLINE = "device_offline", _("The lock does not answer.")
    HUB_OFFLINE = "hub_offline", _("The hub in front of the lock does not answer.")
    NOT_FOUND = "not_found", _("The lock is not in the account any more.")
