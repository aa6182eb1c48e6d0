"""Who works here: a manager sees, invites, changes and ends. What is not allowed is said in one sentence."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hospitality import access, clock
from hospitality.access import MANAGER, signed_in
from hospitality.forms import InviteForm
from hospitality.htmx import render_page, said_yes
from hospitality.models import Invitation, Membership, Property, Role
from hospitality.setup import invitation_mail, passwords, staff
from hospitality.wall import Wall

PAGE = "settings/people.html"


@signed_in
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    return _page(request, property)


@dataclass(frozen=True)
class Person:
    """Somebody who works here. `link`: by which they choose a new password, good `until` then."""

    membership: Membership
    may_renew: bool
    renewal: Invitation | None
    link: str
    until: str


def _page(request: HttpRequest, property: Property, *, form=None, status: int = 200) -> HttpResponse:
    wall = Wall(property, clock.now())
    waiting = property.invitations.filter(closed_at=None, renews=None).select_related("invited_by")
    context = {
        "property": property,
        "people": _people(property, request.user, wall),
        "waiting": [
            (one, staff.link(one), one.ends_at > wall.now, wall.time(one.ends_at)) for one in waiting
        ],
        "form": form or InviteForm(),
        "roles": Role.choices,
        "mail_ready": invitation_mail.is_ready(),
        "zone_name": wall.zone_name,
    }
    return render_page(request, PAGE, context, status=status)


def _people(property: Property, by, wall: Wall) -> list[Person]:
    working = list(
        property.memberships.select_related("user").order_by("role", "user__first_name", "user__username")
    )
    reach = passwords.within_reach(by, [one.user for one in working])
    there = property.invitations.filter(closed_at=None, renews__in=reach, ends_at__gt=wall.now)
    open_ones = {one.renews_id: one for one in there}
    return [_person(one, one.user_id in reach, open_ones.get(one.user_id), wall) for one in working]


def _person(membership: Membership, may_renew: bool, renewal: Invitation | None, wall: Wall) -> Person:
    return Person(
        membership,
        may_renew,
        renewal,
        link=staff.link(renewal) if renewal else "",
        until=wall.time(renewal.ends_at) if renewal else "",
    )


@signed_in
@require_POST
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """A new link; e-mailed where there is an address and a mail server, and shown to be copied in any case."""
    property = access.enter(request, slug, MANAGER)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, property, form=form, status=422)
    made = staff.invite(property, by=request.user, **form.cleaned_data)
    _say(request, made)
    return redirect("people", slug)


@signed_in
@require_POST
def invite_again(request: HttpRequest, slug: str, invitation_id) -> HttpResponse:
    """Another link, good for a week from now; the one before holds no more."""
    property = access.enter(request, slug, MANAGER)
    waiting = property.invitations.filter(closed_at=None, renews=None)
    old = get_object_or_404(waiting, public_id=invitation_id)
    made = staff.invite(property, by=request.user, name=old.name, role=old.role, email=old.email)
    _say(request, made)
    return redirect("people", slug)


def _say(request: HttpRequest, made) -> None:
    problem = invitation_mail.send(made) if made.email else "no address"
    facts = {"name": made.name, "address": made.email, "problem": problem}
    if not problem:
        said = _("%(name)s is invited: the mail server took the e-mail to %(address)s.") % facts
        messages.success(request, said)
    elif made.email and invitation_mail.is_ready():
        said = _("The e-mail to %(name)s did not go out: %(problem)s Copy the link below.") % facts
        messages.error(request, said)
    else:
        said = _("%(name)s is invited. Copy the link below and hand it over.") % facts
        messages.success(request, said)


@signed_in
@require_POST
def withdraw(request: HttpRequest, slug: str, invitation_id) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    found = get_object_or_404(property.invitations, public_id=invitation_id)
    staff.withdraw(found, by=request.user)
    messages.success(request, _("The link of %(name)s opens nothing any more.") % {"name": found.name})
    return redirect("people", slug)


@signed_in
@require_POST
def change_role(request: HttpRequest, slug: str, username: str) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    found = _find(property, username)
    role = request.POST.get("role")
    if role not in Role.values:
        messages.error(request, _("Choose one of the roles."))
        return _page(request, property, status=422)
    try:
        staff.change_role(found, Role(role), by=request.user)
    except staff.Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, property, status=409)
    said = _("%(name)s works here as %(role)s from now on.")
    messages.success(request, said % {"name": _called(found), "role": Role(role).label})
    return redirect(
        "home" if found.user_id == request.user.pk else "people", *_slug_unless_own(request, found)
    )


@signed_in
@require_POST
def password(request: HttpRequest, slug: str, username: str) -> HttpResponse:
    """A link by which a colleague chooses a new password; e-mailed like an invitation, and shown in any case."""
    property = access.enter(request, slug, MANAGER)
    found = _find(property, username)
    try:
        made = passwords.offer(found, by=request.user)
    except staff.Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, property, status=409)
    problem = invitation_mail.send(made) if made.email and invitation_mail.is_ready() else ""
    facts = {"name": made.name, "address": made.email, "problem": problem}
    if problem:
        said = _("The e-mail to %(name)s did not go out: %(problem)s Copy the link below.") % facts
        messages.error(request, said)
    else:
        said = _("%(name)s can choose a new password. Copy the link below and hand it over.") % facts
        if made.email and invitation_mail.is_ready():
            said = _("The mail server took the e-mail to %(address)s with the link.") % facts
        messages.success(request, said)
    return redirect("people", slug)


@signed_in
@require_POST
def end(request: HttpRequest, slug: str, username: str) -> HttpResponse:
    """Asked once more, naming the person."""
    property = access.enter(request, slug, MANAGER)
    found = _find(property, username)
    who = {"name": _called(found), "house": property}
    if not said_yes(request):
        context = {
            "property": property,
            "about": _("%(name)s at %(house)s") % who,
            "warnings": [
                _("%(name)s can open no page of %(house)s from now on. What they did stays on record.") % who,
                _("Codes of theirs on doors are not touched by this; see the pages of the locks."),
            ],
            "yes": _("End their work here"),
            "kept": [],
            "back": reverse("people", args=[slug]),
        }
        return render_page(request, "confirm.html", context, status=422)
    try:
        staff.end(found, by=request.user)
    except staff.Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, property, status=409)
    messages.success(request, _("%(name)s works at %(house)s no more.") % who)
    return redirect("people", slug)


def _slug_unless_own(request: HttpRequest, membership: Membership) -> list[str]:
    """Who has changed their own role may see this page no more."""
    return [] if membership.user_id == request.user.pk else [membership.property.slug]


def _find(property: Property, username: str) -> Membership:
    members = property.memberships.select_related("user", "property")
    return get_object_or_404(members, user__username=username)


def _called(membership: Membership) -> str:
    return membership.user.get_full_name() or membership.user.get_username()
