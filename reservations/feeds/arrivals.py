"""Who arrives, for another program: n days ahead, in JSON; guests' data and door codes only for a token that may have
them. Each code stands beside what is known of it at its door."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from hospitality import audit, clock
from hospitality.models import AuditEntry, Property
from hospitality.wall import Wall
from locks import codes, queries, words
from locks.known import Code, Doors
from locks.models import AccessCode
from reservations import grants, telling
from reservations.feeds import keys
from reservations.feeds.answers import answer, in_english, refusal, too_often
from reservations.feeds.models import FeedToken
from reservations.models import Stay, StayState
from reservations.verbs import held, record, verb

DAYS, MOST_DAYS = 3, 14
PER_MINUTE, STRANGERS_PER_MINUTE = 60, 30
TOLD = "feed.told"


@require_GET
@in_english
def arrivals(request: HttpRequest, property_id: UUID) -> HttpResponse:
    """GET /feeds/<property>/arrivals.json?days=3 with `Authorization: Bearer <token>`: today's arrivals and those of so
    many days more. 401 without a good token, 400 for days that cannot be, 429 too often."""
    property = Property.objects.filter(public_id=property_id).first()
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    token = keys.find_token(property, text.strip()) if property and scheme.lower() == "bearer" else None
    if token is None:
        why = "Send a token of this house as 'Authorization: Bearer lk_...'. A manager makes one on the page Feeds."
        limit = too_often(f"strangers-{property_id}", STRANGERS_PER_MINUTE)
        return limit or refusal(401, why, WWW_Authenticate="Bearer")
    if full := too_often(f"token-{token.public_id}", PER_MINUTE):
        return full
    days = request.GET.get("days", str(DAYS))
    if not (days.isascii() and days.isdigit() and len(days) < 4 and int(days) <= MOST_DAYS):
        return refusal(400, f"'days' must be a whole number from 0 to {MOST_DAYS}.")
    FeedToken.objects.filter(pk=token.pk).update(used_at=clock.now())
    return answer(_body(token, int(days)))


def _body(token: FeedToken, days: int) -> dict:
    hotel = token.property
    wall = Wall(hotel, clock.now())
    stays = Stay.objects.filter(
        property=hotel,
        state__in=[StayState.BOOKED, StayState.IN_HOUSE],
        arrival__range=(wall.today, wall.today + timedelta(days=days)),
    )
    related = ("property", "reservation__guest", "room", "grant")
    stays = list(stays.select_related(*related).order_by("arrival", "room__name", "pk"))
    doors = queries.doors(hotel) if token.with_codes else None
    told = [_stay(stay, token, doors, wall) for stay in stays]
    with_pins = [one["stay_id"] for one in told if any("pin" in code for code in one.get("codes", ()))]
    if with_pins:
        audit.record(
            hotel,
            by=None,
            action="feed.codes_read",
            subject_id=token.public_id,
            name=token.name,
            stays=with_pins,
        )
    return {
        "property": {"property_id": str(hotel.public_id), "name": hotel.name, "time_zone": hotel.time_zone},
        "from": wall.today.isoformat(),
        "days": days,
        "generated_at": wall.now.isoformat(),
        "arrivals": told,
    }


def _stay(stay: Stay, token: FeedToken, doors: Doors | None, wall: Wall) -> dict:
    booking = stay.reservation
    begins, ends = grants.window(stay)
    told = {
        "stay_id": str(stay.public_id),
        "number": booking.external_id,
        "source": booking.source,
        "part": stay.part,
        "state": stay.state,
        "room": stay.room.name if stay.room else None,
        "unit_type": stay.unit_type,
        "arrival": stay.arrival.isoformat(),
        "departure": stay.departure.isoformat(),
        "starts_at": begins.isoformat(),
        "ends_at": ends.isoformat(),
    }
    if token.with_guests:
        guest = booking.guest
        told["guest"] = {
            "name": guest.name,
            "email": guest.email,
            "phone": guest.phone,
            "language": guest.language,
        }
    if doors is not None:
        known_from = telling.known_from(stay)
        told["guest_may_know_from"] = known_from.isoformat() if known_from else None
        told["codes"] = disclose(stay, token, doors, wall)
    return told


@verb
def disclose(stay: Stay, token: FeedToken, doors: Doors, wall: Wall) -> list[dict]:
    """The stay's codes with their digits, door by door, and on record that this reader knows them: from now on the PIN
    does not change by itself."""
    stay = held(stay)
    if stay.grant is None or stay.grant.revoked_at:
        return []
    if stay.grant.told_at is None:
        codes.tell_pin(stay.grant)
    wanted = [
        code
        for code in queries.codes_of([stay.grant_id])[stay.grant_id]
        if code.wanted and code.lock_id in doors.by_id
    ]
    rows = AccessCode.objects.filter(pk__in=[code.id for code in wanted]).only(
        "pk", "public_id", "pin_sealed"
    )
    digits = {row.pk: row.pin for row in rows}
    told = [_code(code, digits[code.id], doors, wall) for code in wanted]
    what = [f"{one['door']}: {one['access_code_id']}" for one in told if "pin" in one]
    about = {"action": TOLD, "detail__reader": str(token.public_id), "detail__what": what}
    if what and not AuditEntry.objects.filter(subject_id=stay.public_id, **about).exists():
        record(stay, by=None, action=TOLD, reader=str(token.public_id), name=token.name, what=what)
    return told


def _code(code: Code, digits: str | None, doors: Doors, wall: Wall) -> dict:
    """A code made by arithmetic has no digits before it is issued."""
    door = doors.by_id[code.lock_id]
    confirmed = code.confirmed_on(door)
    told = {
        "door": door.name,
        "access_code_id": str(code.public_id),
        "status": code.status,
        "is_confirmed": confirmed,
        "confirmed_at": code.observed_at.isoformat() if confirmed and code.observed_at else None,
        "words": words.code_words(code, door, wall).text,
    }
    if digits and (not code.is_offline_access_code or code.issued_at):
        told["pin"] = digits
    return told
