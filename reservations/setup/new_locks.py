"""New devices in the house's accounts: a person says where each one hangs. What a name suggests is shown in one table,
and holds once it is confirmed.

Here and not beside the locks because stays must follow: the guests of the rooms get the door.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hospitality import access, clock
from hospitality.access import OWNER, signed_in
from hospitality.htmx import render_page, said_yes
from hospitality.models import Property, Room
from hospitality.ordering import listed
from hospitality.wall import Wall
from locks import placing, queries
from locks.known import Doors
from locks.models import FoundDevice, Lock
from reservations.desk.acts import posted
from reservations.forms import CommonDoorForm, ReplaceForm, RoomLockForm
from reservations.setup import guide, suggested_locks
from reservations.setup.suggested_locks import with_stays


@dataclass(frozen=True)
class Asked:
    """A device to be placed, with a form for each answer; `opened` is the answer that was given and refused."""

    found: FoundDevice
    since: str
    room: RoomLockForm
    common: CommonDoorForm
    replaces: ReplaceForm
    opened: str


@signed_in
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Every device that is not placed yet, and those that were dismissed."""
    property = access.enter(request, slug, OWNER)
    return _page(request, property)


@signed_in
@require_POST
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """The table of suggestions, confirmed by a person: those that are ticked are placed as it says."""
    property = access.enter(request, slug, OWNER)
    answers = request.POST.getlist("place")
    if not answers:
        messages.error(request, _("Nothing was ticked, so nothing was placed."))
        return _page(request, property, status=422)
    done = suggested_locks.place(property, answers, by=request.user)
    if done.locks:
        placed = ngettext("%(count)s lock placed.", "%(count)s locks placed.", len(done.locks))
        placed %= {"count": len(done.locks)}
        messages.success(request, suggested_locks.told(placed, done.locks))
    for sentence in done.refused:
        messages.error(request, sentence)
    return redirect("set_up_next" if guide.is_guided(request) else "new_locks", slug)


@signed_in
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, slug: str, device_id) -> HttpResponse:
    """What a person says of one device, in the field `answer`."""
    property = access.enter(request, slug, OWNER)
    devices = FoundDevice.objects.select_related("connection__property")
    found = devices.filter(connection__property=property, public_id=device_id).first()
    if found is None:
        messages.error(request, _("This device was placed a moment ago, or left its account."))
        return _page(request, property, status=404)
    if request.method == "GET":
        return redirect("new_locks", slug)
    try:
        return ANSWERS.get(request.POST.get("answer"), _nothing_said)(request, property, found)
    except placing.NotPossible as refusal:
        messages.error(request, str(refusal))
        return _page(request, property, status=409)


def _nothing_said(request: HttpRequest, property: Property, found: FoundDevice) -> HttpResponse:
    messages.error(request, _("Say where %(lock)s is.") % {"lock": found.name})
    return _page(request, property, status=422)


def _is_rooms(request: HttpRequest, property: Property, found: FoundDevice) -> HttpResponse:
    form = RoomLockForm(found, request.POST, prefix=_prefix(found, "room"))
    if not form.is_valid():
        return _page(request, property, status=422, sent=form)
    room, name = form.cleaned_data["room"], form.cleaned_data["name"]
    there = room.locks.filter(kind=Lock.Kind.OWN, replaced_by__isnull=True)
    if there and not said_yes(request):
        yes = _("It is another door of %(room)s") % {"room": room}
        return _ask(request, property, found, _another_words(room, there), yes=yes)
    return _place(request, found, name=name, kind=Lock.Kind.OWN, rooms=[room])


def _another_words(room: Room, there: Iterable[Lock]) -> list[str]:
    known = listed([lock.name for lock in there])
    both = _("%(room)s has a lock of its own: %(locks)s. The codes of its guests will be on both.")
    return [
        both % {"room": room, "locks": known},
        _("If the new lock hangs where that one hung, go back and say that it takes its place."),
    ]


def _is_common(request: HttpRequest, property: Property, found: FoundDevice) -> HttpResponse:
    form = CommonDoorForm(found, request.POST, prefix=_prefix(found, "common"))
    if not form.is_valid():
        return _page(request, property, status=422, sent=form)
    rooms, name = list(form.cleaned_data["rooms"]), form.cleaned_data["name"]
    return _place(request, found, name=name, kind=Lock.Kind.COMMON, rooms=rooms)


def _place(
    request: HttpRequest, found: FoundDevice, *, name: str, kind: str, rooms: Sequence[Room]
) -> HttpResponse:
    lock = with_stays(rooms, lambda: placing.place(found, by=request.user, name=name, kind=kind, rooms=rooms))
    messages.success(request, suggested_locks.told(_placed_words(name, kind, rooms), [lock]))
    return redirect("new_locks", found.connection.property.slug)


def _placed_words(name: str, kind: str, rooms: Sequence[Room]) -> str:
    if kind == Lock.Kind.OWN:
        words = _("%(lock)s is the door of %(room)s.")
        return words % {"lock": name, "room": rooms[0]}
    if not rooms:
        return _("%(lock)s is a common door of no rooms.") % {"lock": name}
    return ngettext(
        "%(lock)s is a common door of %(count)s room.",
        "%(lock)s is a common door of %(count)s rooms.",
        len(rooms),
    ) % {"lock": name, "count": len(rooms)}


def _replaces(request: HttpRequest, property: Property, found: FoundDevice) -> HttpResponse:
    wall = Wall(property, clock.now())
    doors = queries.doors(property)
    form = ReplaceForm(found, doors, wall, request.POST, prefix=_prefix(found, "replaces"))
    if not form.is_valid():
        return _page(request, property, status=422, sent=form)
    old = form.cleaned_data["lock"]
    if not said_yes(request):
        question = _replace_words(old, found, answers=doors.by_id[old.pk].reachable)
        return _ask(
            request, property, found, question, yes=_("It takes the place of %(lock)s") % {"lock": old}
        )
    new = with_stays(list(old.rooms.all()), lambda: placing.replace(old, found, by=request.user))
    messages.success(request, _("%(lock)s is replaced. Its codes go on the new lock now.") % {"lock": new})
    return redirect("lock", property.slug, new.public_id)


def _replace_words(old: Lock, found: FoundDevice, *, answers: bool) -> list[str]:
    """What a person must know before a lock is given up."""
    estate = placing.estate(old)
    arithmetic = found.capabilities and not found.capabilities["can_program_online_access_codes"]
    doubt = _("%(lock)s answers at this moment. Is it really the lock that is gone?") % {"lock": old}
    there = _codes_words(estate.running, estate.coming)
    codes = _("On %(lock)s: %(codes)s.") % {"lock": old, "codes": there}
    fate = (
        _("The new lock is never asked: issue each guest an offline code.")
        if arithmetic
        else _("They go on the new lock, and guests keep their PIN.")
    )
    backup = _("%(guest)s has a backup code of the old lock: hand out another.")
    offline = _("%(guest)s has an offline code of the old lock: give them another.")
    return [
        *([doubt] if answers else []),
        f"{codes} {fate}",
        _("The old lock's backup codes are never used again."),
        *(backup % {"guest": name} for name in estate.backups),
        *(offline % {"guest": name} for name in estate.offline),
        _("What is on the old lock is unknown from now on. This cannot be taken back."),
    ]


def _codes_words(running: int, coming: int) -> str:
    """`3 codes in use and no codes to come`."""
    now = ngettext("%(count)s code in use", "%(count)s codes in use", running) % {"count": running}
    soon = ngettext("%(count)s code to come", "%(count)s codes to come", coming) % {"count": coming}
    return _("%(running)s and %(coming)s") % {
        "running": now if running else _("no codes in use"),
        "coming": soon if coming else _("no codes to come"),
    }


def _dismiss(request: HttpRequest, property: Property, found: FoundDevice) -> HttpResponse:
    placing.dismiss(found, by=request.user)
    said = _("%(lock)s is none of this house's doors. It is kept below.")
    messages.success(request, said % {"lock": found.name})
    return redirect("new_locks", property.slug)


def _recall(request: HttpRequest, property: Property, found: FoundDevice) -> HttpResponse:
    placing.recall(found, by=request.user)
    return redirect("new_locks", property.slug)


ANSWERS = {
    "room": _is_rooms,
    "common": _is_common,
    "replaces": _replaces,
    "dismiss": _dismiss,
    "recall": _recall,
}


def _ask(
    request: HttpRequest, property: Property, found: FoundDevice, question: list[str], *, yes: str
) -> HttpResponse:
    context = {
        "property": property,
        "about": _("New lock: %(lock)s") % {"lock": found.name},
        "warnings": question,
        "yes": yes,
        "kept": posted(request),
        "back": reverse("new_locks", args=[property.slug]),
    }
    return render_page(request, "confirm.html", context, status=422)


def _page(request: HttpRequest, property: Property, *, status: int = 200, sent=None) -> HttpResponse:
    """The page; `sent` is a form that was refused."""
    wall, doors = Wall(property, clock.now()), queries.doors(property)
    devices = FoundDevice.objects.filter(connection__property=property).select_related("connection__property")
    offers = suggested_locks.offers(property, devices)
    clear = {offer.device_id for offer in offers}
    asked = [_asked(one, doors, wall, sent) for one in devices if one.dismissed_at is None]
    suggested = [one for one in asked if one.found.pk in clear]
    context = {
        "property": property,
        "zone_name": wall.zone_name,
        "offers": offers,
        "has_rooms": property.rooms.exists(),
        "asked": [one for one in asked if one.found.pk not in clear],
        "suggested": suggested,
        "is_open": any(one.opened for one in suggested),
        "dismissed": [one for one in devices if one.dismissed_at],
    }
    return render_page(request, "new_locks.html", context, status=status)


def _asked(found: FoundDevice, doors: Doors, wall: Wall, sent) -> Asked:
    forms = {
        "room": RoomLockForm(found, prefix=_prefix(found, "room")),
        "common": CommonDoorForm(found, prefix=_prefix(found, "common")),
        "replaces": ReplaceForm(found, doors, wall, prefix=_prefix(found, "replaces")),
    }
    refused = {name: sent for name, form in forms.items() if sent and form.prefix == sent.prefix}
    return Asked(
        found=found, since=wall.time(found.found_at), opened=next(iter(refused), ""), **(forms | refused)
    )


def _prefix(found: FoundDevice, name: str) -> str:
    return f"{name}-{found.public_id.hex[:8]}"
