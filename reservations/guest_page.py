"""The guest's own page: opened by a signed link, without an account. It shows what the guest may be told now and nothing
of anybody else, and takes the word that the door stays shut."""

from dataclasses import dataclass
from itertools import groupby

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hospitality import clock
from hospitality.htmx import done, refused, render_page
from hospitality.ordering import listed
from hospitality.wall import Wall
from reservations import guest_link, guests
from reservations.models import GuestCall, Stay
from reservations.telling import Key, Standing, Told
from reservations.verbs import Refused

PER_MINUTE = 60
"""So often a minute one link is answered by one process: it asks by itself four times."""
NOT_FOR_ROBOTS = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True)
class Shown:
    """Digits, and the doors that open with them."""

    digits: str
    doors: str
    is_backup: bool


@dataclass(frozen=True)
class GuestPage:
    """All of it in words; `called` is since when the desk knows that the guest cannot get in, else empty."""

    standing: Standing
    name: str
    house: str
    room: str
    begins: str
    ends: str
    zone: str
    from_at: str
    keys: list[Shown]
    waiting: str
    earlier: str
    directions: str
    called: str
    may_call: bool


@require_safe
def page(request: HttpRequest, token: str) -> HttpResponse:
    """What the guest may know now; asked again every 15 s."""
    return _for_guest(
        request,
        token,
        lambda stay: render_page(request, "guest.html", _context(request, stay, token), partial="live"),
    )


@require_POST
def cannot_get_in(request: HttpRequest, token: str) -> HttpResponse:
    """The guest cannot get in: a backup code where the house hands one over by itself, else the desk is told."""

    def answer(stay: Stay) -> HttpResponse:
        try:
            helped = guests.cannot_get_in(stay)
        except Refused as refusal:
            return refused(
                request,
                "guest.html",
                _context(request, stay, token),
                partial="live",
                why=str(refusal),
                status=422,
            )
        said = _("Here is another code.") if helped else _("The desk has been told.")
        to = reverse("guest", args=[token])
        return done(request, "guest.html", _context(request, stay, token), partial="live", to=to, toast=said)

    return _for_guest(request, token, answer)


def _for_guest(request: HttpRequest, token: str, answer) -> HttpResponse:
    """`answer(stay)` for a good link that is not asked too often, else a page that says what to do and no more."""
    try:
        stay = guest_link.find(token)
    except Stay.DoesNotExist:
        response = render_page(request, "guest_unknown.html", {}, status=404)
    else:
        key = f"guest-{stay.public_id}"
        cache.add(key, 0, 60)
        if cache.incr(key) > PER_MINUTE:
            response = render_page(request, "guest_unknown.html", {"too_often": True}, status=429)
            response.headers["Retry-After"] = "60"
        else:
            response = answer(stay)
    for name, value in NOT_FOR_ROBOTS.items():
        response.headers[name] = value
    return response


def _context(request: HttpRequest, stay: Stay, token: str) -> dict:
    """Somebody of the house who opens the link has seen the digits by name."""
    told = guests.tell(stay, how="page", by=request.user if request.user.is_authenticated else None)
    return {"page": _read(stay, told, Wall(stay.property, clock.now())), "token": token}


def _read(stay: Stay, told: Told, wall: Wall) -> GuestPage:
    over = told.standing is Standing.OVER
    call = GuestCall.objects.filter(stay=stay, closed_at__isnull=True).first()
    return GuestPage(
        standing=told.standing,
        name="" if over else stay.reservation.guest.name,
        house=stay.property.name,
        room="" if over or not stay.room else stay.room.name,
        begins=wall.full(told.begins) if told.begins else "",
        ends=wall.full(told.until) if told.until else "",
        zone=wall.zone_name,
        from_at=wall.full(told.from_at) if told.from_at else "",
        keys=_shown(told.keys),
        waiting=listed([one.door for one in told.missing if not one.earlier]),
        earlier=listed([one.door for one in told.missing if one.earlier]),
        directions="" if over else stay.property.directions,
        called=wall.time(call.pressed_at) if call else "",
        may_call=told.standing in (Standing.READY, Standing.PREPARING),
    )


def _shown(keys: list[Key]) -> list[Shown]:
    """The same digits once, with all their doors."""
    keys = sorted(keys, key=lambda key: (key.digits, key.kind))
    found = []
    for (digits, kind), alike in groupby(keys, key=lambda key: (key.digits, key.kind)):
        found.append(Shown(digits, listed([key.door for key in alike]), kind == "backup"))
    return sorted(found, key=lambda one: one.doors)
