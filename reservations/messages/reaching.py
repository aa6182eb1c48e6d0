"""How a guest is reached, as the desk or a file corrects it."""

from collections.abc import Iterable

from hospitality.models import AuditEntry
from reservations.messages import rules
from reservations.models import Stay
from reservations.verbs import held, hold_booking, tell, verb

REACHED = "guest.reached"


@verb
def reach(
    stay: Stay,
    *,
    by,
    email: str | None = None,
    phone: str | None = None,
    language: str | None = None,
    source: str = "",
) -> None:
    """The guest is reached otherwise, in every stay of the booking; None: as it is. What could not be sent to them is
    tried again. The record says what was changed, not to what, and the `source` of the file that said so."""
    hold_booking(stay)
    stay = held(stay)
    guest = stay.reservation.guest
    given = {"email": email, "phone": phone, "language": language}
    new = {name: value for name, value in given.items() if value not in (None, getattr(guest, name))}
    if not new:
        return
    for name, value in new.items():
        setattr(guest, name, value)
    guest.save(update_fields=[*new])
    for one in stay.reservation.stays.order_by("pk"):
        rules.retry_failed(held(one))
    detail = {"source": source} if source else {}
    tell(stay, by=by, action=REACHED, changed=[*new], **detail)


def written_by_hand(stays: Iterable[Stay]) -> set[tuple[int, str]]:
    """What the desk has corrected since the booking was made: the booking's id, and `email` or `phone`."""
    bookings = {stay.public_id: stay.reservation_id for stay in stays}
    entries = AuditEntry.objects.filter(action=REACHED, subject_id__in=bookings, detail__source__isnull=True)
    return {
        (bookings[subject], name)
        for subject, detail in entries.values_list("subject_id", "detail")
        for name in detail["changed"]
    }
