"""The house's accounts at lock makers: connected, asked on the spot, given other credentials, taken out."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from hospitality import access, clock
from hospitality.access import MANAGER, signed_in
from hospitality.htmx import render_page
from hospitality.models import Property
from hospitality.wall import Wall
from locks import connecting, own_simulator
from locks.account_forms import AccountForm, CredentialsForm
from locks.models import Connection
from locks.providers import PROVIDERS
from locks.said import Said

PAGE = "settings/accounts.html"


@dataclass(frozen=True)
class AccountCard:
    """One account in words; `doorless` rooms could get a virtual lock, where the account is our own simulator's; `hook` is the
    address for webhooks, empty where the maker is told it without a person."""

    account: Connection
    said: Said
    maker: str
    locks: int
    new: int
    own: bool
    doorless: int
    form: CredentialsForm
    opened: bool
    hook: str


@dataclass(frozen=True)
class Maker:
    """A maker at whom an account can be connected. One that does not stand alone is a second way to what another card
    offers."""

    provider: str
    label: str
    form: AccountForm
    is_refused: bool
    stands_alone: bool


@signed_in
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    return _page(request, property)


@signed_in
@require_POST
def use_simulator(request: HttpRequest, slug: str) -> HttpResponse:
    """Connect the simulator that comes along, and have it make the rooms' doors if that is wanted."""
    property = access.enter(request, slug, MANAGER)
    with_doors = request.POST.get("doors") == "1"
    return _try(
        request,
        property,
        lambda: connecting.connect_simulator(property, by=request.user, with_doors=with_doors),
        _("The simulator answers."),
    )


@signed_in
@require_POST
@sensitive_post_parameters()
def add(request: HttpRequest, slug: str, provider: str) -> HttpResponse:
    """An account that does not answer is not kept, and what was typed stays, secrets apart."""
    property = access.enter(request, slug, MANAGER)
    if provider not in PROVIDERS:
        raise Http404("There is no such maker.")
    form = AccountForm(provider, request.POST, prefix=provider)
    if not form.is_valid():
        return _page(request, property, refused=form, status=422)
    try:
        account = connecting.connect(
            property,
            by=request.user,
            provider=provider,
            name=form.cleaned_data["name"],
            credentials=form.credentials(),
        )
    except connecting.Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, property, refused=form, status=422)
    messages.success(request, _("%(account)s is connected.") % {"account": account})
    return redirect(_next(property), slug)


@signed_in
@require_POST
def ask(request: HttpRequest, slug: str, account_id) -> HttpResponse:
    """Whether the account answers, asked now."""
    account = _find(access.enter(request, slug, MANAGER), account_id)
    try:
        messages.success(request, f"{account}: {connecting.look(account).words()}")
    except connecting.Refused as refusal:
        messages.error(request, f"{account}: {refusal}")
    return redirect("accounts", slug)


@signed_in
@require_POST
def make_doors(request: HttpRequest, slug: str, account_id) -> HttpResponse:
    """Virtual locks for the rooms that have none, in our own simulator only."""
    property = access.enter(request, slug, MANAGER)
    account = _find(property, account_id)
    if not own_simulator.leads_here(account):
        raise Http404("Locks are made at this account's maker.")

    def make() -> None:
        connecting.make_doors(account)
        connecting.look(account)

    return _try(request, property, make, _("The virtual locks are made. Say where each one hangs."))


@signed_in
@require_POST
@sensitive_post_parameters()
def renew(request: HttpRequest, slug: str, account_id) -> HttpResponse:
    """Other credentials; those that are refused are not kept."""
    property = access.enter(request, slug, MANAGER)
    account = _find(property, account_id)
    form = CredentialsForm(account.provider, request.POST, prefix=_prefix(account))
    if not form.is_valid():
        return _page(request, property, refused=form, status=422)
    try:
        told = connecting.renew(account, by=request.user, credentials=form.credentials())
    except connecting.Refused as refusal:
        kept = _("The ones before are kept.")
        form.add_error(None, f"{refusal} {kept}")
        return _page(request, property, refused=form, status=422)
    said = _("%(account)s has new credentials.") % {"account": account}
    messages.success(request, f"{said} {told.words()}")
    return redirect("accounts", slug)


@signed_in
@require_POST
def remove(request: HttpRequest, slug: str, account_id) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    account = _find(property, account_id)
    try:
        connecting.forget(account, by=request.user)
    except connecting.Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, property, status=409)
    messages.success(request, _("%(account)s is taken out.") % {"account": account})
    return redirect("accounts", slug)


def _try(request: HttpRequest, property: Property, act: Callable, toast: str) -> HttpResponse:
    try:
        act()
    except connecting.Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, property, status=422)
    messages.success(request, toast)
    return redirect(_next(property), property.slug)


def _next(property: Property) -> str:
    return "accounts" if property.set_up_at else "set_up_next"


def _find(property: Property, account_id) -> Connection:
    return get_object_or_404(
        Connection.objects.select_related("property"), property=property, public_id=account_id
    )


def _page(request: HttpRequest, property: Property, *, refused=None, status: int = 200) -> HttpResponse:
    """The page; `refused` is a form to be corrected."""
    wall = Wall(property, clock.now())
    cards = [
        _card(account, wall, refused)
        for account in Connection.objects.filter(property=property).select_related("property")
    ]
    new = {provider: AccountForm(provider, prefix=provider) for provider in PROVIDERS}
    if isinstance(refused, AccountForm):
        new[refused.provider] = refused
    has_simulator = any(card.own for card in cards)
    context = {
        "property": property,
        "cards": cards,
        "has_simulator": has_simulator,
        "simulator": own_simulator.url(),
        "makers": [
            Maker(
                provider=provider,
                label=_(PROVIDERS[provider].LABEL),
                form=form,
                is_refused=form is refused,
                stands_alone=has_simulator or provider != own_simulator.PROVIDER,
            )
            for provider, form in new.items()
        ],
        "zone_name": wall.zone_name,
    }
    return render_page(request, PAGE, context, status=status)


def _card(account: Connection, wall: Wall, refused) -> AccountCard:
    form = CredentialsForm(account.provider, prefix=_prefix(account))
    is_refused = refused is not None and refused.prefix == form.prefix
    own = own_simulator.leads_here(account)
    return AccountCard(
        account=account,
        said=_said(account, wall),
        maker=_(PROVIDERS[account.provider].LABEL) if account.provider in PROVIDERS else account.provider,
        locks=account.locks.filter(replaced_by__isnull=True).count(),
        new=account.found_devices.filter(dismissed_at=None).count(),
        own=own,
        doorless=len(own_simulator.doorless(account)) if own else 0,
        form=refused if is_refused else form,
        opened=is_refused,
        hook="" if own else settings.URL + reverse("webhook", args=[account.public_id]),
    )


def _said(account: Connection, wall: Wall) -> Said:
    if account.state == Connection.State.DISCONNECTED:
        silent = _("Does not answer.")
        if account.checked_at:
            silent = _("Does not answer since %(time)s.") % {"time": wall.time(account.checked_at)}
        return Said("bad", f"{silent} {_(account.error)}")
    if account.checked_at is None:
        return Said("off", _("Not asked yet"))
    return Said("good", _("Answers"))


def _prefix(account: Connection) -> str:
    return f"account-{account.public_id.hex[:8]}"
