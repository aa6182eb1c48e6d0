"""Who did, saw or changed what."""

from uuid import UUID

from hospitality.models import AuditEntry, Property


def record(property: Property, *, by, action: str, subject_id: UUID, **detail) -> None:
    """Add one entry in the caller's transaction. `detail` is JSON and holds no PIN."""
    AuditEntry.objects.create(
        property=property, actor=by, action=action, subject_id=subject_id, detail=detail
    )
