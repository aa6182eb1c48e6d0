"""Who works at a house: invited, joined, in another role, gone. A house keeps at least one manager."""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from hospitality import audit, clock, live
from hospitality.models import Invitation, Membership, Property, Role

SIGNER = Signer(salt="hospitality.invitation", sep=".")
LASTS = timedelta(days=7)


class Refused(Exception):
    """Nothing was changed; the sentence says why, and what to do."""


def link(invitation: Invitation) -> str:
    """The whole address that the invited person opens."""
    return settings.URL + reverse("invitation", args=[SIGNER.sign(invitation.public_id.hex)])


@transaction.atomic
def invite(hotel: Property, *, by, name: str, role: Role, email: str = "") -> Invitation:
    """Ask somebody to work here. The same person asked again gets a new link, and the old one is good no more."""
    now = clock.now()
    again = hotel.invitations.filter(closed_at=None, renews=None, name=name, email=email)
    again.update(closed_at=now)
    made = Invitation.objects.create(
        property=hotel, role=role, name=name, email=email, invited_by=by, created_at=now, ends_at=now + LASTS
    )
    audit.record(hotel, by=by, action="staff.invited", subject_id=made.public_id, name=name, role=role)
    return made


@transaction.atomic
def withdraw(invitation: Invitation, *, by) -> None:
    """The link is good no more. A second time is a no-op."""
    open_one = Invitation.objects.filter(pk=invitation.pk, closed_at=None)
    if open_one.update(closed_at=clock.now()):
        hotel, name = invitation.property, invitation.name
        audit.record(
            hotel, by=by, action="staff.invitation_withdrawn", subject_id=invitation.public_id, name=name
        )


def find(token: str) -> Invitation:
    """The invitation of a link that still holds. Raises Refused."""
    try:
        key = SIGNER.unsign(token)
    except BadSignature:
        raise Refused(_("This link is not whole. Copy all of it, or ask for it once more.")) from None
    related = ("property", "invited_by", "renews")
    found = Invitation.objects.select_related(*related).filter(public_id=key).first()
    if found is None or found.closed_at:
        raise Refused(_("This link was used or withdrawn. Sign in, or ask a manager for another one."))
    if found.ends_at <= clock.now():
        if found.renews:
            raise Refused(_("This link is more than a day old. Ask a manager for another one."))
        raise Refused(_("This link is more than a week old. Ask a manager for another one."))
    return found


@transaction.atomic
def accept(token: str, person) -> Membership:
    """`person` works here from now on; somebody who is not in the database yet is saved first. Raises Refused for a
    link that does not hold, and for somebody who works here already."""
    invitation = find(token)
    if not Invitation.objects.filter(pk=invitation.pk, closed_at=None).update(closed_at=clock.now()):
        raise Refused(_("This link was used a moment ago. Sign in, or ask a manager for another one."))
    hotel = invitation.property
    if person.pk is None:
        person.save()
    made, is_new = Membership.objects.get_or_create(
        user=person, property=hotel, defaults={"role": invitation.role}
    )
    if not is_new:
        raise Refused(
            _("You work at %(house)s already, as %(role)s; a manager can change that.")
            % {"house": hotel, "role": made.get_role_display()}
        )
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=person)
    audit.record(
        hotel, by=person, action="staff.joined", subject_id=invitation.public_id, role=invitation.role
    )
    live.announce(hotel, "board")
    return made


@transaction.atomic
def change_role(membership: Membership, role: Role, *, by) -> None:
    """Another role from now on. Raises Refused where the house would be left without a manager."""
    membership = _held(membership)
    if membership.role == role:
        return
    _keep_a_manager(membership)
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    _record(membership, "staff.role_changed", by, roles=[before, role])


@transaction.atomic
def end(membership: Membership, *, by) -> None:
    """This person works here no more: nothing of the house can be opened by them from now on. Raises Refused where the
    house would be left without a manager, and for one's own work."""
    membership = _held(membership)
    _keep_a_manager(membership)
    if membership.user == by:
        raise Refused(_("You cannot end your own work here. Another manager can."))
    _record(membership, "staff.ended", by, roles=[membership.role])
    membership.delete()


def _held(membership: Membership) -> Membership:
    """As it is now, while no other membership of the house is changed. Raises Refused if it has ended."""
    hotel = Property.objects.select_for_update(no_key=True).get(pk=membership.property_id)
    found = hotel.memberships.select_related("user", "property").filter(pk=membership.pk).first()
    if found is None:
        raise Refused(_("This person was taken off the list a moment ago."))
    return found


def _keep_a_manager(membership: Membership) -> None:
    others = Membership.objects.filter(
        property=membership.property, role=Role.MANAGER, user__is_active=True
    ).exclude(pk=membership.pk)
    if membership.role == Role.MANAGER and not others.exists():
        who = membership.user.get_full_name() or membership.user.get_username()
        raise Refused(
            _("%(who)s is the only manager here. Make somebody else a manager first.") % {"who": who}
        )


def _record(membership: Membership, action: str, by, **detail) -> None:
    hotel, person = membership.property, membership.user.get_username()
    audit.record(hotel, by=by, action=action, subject_id=hotel.public_id, person=person, **detail)
    live.announce(hotel, "board")
