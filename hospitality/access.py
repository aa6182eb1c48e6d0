"""Who may enter which property: the one place that decides."""

import time
from functools import reduce, wraps
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from hospitality.models import Membership, Property, Role

DESK, OWNER, MANAGER, HOUSEKEEPING = Role.DESK, Role.OWNER, Role.MANAGER, Role.HOUSEKEEPING
_WORK = Membership.objects.select_related("property").order_by()
NOBODY = "There is no such property, or you do not work there."


def signed_in(view):
    """Send a visitor without a session to the sign-in page and then back to where they were.

    A fragment's request gets the order to load the whole page: a sign-in form has no place inside a row.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs):
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if not request.headers.get("HX-Request"):
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = page._replace(scheme="", netloc="").geturl()
        return HttpResponse(status=204, headers={"HX-Redirect": redirect_to_login(back or "/").url})

    return guarded


def enter(request: HttpRequest, slug: str, *roles: Role) -> Property:
    """The property `slug`, if the signed-in person works there in one of `roles` (none given: in any).

    A manager may do all. Leaves on the request what the page's head needs: the property, the role, where its live
    stream is, and when the page was begun (what rang since then was missed).
    Raises Http404 for a stranger, PermissionDenied with the remedy for a member in another role.
    """
    request.begun_at = time.time()
    membership = next(iter(_WORK.filter(user_id=request.user.pk, property__slug=slug)), None)
    if membership is None or not request.user.is_active:
        raise Http404(NOBODY)
    request.property, request.role = membership.property, Role(membership.role)
    request.stream = reverse("live", args=[membership.property.slug])
    if roles and request.role not in (*roles, MANAGER):
        raise PermissionDenied(_refusal(membership, roles))
    return membership.property


def houses(request: HttpRequest, *roles: Role) -> list[Membership]:
    """Where the signed-in person works in one of `roles`, or as manager, by the properties' names. Leaves on the
    request where the live stream of them all is, when the page was begun, and for the page's head the property and the
    role of somebody who works in one only. Raises Http404 for somebody who works nowhere, PermissionDenied with the
    remedy for somebody who only works in other roles."""
    request.begun_at = time.time()
    own = _WORK.filter(user_id=request.user.pk)
    memberships = list(own.order_by("property__name")) if request.user.is_active else []
    if not memberships:
        raise Http404(NOBODY)
    here = [one for one in memberships if one.role in (*roles, MANAGER)]
    if not here:
        raise PermissionDenied(_refusal(memberships[0], roles))
    request.stream = reverse("dashboard_live")
    request.property = memberships[0].property if len(memberships) == 1 else None
    request.role = Role(memberships[0].role)
    return here


def heard(request: HttpRequest, slug: str | None) -> list[int]:
    """The numbers of the properties whose bells a page of the property `slug` hears, or (None) the owner's page of all
    houses. Raises Http404, PermissionDenied."""
    if slug is not None:
        return [enter(request, slug).pk]
    return [membership.property_id for membership in houses(request, OWNER)]


def _refusal(membership: Membership, roles: tuple[Role, ...]) -> str:
    return _(
        "At %(house)s you work as %(role)s; this is for the %(others)s. "
        "If it should be yours, ask a manager to change your role."
    ) % {
        "house": membership.property,
        "role": membership.get_role_display(),
        "others": reduce(_either, (str(role.label) for role in (*roles, MANAGER))),
    }


def _either(one: str, other: str) -> str:
    # Translators: of two roles, as in "this is for the device owner or manager"
    return _("%(one)s or %(other)s") % {"one": one, "other": other}
