"""How a guest is reached, as the desk corrects it."""

from reservations.messages import rules
from reservations.models import Stay
from reservations.verbs import held, tell, verb


@verb
def reach(stay: Stay, *, by, email: str, phone: str, language: str) -> None:
    """The guest is reached otherwise, in every stay of the booking; what could not be sent to this one is tried again.
    The record says what was changed, not to what."""
    stay = held(stay)
    guest = stay.reservation.guest
    new = {"email": email, "phone": phone, "language": language}
    changed = [name for name, value in new.items() if getattr(guest, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(guest, name, new[name])
    guest.save(update_fields=changed)
    rules.retry_failed(stay)
    tell(stay, by=by, action="guest.reached", changed=changed)
