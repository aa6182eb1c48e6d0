"""A handover is signed once, for just what was read, and is kept for a season."""

from datetime import timedelta

from django.utils.translation import gettext as _

from hospitality import audit, clock, live
from hospitality.models import Property
from hospitality.wall import Wall
from reservations.handover import draft
from reservations.handover.models import Handover
from reservations.verbs import Refused, verb

KEPT = timedelta(days=92)
"""At least ninety days, by whatever clock they are counted."""
LONGEST = 4000


class Outdated(Refused):
    """Something has changed since it was read."""


@verb
def sign(property: Property, *, by, remarks: str, digest: str) -> Handover:
    """Keep what is open now, as it was read (`digest`), under the person's name. Raises Outdated, Refused."""
    Property.objects.select_for_update(no_key=True).only("pk").get(pk=property.pk)  # two do not sign at once
    if len(remarks) > LONGEST:
        raise Refused(
            _("The remarks have %(letters)s letters, and %(most)s is the most; shorten them.")
            % {"letters": len(remarks), "most": LONGEST}
        )
    now = clock.now()
    read = draft.compose(property, Wall(property, now))
    if read.digest != digest:
        raise Outdated(
            _("Something has changed since you read this: read it again, and sign then. Nothing was lost.")
        )
    made = Handover.objects.create(
        property=property,
        since=read.since,
        sections=read.kept,
        remarks=remarks.strip(),
        signed_at=now,
        signed_by=by,
        signed_name=by.get_full_name() or by.get_username(),
    )
    audit.record(property, by=by, action="handover.signed", subject_id=made.public_id, points=read.count)
    live.announce(property, "handover")
    return made


def forget() -> int:
    """Delete the handovers that were signed longer ago than `KEPT`; returns how many. That they were signed, and by
    whom, stays on record."""
    return Handover.objects.filter(signed_at__lt=clock.now() - KEPT).delete()[0]
