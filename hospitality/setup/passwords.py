"""A new password for a colleague who has lost theirs: a manager makes a link, the colleague chooses.

Whoever hands the link over could use it. So a manager makes one only for people who can do nowhere what the manager
cannot: who work at no house that is not the manager's as well, and do not administer the installation. The rule holds
when the link is made and again when it is used.
"""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from hospitality import audit, clock
from hospitality.models import Invitation, Membership, Role
from hospitality.setup.staff import Refused

LASTS = timedelta(days=1)


def within_reach(by, people: Collection) -> set[int]:
    """The numbers of those for whom `by` may make a link. Two queries."""
    managed = Membership.objects.filter(user=by, role=Role.MANAGER).values("property")
    asked = [one for one in people if one.is_active and not one.is_staff and not one.is_superuser]
    elsewhere = Membership.objects.filter(user__in=asked).exclude(property__in=managed)
    beyond = set(elsewhere.values_list("user_id", flat=True)) | {by.pk}
    return {one.pk for one in asked} - beyond


@transaction.atomic
def offer(membership: Membership, *, by) -> Invitation:
    """A link by which this person chooses a new password; the one before is good no more. Raises Refused."""
    hotel, person = membership.property, membership.user
    _require(by, person)
    now = clock.now()
    Invitation.objects.filter(renews=person, closed_at=None).update(closed_at=now)
    made = Invitation.objects.create(
        property=hotel,
        renews=person,
        role=membership.role,
        name=person.get_full_name() or person.get_username(),
        email=person.email,
        invited_by=by,
        created_at=now,
        ends_at=now + LASTS,
    )
    _record(made, by, "staff.password_link_made")
    return made


def check(link: Invitation) -> None:
    """Raises Refused where the link of a colleague, found before, must not be used any more."""
    _require(link.invited_by, link.renews)
    if not Membership.objects.filter(property=link.property, user=link.renews).exists():
        raise Refused(_("You do not work at %(house)s any more.") % {"house": link.property})


@transaction.atomic
def renew(link: Invitation, password: str) -> None:
    """The person's password from now on; whoever was signed in with the one before is out. Raises Refused."""
    check(link)
    if not Invitation.objects.filter(pk=link.pk, closed_at=None).update(
        closed_at=clock.now(), accepted_by=link.renews
    ):
        raise Refused(_("This link was used a moment ago. Sign in, or ask a manager for another one."))
    link.renews.set_password(password)
    link.renews.save(update_fields=["password"])
    _record(link, link.renews, "staff.password_renewed")


def _require(by, person) -> None:
    if person.pk in within_reach(by, [person]):
        return
    who = person.get_full_name() or person.get_username()
    if person.is_staff or person.is_superuser or not person.is_active:
        why = _("%(who)s’s account is looked after by whoever administers this installation. Ask them.")
    elif person == by:
        why = _("Another manager can make a link for %(who)s.")
    else:
        why = _(
            "%(who)s works at another house too. Ask a manager of both, or whoever administers this installation."
        )
    raise Refused(why % {"who": who})


def _record(link: Invitation, by, action: str) -> None:
    hotel, person = link.property, link.renews.get_username()
    audit.record(hotel, by=by, action=action, subject_id=link.public_id, person=person)
