"""Doors and codes. Nothing here knows of stays."""

from locks.models.codes import HEALTHY, IN_ENVELOPE, IN_STOCK, READY, SEEN_OFF, AccessCode, Status
from locks.models.connections import Connection, FoundDevice, ReceivedWebhook
from locks.models.events import Event
from locks.models.former import FormerDigits
from locks.models.grants import AccessGrant
from locks.models.locks import Lock
from locks.models.programs import ApiKey, KeptAnswer
from locks.models.pulls import BackupPull
from locks.models.refusals import Refusal
from locks.models.staff import StaffCode
from locks.models.subscriptions import Delivery, DeliveryAttempt, Webhook
from locks.models.unlocks import RemoteUnlock

__all__ = [
    "HEALTHY",
    "IN_ENVELOPE",
    "IN_STOCK",
    "READY",
    "SEEN_OFF",
    "AccessCode",
    "AccessGrant",
    "ApiKey",
    "BackupPull",
    "Connection",
    "Delivery",
    "DeliveryAttempt",
    "Event",
    "FormerDigits",
    "FoundDevice",
    "KeptAnswer",
    "Lock",
    "ReceivedWebhook",
    "Refusal",
    "RemoteUnlock",
    "StaffCode",
    "Status",
    "Webhook",
]
