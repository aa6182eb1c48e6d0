"""What owners do about backup codes: look after the stock of all their locks, make codes by hand, put new ones in the
place of old ones, and end what is left on. Who is given one is said in `reservations.desk.giving`."""

from collections.abc import Callable

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from hospitality import access, audit, clock
from hospitality.access import OWNER, signed_in
from hospitality.htmx import done, refused, render_page
from hospitality.models import MOST_BACKUPS
from hospitality.ordering import listed
from hospitality.wall import Wall
from locks import backups, owner_pages, pins, spares
from locks.forms import MakeForm, PoolForm
from locks.models import AccessCode, Lock
from locks.views import CLOSE, find_lock, lock_context, show_lock

REFUSALS = (backups.NotPossible, pins.NoPin)


@signed_in
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Every lock of the houses that one owns or manages, with its stock of backup codes."""
    return render_page(request, "owner.html", _dashboard_context(request), partial="holdings")


def _dashboard_context(request: HttpRequest) -> dict:
    memberships = access.houses(request, OWNER)
    houses = owner_pages.dashboard(memberships, clock.now())
    topics = [f"sse:{line.topic}" for house in houses for line in house.lines]
    return {
        "houses": houses,
        "most": spares.MOST_AT_ONCE,
        "trigger": ", ".join([*topics, "sse:board", "sse:refresh", "every 60s"]),
    }


@signed_in
@require_safe
def backup_codes(request: HttpRequest, slug: str, lock_id) -> HttpResponse:
    """The backup codes of one lock: what is in stock, and who has the others."""
    lock = _entered(request, slug, lock_id)
    return render_page(request, "backups.html", _context(lock), partial="live")


def _entered(request: HttpRequest, slug: str, lock_id) -> Lock:
    """The lock, for an owner. Raises Http404, also for one that another has replaced, and PermissionDenied."""
    lock = find_lock(access.enter(request, slug, OWNER), lock_id)
    if lock.replaced_by_id:
        raise Http404("Another lock has taken this one's place.")
    return lock


def _context(lock: Lock, form: MakeForm | None = None) -> dict:
    """What backups.html needs."""
    return {
        "property": lock.property,
        "lock": lock,
        "page": owner_pages.backups_page(lock, Wall(lock.property, clock.now())),
        "form": form or MakeForm(lock.property),
        "trigger": f"sse:lock-{lock.public_id}, sse:board, sse:refresh, every 60s",
    }


@signed_in
@require_http_methods(["GET", "POST"])
def pool(request: HttpRequest, slug: str, lock_id) -> HttpResponse:
    """Switch a lock's pool on or off, or say how many it keeps; a GET asks before it is switched off."""
    lock = _entered(request, slug, lock_id)
    if request.method == "GET":
        return _ask_off(request, lock)
    form = PoolForm(request.POST)
    if not form.is_valid():
        why = _("Write how many backup codes the lock is to keep: 0 to %(most)s, or nothing.")
        return _refuse_pool(request, lock, why % {"most": MOST_BACKUPS})
    act = form.cleaned_data["act"]
    verbs: dict[str, Callable] = {"on": backups.switch_on, "off": backups.switch_off, "size": backups.resize}
    wish = {"size": form.cleaned_data["size"]} if act == "size" else {}
    try:
        with transaction.atomic():
            if verbs[act](lock, by=request.user, **wish):
                _record(lock, request, f"backup_pool.{act}", **wish)
    except backups.NotPossible as refusal:
        return _refuse_pool(request, lock, str(refusal))
    return show_lock(request, lock.property, lock_id, _pool_words(lock, act))


def _ask_off(request: HttpRequest, lock: Lock) -> HttpResponse:
    unissued = backups.stock(lock).filter(by_hand=False).count()
    warnings = [
        ngettext(
            "%(count)s backup code that nobody was given will be taken off %(lock)s, and no new ones put on.",
            "%(count)s backup codes that nobody was given will be taken off %(lock)s, and no new ones put on.",
            unissued,
        )
        % {"count": unissued, "lock": lock},
        _("A guest who cannot get in at this door then needs a staff key. Codes that guests have stay."),
    ]
    about = _("Backup codes of %(lock)s") % {"lock": lock}
    context = _question(lock, about, warnings, _("Switch them off"), "lock")
    return render_page(request, "confirm.html", context | {"kept": [("act", "off")]}, partial="dialog")


def _refuse_pool(request: HttpRequest, lock: Lock, why: str) -> HttpResponse:
    context = lock_context(lock, request.role)
    return refused(
        request, "lock.html", context, partial="live", why=why, status=422, headers={"HX-Trigger": CLOSE}
    )


def _pool_words(lock: Lock, act: str) -> str:
    if act == "off":
        return _("%(lock)s keeps no backup codes; those that nobody was given are being taken off.") % {
            "lock": lock
        }
    size = backups.size(lock)
    said = ngettext(
        "%(lock)s keeps %(count)s backup code ready; what lacks goes on the lock now.",
        "%(lock)s keeps %(count)s backup codes ready; what lacks goes on the lock now.",
        size,
    )
    return said % {"lock": lock, "count": size}


@signed_in
@require_http_methods(["GET", "POST"])
def make(request: HttpRequest, slug: str, lock_id) -> HttpResponse:
    """Make backup codes for a lock by hand."""
    lock = _entered(request, slug, lock_id)
    if request.method == "GET":
        return redirect("backups", slug, lock_id)
    form = MakeForm(lock.property, request.POST)
    if not form.is_valid():
        why = " ".join(error for errors in form.errors.values() for error in errors)
        return _refuse(request, lock, why, form)
    count, ends_at = form.cleaned_data["count"], form.ends_at()
    try:
        with transaction.atomic():
            spares.generate(lock, by=request.user, count=count, ends_at=ends_at)
            until = {"until": ends_at.isoformat()} if ends_at else {}
            _record(lock, request, "backup.made", count=count, **until)
    except REFUSALS as refusal:
        return _refuse(request, lock, str(refusal), form)
    said = ngettext(
        "%(count)s backup code is going on %(lock)s; nobody is shown them before they are given out.",
        "%(count)s backup codes are going on %(lock)s; nobody is shown them before they are given out.",
        count,
    )
    return _show(request, lock, said % {"count": count, "lock": lock})


@signed_in
@require_http_methods(["GET", "POST"])
def rotate(request: HttpRequest, slug: str, lock_id, code_id) -> HttpResponse:
    """A new code first; the old one comes off once the new one is confirmed."""
    toast = _("A new code is on its way; the old one comes off once that is confirmed.")
    return _act(request, slug, lock_id, code_id, spares.rotate, "backup.rotated", toast)


@signed_in
@require_http_methods(["GET", "POST"])
def retire(request: HttpRequest, slug: str, lock_id, code_id) -> HttpResponse:
    """Take a backup code off the lock; of one that a guest has, a GET asks first."""

    def question(code: AccessCode) -> list[str]:
        return [
            _("“%(code)s” stops opening %(lock)s once the lock confirms.")
            % {"code": code.name, "lock": code.lock},
            _("If the guest still needs it, they cannot come in with it any more."),
        ]

    toast = _("The code is being taken off; it may open until the lock confirms.")
    return _act(
        request, slug, lock_id, code_id, spares.retire, "backup.retired", toast, question, _("Take it off")
    )


@signed_in
@require_http_methods(["GET", "POST"])
def keep(request: HttpRequest, slug: str, lock_id, code_id) -> HttpResponse:
    """Leave a code that a guest has on the lock after the guest: a GET says what that means."""

    def question(code: AccessCode) -> list[str]:
        who = listed(sorted({one.name for one in code.pulled_for.all()})) or _("Its guest")
        return [
            _("%(who)s knows this code, and so may anybody who was told it.") % {"who": who},
            _("They can all still open %(lock)s after the stay, also while other guests are here.")
            % {"lock": code.lock},
            _("Nothing ends it by itself: it stands in red on your page until you take it off."),
        ]

    toast = _("The code stays on the lock after its guest. Take it off as soon as you can.")
    answers = _("Keep it on the lock anyway"), _("Let it end with the stay")
    return _act(request, slug, lock_id, code_id, spares.keep, "backup.kept", toast, question, *answers)


@signed_in
@require_http_methods(["GET", "POST"])
def end_with_guest(request: HttpRequest, slug: str, lock_id, code_id) -> HttpResponse:
    toast = _("The code ends with its guest again.")
    return _act(request, slug, lock_id, code_id, spares.end_with_guest, "backup.ends_with_guest", toast)


def _act(
    request: HttpRequest,
    slug: str,
    lock_id,
    code_id,
    verb: Callable,
    action: str,
    toast: str,
    question: Callable[[AccessCode], list[str]] | None = None,
    yes: str = "",
    no: str = "",
) -> HttpResponse:
    """Carry out one verb on a backup code, with its entry on the record; a GET asks the `question` first."""
    lock = _entered(request, slug, lock_id)
    code = get_object_or_404(AccessCode.objects.filter(lock=lock, is_backup=True), public_id=code_id)
    if request.method == "GET":
        if question is None or not code.wanted or code.handed_out_at is None:
            return redirect("backups", slug, lock_id)
        about = _("“%(code)s” on %(lock)s") % {"code": code.name, "lock": lock}
        context = _question(lock, about, question(code), yes, "backups")
        return render_page(request, "confirm.html", context | {"no": no or _("Leave it")}, partial="dialog")
    try:
        with transaction.atomic():
            if verb(code, by=request.user):
                detail = {"lock": lock.name, "name": code.name}
                audit.record(
                    lock.property, by=request.user, action=action, subject_id=code.public_id, **detail
                )
    except REFUSALS as refusal:
        return _refuse(request, lock, str(refusal))
    return _show(request, lock, toast)


def _question(lock: Lock, about: str, warnings: list[str], yes: str, page: str) -> dict:
    return {
        "property": lock.property,
        "about": about,
        "warnings": warnings,
        "yes": yes,
        "target": "#live",
        "back": reverse(page, args=[lock.property.slug, lock.public_id]),
    }


def _record(lock: Lock, request: HttpRequest, action: str, **detail) -> None:
    audit.record(
        lock.property, by=request.user, action=action, subject_id=lock.public_id, lock=lock.name, **detail
    )


def _show(request: HttpRequest, lock: Lock, toast: str) -> HttpResponse:
    """The page that was acted on, as it is now, with what was done."""
    if request.POST.get("back") == "dashboard":
        context, template, part, to = (
            _dashboard_context(request),
            "owner.html",
            "holdings",
            reverse("dashboard"),
        )
    else:
        context, template, part = _context(_fresh(lock)), "backups.html", "live"
        to = reverse("backups", args=[lock.property.slug, lock.public_id])
    return done(request, template, context, partial=part, to=to, toast=toast, headers={"HX-Trigger": CLOSE})


def _refuse(request: HttpRequest, lock: Lock, why: str, form: MakeForm | None = None) -> HttpResponse:
    """The same with the sentence that says why not."""
    headers = {"HX-Trigger": CLOSE}
    if request.POST.get("back") == "dashboard":
        context = _dashboard_context(request)
        return refused(
            request, "owner.html", context, partial="holdings", why=why, status=422, headers=headers
        )
    context = _context(_fresh(lock), form)
    return refused(request, "backups.html", context, partial="live", why=why, status=422, headers=headers)


def _fresh(lock: Lock) -> Lock:
    return find_lock(lock.property, lock.public_id)
