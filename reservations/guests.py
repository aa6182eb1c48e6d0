"""Verbs in which the guest takes part: being told the digits. Each is one transaction; what a guest was told goes on
record."""

from hospitality import clock
from hospitality.models import AuditEntry
from locks import codes
from reservations import telling
from reservations.models import Stay
from reservations.telling import Told
from reservations.verbs import held, record, verb

TOLD = "guest.told"


@verb
def tell(stay: Stay, *, how: str, by=None) -> Told:
    """What the guest may be told now (`telling.told`), and on record that it was told. `how`: `message`, `page`. From
    then on the PIN does not change by itself. Told the same again in the same way is on record once."""
    stay = held(stay)
    told = telling.told(stay, clock.now())
    if not told.keys:
        return told
    if stay.grant.told_at is None:
        codes.tell_pin(stay.grant)
        told = telling.told(stay, clock.now())  # the digits may have been drawn again until then
    what = [f"{key.door}: {key.kind} {key.code} {key.generation}" for key in told.keys]
    if not AuditEntry.objects.filter(
        subject_id=stay.public_id, action=TOLD, detail__how=how, detail__what=what
    ).exists():
        record(stay, by=by, action=TOLD, how=how, what=what)
    return told
