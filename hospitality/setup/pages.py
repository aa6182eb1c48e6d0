"""The way in for whoever has no account or no house yet: the first manager, a new house, an invited colleague."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from hospitality import audit
from hospitality.access import signed_in
from hospitality.forms import HouseForm, NewPasswordForm, PersonForm
from hospitality.htmx import render_page
from hospitality.models import Invitation, Membership, Property, Role
from hospitality.setup import first_manager, passwords, staff


class SignIn(LoginView):
    """The sign-in page; where nobody could sign in yet, how somebody comes to be."""

    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if first_manager.is_nobody_here():
            return render_page(request, "setup/nobody.html", {})
        return super().get(request, *args, **kwargs)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password1", "password2")
def first(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link that `manage.py up` prints: whoever follows it administers this installation."""
    try:
        first_manager.check(token)
        form = PersonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            person = form.person()
            first_manager.make(token, person)
            login(request, person)
            return redirect("new_house")
    except first_manager.Refused as refusal:
        return render_page(request, "setup/nobody.html", {"why": str(refusal)}, status=410)
    context = {"form": form, "title": _("Make your account"), "button": _("Make my account")}
    return render_page(request, "setup/person.html", context, status=_status(request))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_house(request: HttpRequest) -> HttpResponse:
    """A house, by whoever administers the installation; they are its first manager."""
    if not request.user.is_superuser:
        raise PermissionDenied(
            _(
                "Only whoever administers this installation can add a house. "
                "Ask them, or work at one that is there."
            )
        )
    form = HouseForm(request.POST or None, accept_language=request.headers.get("Accept-Language", ""))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            hotel = form.save()
            Membership.objects.create(user=request.user, property=hotel, role=Role.MANAGER)
            audit.record(hotel, by=request.user, action="property.made", subject_id=hotel.public_id)
        return redirect("set_up_next", hotel.slug)
    context = {"form": form, "is_first": not Property.objects.exists()}
    return render_page(request, "setup/house.html", context, status=_status(request))


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """A colleague follows their link: as somebody new, as whom they are signed in as, or for a new password."""
    try:
        asked = staff.find(token)
        if asked.renews:
            return _new_password(request, asked)
        known = request.user if request.user.is_authenticated else None
        form = PersonForm(
            request.POST if request.method == "POST" and known is None else None,
            initial={"name": asked.name, "email": asked.email},
        )
        if request.method == "POST" and (known or form.is_valid()):
            person = known or form.person()
            staff.accept(token, person)
            if known is None:
                login(request, person)
            messages.success(request, _("Welcome to %(house)s.") % {"house": asked.property})
            return redirect("home")
    except staff.Refused as refusal:
        return render_page(request, "setup/nobody.html", {"why": str(refusal)}, status=410)
    context = {
        "form": form,
        "asked": asked,
        "title": _("Work at %(house)s") % {"house": asked.property},
        "button": _("Make my account and start"),
    }
    return render_page(request, "setup/person.html", context, status=_status(request))


def _new_password(request: HttpRequest, asked: Invitation) -> HttpResponse:
    """A colleague chooses another password, whoever is signed in here. Raises staff.Refused."""
    passwords.check(asked)
    form = NewPasswordForm(asked.renews, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        passwords.renew(asked, form.cleaned_data["new_password1"])
        login(request, asked.renews)
        messages.success(request, _("Your new password holds from now on."))
        return redirect("home")
    return render_page(
        request, "setup/password.html", {"form": form, "asked": asked}, status=_status(request)
    )


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200
