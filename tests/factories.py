"""Rows for tests, one factory a model. They write rows as they are and call no verb: what follows from the
engine is given as it would stand after it (`present`, `offline`, ...)."""

from datetime import UTC, date, datetime, timedelta

import factory
from django.contrib.auth import get_user_model
from factory.django import DjangoModelFactory

from hospitality.models import AuditEntry, Invitation, Membership, Property, Role, Room
from locks.capabilities import as_json
from locks.models import (
    AccessCode,
    AccessGrant,
    ApiKey,
    Connection,
    Delivery,
    DeliveryAttempt,
    Event,
    FoundDevice,
    Lock,
    StaffCode,
    Webhook,
)
from locks.providers.base import Capabilities
from locks.wishes import indexes
from reservations.feeds.models import CalendarEvent, CalendarFeed, FeedToken
from reservations.handover.models import Handover
from reservations.housekeeping.models import Closure
from reservations.messages.models import Channel, Message, MessageRule, MessageTemplate, When
from reservations.models import Companion, Guest, ImportProfile, Reservation, Stay, StayState
from reservations.notes.models import Note

PASSWORD = "correct horse"
PIN = "246813"


def now() -> datetime:
    return datetime.now(UTC)


def restart_sequences(factories: type[DjangoModelFactory] = DjangoModelFactory) -> None:
    """Count from the beginning again: what a test's rows are called then hangs on no test that ran before it."""
    for made in factories.__subclasses__():
        if not made._meta.abstract:
            made.reset_sequence(force=True)
        restart_sequences(made)


class SealedFactory(DjangoModelFactory):
    """For models with sealed attributes, which a model's constructor does not take."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class, *args, **fields):
        sealed = {
            name: fields.pop(name) for name in ("pin", "credentials", "url", "secret") if name in fields
        }
        made = model_class(*args, **fields)
        for name, value in sealed.items():
            setattr(made, name, value)
        made.save()
        return made


class UserFactory(DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    first_name = "Ana"
    last_name = "Clerk"
    password = factory.django.Password(PASSWORD)


class PropertyFactory(DjangoModelFactory):
    class Meta:
        model = Property

    slug = factory.Sequence(lambda n: f"hotel-{n}")
    name = factory.Sequence(lambda n: f"Hotel {n}")
    time_zone = "Europe/Zurich"


class RoomFactory(DjangoModelFactory):
    class Meta:
        model = Room

    property = factory.SubFactory(PropertyFactory)
    name = factory.Sequence(lambda n: f"{5001 + n}")  # no room that a test names: "101", "1001"


class ClosureFactory(DjangoModelFactory):
    """Out of order from today, until further notice."""

    class Meta:
        model = Closure

    room = factory.SubFactory(RoomFactory)
    begins = factory.LazyAttribute(lambda closure: today(closure.room.property))
    why = "The shower leaks"
    made_at = factory.LazyFunction(now)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    property = factory.SubFactory(PropertyFactory)
    role = Role.DESK


class InvitationFactory(DjangoModelFactory):
    """Sent, good for a week, and not answered."""

    class Meta:
        model = Invitation

    property = factory.SubFactory(PropertyFactory)
    role = Role.DESK
    name = "Clara Keller"
    invited_by = factory.SubFactory(UserFactory)
    created_at = factory.LazyFunction(now)
    ends_at = factory.LazyFunction(lambda: now() + timedelta(days=7))


class ConnectionFactory(SealedFactory):
    class Meta:
        model = Connection

    property = factory.SubFactory(PropertyFactory)
    provider = "virtual"
    name = "Simulator"
    credentials = {
        "base_url": "http://127.0.0.1:9",
        "token": "nobody listens",
        "webhook_secret": "whsec_c2VjcmV0",
    }


class FoundDeviceFactory(DjangoModelFactory):
    """A device that nobody has placed."""

    class Meta:
        model = FoundDevice

    connection = factory.SubFactory(ConnectionFactory)
    provider_ref = factory.Sequence(lambda n: f"device-{n}")
    name = factory.Sequence(lambda n: f"New device {n}")
    model = "native"
    capabilities = factory.LazyFunction(lambda: as_json(Capabilities()))
    found_at = factory.LazyFunction(now)


class LockFactory(DjangoModelFactory):
    """Online, battery good. `rooms=[...]` are the rooms it serves."""

    class Meta:
        model = Lock
        skip_postgeneration_save = True

    class Params:
        offline = factory.Trait(
            online=False, error_code="device_disconnected", error="The lock does not answer its hub."
        )
        common = factory.Trait(kind=Lock.Kind.COMMON)

    connection = factory.SubFactory(ConnectionFactory)
    property = factory.SelfAttribute("connection.property")
    provider_ref = factory.Sequence(lambda n: f"lock-{n}")
    name = factory.Sequence(lambda n: f"Door {n}")
    capabilities = factory.LazyFunction(lambda: as_json(Capabilities(pin_lengths=(4, 6))))
    online = True
    online_changed_at = factory.LazyFunction(lambda: now() - timedelta(hours=2))
    seen_at = factory.LazyFunction(now)
    battery = 0.8

    @factory.post_generation
    def rooms(self, create, rooms, **kwargs):
        if rooms:
            self.rooms.set(rooms)


class AccessGrantFactory(SealedFactory):
    class Meta:
        model = AccessGrant

    property = factory.SubFactory(PropertyFactory)
    name = "Anna Smith, 204"
    starts_at = factory.LazyFunction(lambda: now() - timedelta(hours=1))
    ends_at = factory.LazyFunction(lambda: now() + timedelta(days=1))
    pin = PIN


class AccessCodeFactory(SealedFactory):
    """Asked for and not yet there. `present`: on the lock as wanted; `backup`: of the stock, on the lock."""

    class Meta:
        model = AccessCode

    class Params:
        present = factory.Trait(
            observed="present",
            observed_at=factory.LazyFunction(now),
            observed_ref=factory.Sequence(lambda n: f"code-{n}"),
            observed_pin_index=factory.SelfAttribute("pin_index"),
            status="set",
            pending_mutations=[],
        )
        backup = factory.Trait(
            present=True, is_backup=True, grant=None, name="Latchkey backup", starts_at=None, ends_at=None
        )
        leaving = factory.Trait(
            present=True, wanted=False, status="removing", pending_mutations=[{"mutation_code": "deleting"}]
        )

    lock = factory.SubFactory(LockFactory)
    grant = factory.SubFactory(AccessGrantFactory, property=factory.SelfAttribute("..lock.property"))
    name = factory.LazyAttribute(lambda code: code.grant.name if code.grant else "a code")
    starts_at = factory.LazyAttribute(lambda code: code.grant and code.grant.starts_at)
    ends_at = factory.LazyAttribute(lambda code: code.grant and code.grant.ends_at)
    pin = factory.Sequence(lambda n: f"{100000 + n * 101 % 900000}")
    pin_index = factory.LazyAttribute(lambda code: indexes(code.pin)["pin_index"])
    pin4 = factory.LazyAttribute(lambda code: indexes(code.pin)["pin4"])
    asked_at = factory.LazyFunction(now)
    pending_mutations = [{"mutation_code": "creating"}]


class StaffCodeFactory(DjangoModelFactory):
    """On every door, until it is taken off."""

    class Meta:
        model = StaffCode

    property = factory.SubFactory(PropertyFactory)
    name = "Maria Lopez"
    where = StaffCode.Where.ALL
    when = StaffCode.When.ONGOING
    grant = factory.SubFactory(AccessGrantFactory, property=factory.SelfAttribute("..property"), ends_at=None)


class ApiKeyFactory(DjangoModelFactory):
    """May read, and has no end."""

    class Meta:
        model = ApiKey

    property = factory.SubFactory(PropertyFactory)
    name = "The booking program"
    hash = factory.Sequence(lambda n: f"{n:064d}")
    begins = "seam_lk_0000"
    scopes = ["read"]
    account = factory.SubFactory(
        UserFactory, first_name=factory.SelfAttribute("..name"), last_name="", is_active=False
    )
    created_at = factory.LazyFunction(now)


class EventFactory(DjangoModelFactory):
    class Meta:
        model = Event

    lock = factory.SubFactory(LockFactory)
    property = factory.SelfAttribute("lock.property")
    event_type = "lock.unlocked"
    occurred_at = factory.LazyFunction(now)


class WebhookFactory(SealedFactory):
    """Told of everything, since an hour ago."""

    class Meta:
        model = Webhook

    property = factory.SubFactory(PropertyFactory)
    url = "https://program.example/hooks"
    event_types = ["*"]
    secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
    created_at = factory.LazyFunction(lambda: now() - timedelta(hours=1))
    scanned_at = factory.LazyFunction(now)


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = Delivery

    webhook = factory.SubFactory(WebhookFactory)
    event = factory.SubFactory(
        EventFactory, lock__connection__property=factory.SelfAttribute("....webhook.property")
    )
    next_at = factory.LazyFunction(now)
    ended_at = factory.LazyAttribute(lambda made: None if made.state == "waiting" else now())
    state = "waiting"


class DeliveryAttemptFactory(DjangoModelFactory):
    """The other side did not take it."""

    class Meta:
        model = DeliveryAttempt

    delivery = factory.SubFactory(DeliveryFactory)
    at = factory.LazyFunction(now)
    duration_ms = 120
    status_code = 500
    said = "The program's own words: " + "long" * 50
    trouble = "refused"


class AuditEntryFactory(DjangoModelFactory):
    class Meta:
        model = AuditEntry

    property = factory.SubFactory(PropertyFactory)
    action = "stay.booked"
    subject_id = factory.Faker("uuid4")


class GuestFactory(DjangoModelFactory):
    class Meta:
        model = Guest

    property = factory.SubFactory(PropertyFactory)
    name = "Anna Smith"


class ReservationFactory(DjangoModelFactory):
    class Meta:
        model = Reservation

    guest = factory.SubFactory(GuestFactory)
    property = factory.SelfAttribute("guest.property")
    external_id = factory.Sequence(lambda n: f"REF{n}")


class StayFactory(DjangoModelFactory):
    """Booked from today for two nights. `in_house` and `departed` have been checked in (and out) today."""

    class Meta:
        model = Stay

    class Params:
        guest_name = "Anna Smith"
        in_house = factory.Trait(state=StayState.IN_HOUSE, checked_in_at=factory.LazyFunction(now))
        departed = factory.Trait(
            state=StayState.DEPARTED,
            checked_in_at=factory.LazyFunction(lambda: now() - timedelta(days=1)),
            checked_out_at=factory.LazyFunction(now),
        )

    property = factory.SubFactory(PropertyFactory)
    reservation = factory.SubFactory(
        ReservationFactory,
        guest__property=factory.SelfAttribute("...property"),
        guest__name=factory.SelfAttribute("...guest_name"),
    )
    arrival = factory.LazyAttribute(lambda stay: today(stay.property))
    departure = factory.LazyAttribute(lambda stay: stay.arrival + timedelta(days=2))


class NoteFactory(DjangoModelFactory):
    """On a stay, open."""

    class Meta:
        model = Note

    stay = factory.SubFactory(StayFactory)
    property = factory.SelfAttribute("stay.property")
    text = "Arrives late"
    written_at = factory.LazyFunction(now)
    written_by = factory.SubFactory(UserFactory)


class CompanionFactory(DjangoModelFactory):
    """Shares the guest's code."""

    class Meta:
        model = Companion

    stay = factory.SubFactory(StayFactory)
    name = "Ben Okri"


class HandoverFactory(DjangoModelFactory):
    """Signed just now, with nothing open."""

    class Meta:
        model = Handover

    property = factory.SubFactory(PropertyFactory)
    since = signed_at = factory.LazyFunction(now)
    sections = []
    signed_by = factory.SubFactory(UserFactory)
    signed_name = "Ana Clerk"


class ImportProfileFactory(DjangoModelFactory):
    class Meta:
        model = ImportProfile

    property = factory.SubFactory(PropertyFactory)
    source = "booking.com"


class CalendarFeedFactory(SealedFactory):
    """Never read yet, at a port where nobody listens."""

    class Meta:
        model = CalendarFeed

    room = factory.SubFactory(RoomFactory)
    property = factory.SelfAttribute("room.property")
    source = CalendarFeed.Source.AIRBNB
    host = "127.0.0.1"
    url = "http://127.0.0.1:9/calendar.ics?s=a-key-of-the-portal"
    url_index = factory.Sequence(lambda n: n)
    created_at = due_at = factory.LazyFunction(now)


class CalendarEventFactory(DjangoModelFactory):
    """A stay in ten days that nobody has booked here."""

    class Meta:
        model = CalendarEvent

    feed = factory.SubFactory(CalendarFeedFactory)
    uid = factory.Sequence(lambda n: f"stay-{n}@portal")
    uid_index = factory.Sequence(lambda n: n)
    number = factory.Sequence(lambda n: f"HMSTAY{n}")
    is_stay = True
    arrival = factory.LazyAttribute(lambda event: today(event.feed.property) + timedelta(days=10))
    departure = factory.LazyAttribute(lambda event: event.arrival + timedelta(days=2))
    seen_at = factory.LazyFunction(now)


class FeedTokenFactory(DjangoModelFactory):
    class Meta:
        model = FeedToken

    property = factory.SubFactory(PropertyFactory)
    name = "The message program"
    hash = factory.Sequence(lambda n: f"{n:064d}")
    begins = "lk_00000"
    created_at = factory.LazyFunction(now)


class MessageTemplateFactory(DjangoModelFactory):
    class Meta:
        model = MessageTemplate

    property = factory.SubFactory(PropertyFactory)
    name = "Your code"
    subject = "Your stay at {property}"
    body = "Hello {guest}"


class MessageRuleFactory(DjangoModelFactory):
    class Meta:
        model = MessageRule

    property = factory.SubFactory(PropertyFactory)
    name = "Your code"
    when = When.CHECK_IN


class MessageFactory(DjangoModelFactory):
    """Waiting to go out. What is sent already is given as it would stand then."""

    class Meta:
        model = Message

    stay = factory.SubFactory(StayFactory)
    about = "check_in: Your code"
    reason = factory.SelfAttribute("about")
    name = "Your code"
    channel = Channel.FILE
    created_at = not_before = woken_at = sent_at = factory.LazyFunction(now)


def today(property: Property) -> date:
    """The property's today."""
    return now().astimezone(property.zone).date()
