"""New devices in the house's accounts: a person says where each one hangs. What a name suggests is shown in one table,
and holds once it is confirmed.

Here and not beside the locks because stays must follow: the guests of the rooms get the door.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hospitality import access, clock
from hospitality.access import OWNER, signed_in
from hospitality.htmx import render_page, said_yes
from hospitality.models import Property, Room
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
        messages.error(request, "Nothing was ticked, so nothing was placed.")
        return _page(request, property, status=422)
    done = suggested_locks.place(property, answers, by=request.user)
    if done.locks:
        messages.success(
            request, f"{_count(len(done.locks), 'lock')} placed. The codes of the guests follow."
        )
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
        messages.error(request, "This device was placed a moment ago, or left its account.")
        return _page(request, property, status=404)
    if request.method == "GET":
        return redirect("new_locks", slug)
    try:
        return ANSWERS.get(request.POST.get("answer"), _nothing_said)(request, property, found)
    except placing.NotPossible as refusal:
        messages.error(request, str(refusal))
        return _page(request, property, status=409)


def _nothing_said(request: HttpRequest, property: Property, found: FoundDevice) -> HttpResponse:
    messages.error(request, f"Say where {found.name} is.")
    return _page(request, property, status=422)


def _is_rooms(request: HttpRequest, property: Property, found: FoundDevice) -> HttpResponse:
    form = RoomLockForm(found, request.POST, prefix=_prefix(found, "room"))
    if not form.is_valid():
        return _page(request, property, status=422, sent=form)
    room, name = form.cleaned_data["room"], form.cleaned_data["name"]
    there = room.locks.filter(kind=Lock.Kind.OWN, replaced_by__isnull=True)
    if there and not said_yes(request):
        known = " and ".join(lock.name for lock in there)
        question = [
            f"{room} has a lock of its own: {known}. The codes of its guests will be on both.",
            "If the new lock hangs where that one hung, go back and say that it takes its place.",
        ]
        return _ask(request, property, found, question, yes=f"It is another door of {room}")
    return _place(request, found, name=name, kind=Lock.Kind.OWN, rooms=[room])


def _is_common(request: HttpRequest, property: Property, found: FoundDevice) -> HttpResponse:
    form = CommonDoorForm(found, request.POST, prefix=_prefix(found, "common"))
    if not form.is_valid():
        return _page(request, property, status=422, sent=form)
    rooms, name = list(form.cleaned_data["rooms"]), form.cleaned_data["name"]
    return _place(request, found, name=name, kind=Lock.Kind.COMMON, rooms=rooms)


def _place(
    request: HttpRequest, found: FoundDevice, *, name: str, kind: str, rooms: Sequence[Room]
) -> HttpResponse:
    with_stays(rooms, lambda: placing.place(found, by=request.user, name=name, kind=kind, rooms=rooms))
    where = (
        f"the door of {rooms[0]}"
        if kind == Lock.Kind.OWN
        else f"a common door of {_count(len(rooms), 'room')}"
    )
    messages.success(request, f"{name} is {where}. The codes of its guests follow.")
    return redirect("new_locks", found.connection.property.slug)


def _replaces(request: HttpRequest, property: Property, found: FoundDevice) -> HttpResponse:
    wall = Wall(property, clock.now())
    doors = queries.doors(property)
    form = ReplaceForm(found, doors, wall, request.POST, prefix=_prefix(found, "replaces"))
    if not form.is_valid():
        return _page(request, property, status=422, sent=form)
    old = form.cleaned_data["lock"]
    if not said_yes(request):
        question = _replace_words(old, found, answers=doors.by_id[old.pk].reachable)
        return _ask(request, property, found, question, yes=f"It takes the place of {old}")
    new = with_stays(list(old.rooms.all()), lambda: placing.replace(old, found, by=request.user))
    messages.success(request, f"{new} is replaced. Its codes go on the new lock now.")
    return redirect("lock", property.slug, new.public_id)


def _replace_words(old: Lock, found: FoundDevice, *, answers: bool) -> list[str]:
    """What a person must know before a lock is given up."""
    estate = placing.estate(old)
    arithmetic = found.capabilities and not found.capabilities["can_program_online_access_codes"]
    words = [f"{old} answers at this moment. Is it really the lock that is gone?"] if answers else []
    codes = f"{_count(estate.running, 'code')} in use and {_count(estate.coming, 'code')} to come"
    if arithmetic:
        words.append(f"On {old}: {codes}. The new lock is never asked: issue each guest an offline code.")
    else:
        words.append(f"On {old}: {codes}. They go on the new lock, and guests keep their PIN.")
    words.append("The old lock's backup codes are never used again.")
    words += [f"{name} has a backup code of the old lock: hand out another." for name in estate.backups]
    words += [f"{name} has an offline code of the old lock: give them another." for name in estate.offline]
    return [*words, "What is on the old lock is unknown from now on. This cannot be taken back."]


def _dismiss(request: HttpRequest, property: Property, found: FoundDevice) -> HttpResponse:
    placing.dismiss(found, by=request.user)
    messages.success(request, f"{found.name} is none of this house's doors. It is kept below.")
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
        "about": f"New lock: {found.name}",
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


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number or 'no'} {what}s"
