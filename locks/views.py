"""The locks' pages: which doors answer, what is on them, what happened there, and taking over a code that was found,
or taking it off again. Never a PIN."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from hospitality import access, audit, clock
from hospitality.access import DESK, MANAGER, OWNER, signed_in
from hospitality.htmx import done, refused, render_page
from hospitality.models import MOST_BACKUPS, Property, Role
from hospitality.ordering import natural
from hospitality.wall import Wall
from locks import (
    alarms,
    capabilities,
    code_page,
    lock_page,
    names,
    queries,
    remedies,
    unmanaged,
    wishes,
    words,
)
from locks.alarms import Alarm
from locks.known import Doors, Places
from locks.models import AccessCode, Connection, FoundDevice, Lock
from locks.said import Said

CLOSE = "dialog:close"
TAKE_OFF = gettext_lazy("Take it off the lock")


@dataclass(frozen=True)
class LockLine:
    """One lock on the list, in words."""

    key: str
    url: str
    name: str
    rooms: str
    common: bool
    health: list[Said]
    stock: Said
    codes: str
    seen: str
    trouble: str


@dataclass(frozen=True)
class LostLine:
    """A lock that another has replaced."""

    url: str
    name: str
    when: str
    by_name: str
    by_url: str


@dataclass(frozen=True)
class AlarmLine:
    """One alarm in words, with what its reader can do about it. `url` leads to its one lock; empty: it stands here."""

    about: str
    said: Said
    remedy: str
    url: str


@signed_in
@require_safe
def lock_list(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, DESK, OWNER)
    wall = Wall(property, clock.now())
    doors = queries.doors(property, replaced=True)
    locks = list(
        Lock.objects.filter(property=property).select_related("replaced_by").prefetch_related("rooms")
    )
    lines = _lock_lines(property, locks, doors, wall)
    found = FoundDevice.objects.filter(connection__property=property, dismissed_at__isnull=True)
    context = {
        "property": property,
        "alarms": _alarm_lines(property, request.role, doors, wall),
        "connections": Connection.objects.filter(property=property, state=Connection.State.DISCONNECTED),
        "may_place": request.role != DESK,
        "found": found.select_related("connection"),
        "lines": lines,
        "lost": [_lost_line(property, lock, wall) for lock in locks if lock.replaced_by_id],
        "zone_name": wall.zone_name,
        "trigger": ", ".join(
            [*(f"sse:{line.key}" for line in lines), "sse:board", "sse:refresh", "every 60s"]
        ),
    }
    return render_page(request, "locks.html", context, partial="list")


@signed_in
@require_safe
def lock(request: HttpRequest, slug: str, lock_id) -> HttpResponse:
    property = access.enter(request, slug, DESK, OWNER)
    found = find_lock(property, lock_id)
    return render_page(request, "lock.html", lock_context(found, request.role), partial="live")


@signed_in
@require_safe
def code(request: HttpRequest, slug: str, lock_id, code_id) -> HttpResponse:
    """One code and its history, for who looks after the lock."""
    property = access.enter(request, slug, OWNER)
    found = find_lock(property, lock_id)
    one = get_object_or_404(AccessCode, lock=found, public_id=code_id)
    wall = Wall(property, clock.now())
    context = {
        "property": property,
        "lock": found,
        "page": code_page.read(one, found, request.role, wall),
        "zone_name": wall.zone_name,
        "trigger": code_page.trigger(one, found),
    }
    return render_page(request, "code.html", context, partial="live")


@signed_in
@require_http_methods(["GET", "POST"])
def adopt(request: HttpRequest, slug: str, lock_id, code_id) -> HttpResponse:
    """GET says what will happen to a code that was not made here and asks; POST takes it over."""
    property = access.enter(request, slug, OWNER)
    found = find_lock(property, lock_id)
    code = get_object_or_404(AccessCode.objects.filter(lock=found), public_id=code_id)
    page = reverse("lock", args=[slug, lock_id])
    if request.method == "GET":
        if code.is_managed:
            return redirect(page)
        return render_page(request, "adopt.html", _adopt_context(found, code, page), partial="dialog")
    allowed = request.POST.get("outside") == "1"
    verb = partial(unmanaged.adopt, is_external_modification_allowed=allowed)
    try:
        adopted = _once(code, verb, "code.adopted", by=request.user, may_be_changed_outside=allowed)
    except unmanaged.NotPossible as refusal:
        return refused(
            request,
            "lock.html",
            lock_context(find_lock(property, lock_id), request.role),
            partial="live",
            why=str(refusal),
            status=422,
            headers={"HX-Trigger": CLOSE},
        )
    facts = {"code": code.name, "lock": found}
    if adopted:
        return show_lock(request, property, lock_id, _("“%(code)s” on %(lock)s is adopted.") % facts)
    return show_lock(request, property, lock_id, _("“%(code)s” was adopted before.") % facts)


@signed_in
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, slug: str, lock_id, code_id) -> HttpResponse:
    """GET says what will happen to an adopted code and asks; POST wants it off its lock."""
    property = access.enter(request, slug, OWNER)
    found = find_lock(property, lock_id)
    code = get_object_or_404(AccessCode.objects.filter(unmanaged.ADOPTED, lock=found), public_id=code_id)
    if request.method == "GET":
        page = reverse("lock", args=[slug, lock_id])
        if not (code.wanted and code.live):
            return redirect(page)
        context = {
            "property": property,
            "about": _("“%(code)s” on %(lock)s") % {"code": code.name, "lock": found},
            "warnings": [
                _("It stops opening once the lock confirms that it is off."),
                _("It cannot be brought back here."),
            ],
            "yes": TAKE_OFF,
            "target": "#live",
            "back": page,
        }
        return render_page(request, "confirm.html", context, partial="dialog")
    removed = _once(code, unmanaged.remove, "code.removed", by=request.user)
    if removed:
        said = _("“%(code)s” is being taken off %(lock)s; it may open until the lock confirms.")
    else:
        said = _("“%(code)s” was taken off before.")
    return show_lock(request, property, lock_id, said % {"code": code.name, "lock": found})


def show_lock(request: HttpRequest, property: Property, lock_id, toast: str) -> HttpResponse:
    """The lock's page as it is now, with what was done."""
    context = lock_context(find_lock(property, lock_id), request.role)
    page = reverse("lock", args=[property.slug, lock_id])
    headers = {"HX-Trigger": CLOSE}
    return done(request, "lock.html", context, partial="live", to=page, toast=toast, headers=headers)


@transaction.atomic
def _once(code: AccessCode, verb: Callable, action: str, *, by, **detail) -> bool:
    """Carry out a verb on a code and put it on the record; False if somebody was first. Raises what the verb
    raises."""
    wishes.hold([code.lock])
    before = AccessCode.objects.values_list("generation", flat=True).get(pk=code.pk)
    code = verb(code, by=by)
    if code.generation == before:
        return False
    lock = code.lock
    audit.record(
        lock.property,
        by=by,
        action=action,
        subject_id=code.public_id,
        lock=lock.name,
        name=code.name,
        **detail,
    )
    return True


def find_lock(property: Property, lock_id) -> Lock:
    """The lock, looked up through the property. Raises Http404."""
    related = ("property", "connection", "replaced_by")
    return get_object_or_404(Lock.objects.select_related(*related), property=property, public_id=lock_id)


def lock_context(lock: Lock, role: Role) -> dict:
    """What lock.html needs."""
    wall = Wall(lock.property, clock.now())
    return {
        "property": lock.property,
        "lock": lock,
        "page": lock_page.read(lock, role, wall),
        "can": capabilities.of(lock),
        "rooms": [room.name for room in lock.rooms.all()],
        "replaces": lock.replaces.first(),
        "replaced_at": wall.time(lock.replaced_at) if lock.replaced_at else "",
        "may_adopt": role != DESK and lock.replaced_by_id is None,
        "most_backups": MOST_BACKUPS,
        "zone_name": wall.zone_name,
        "trigger": f"sse:lock-{lock.public_id}, sse:board, sse:refresh, every 60s",
    }


def _adopt_context(lock: Lock, code: AccessCode, page: str) -> dict:
    """What adopt.html needs: the code's new name and its window, as they will be."""
    wall = Wall(lock.property, clock.now())
    return {
        "property": lock.property,
        "lock": lock,
        "code": code,
        "back": page,
        "called": names.on_device(code.name, code.public_id, capabilities.of(lock).names),
        "ends": wall.time(code.ends_at) if code.ends_at else "",
    }


def _lock_lines(property: Property, locks: list[Lock], doors: Doors, wall: Wall) -> list[LockLine]:
    stocks, counts = queries.stocks(property), queries.code_counts(property)
    lines = []
    for one in locks:
        door = doors.by_id.get(one.pk)
        if door is None or door.gone:
            continue
        size = door.pool(property.backup_pool_size)
        count = counts.get(one.pk, Places())
        lines.append(
            LockLine(
                key=f"lock-{one.public_id}",
                url=reverse("lock", args=[property.slug, one.public_id]),
                name=one.name,
                rooms=", ".join(room.name for room in one.rooms.all()) or _("no room"),
                common=door.common,
                health=words.health_words(door, wall),
                stock=words.stock_words(stocks.get(one.pk), size),
                codes=lock_page.places_words(count.present, count.waiting, door.slots),
                seen=wall.time(one.seen_at) if one.seen_at else _("never"),
                trouble=_(one.error),
            )
        )
    return sorted(lines, key=lambda line: (not line.common, natural(line.name)))


def _lost_line(property: Property, lock: Lock, wall: Wall) -> LostLine:
    return LostLine(
        url=reverse("lock", args=[property.slug, lock.public_id]),
        name=lock.name,
        when=wall.time(lock.replaced_at) if lock.replaced_at else "",
        by_name=lock.replaced_by.name,
        by_url=reverse("lock", args=[property.slug, lock.replaced_by.public_id]),
    )


def _alarm_lines(property: Property, role: Role, doors: Doors, wall: Wall) -> list[AlarmLine]:
    there = Doors({pk: door for pk, door in doors.by_id.items() if not door.gone}, doors.by_room)
    found = alarms.alarms(property, wall.now, doors=there)
    return [
        AlarmLine(
            alarm.about,
            Said(alarm.tone, alarm.text),
            alarm.remedy.for_role(role),
            _url(alarm, property, role, there),
        )
        for alarm in found
    ]


def _url(alarm: Alarm, property: Property, role: Role, doors: Doors) -> str:
    if alarm.kind == remedies.NOT_PLACED and role != DESK:
        return reverse("new_locks", args=[property.slug])
    if alarm.kind == remedies.NOT_TOLD and role == MANAGER:
        return reverse("programs", args=[property.slug])
    if len(alarm.lock_ids) != 1:
        return ""
    return reverse("lock", args=[property.slug, doors.by_id[alarm.lock_ids[0]].public_id])
