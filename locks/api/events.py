"""/events: what happened to codes and locks, oldest first."""

from django.db.models import QuerySet

from hospitality import clock
from locks.api import finding, schemas, shapes
from locks.api.errors import invalid, not_found
from locks.api.wire import Calls
from locks.models import ApiKey, Event
from locks.subscriptions import gathering

calls = Calls("events")
READ = ApiKey.Scope.READ


@calls.call("get", "GET", "POST", scope=READ, gives=schemas.GivesEvent)
def get(key: ApiKey, given: schemas.FindEvent) -> dict:
    """One event by its id, or the last one of a type and a device."""
    rows = shapes.EVENTS.filter(property=key.property)
    if given.event_id:
        rows = rows.filter(event_id=given.event_id)
    elif given.event_type or given.device_id:
        rows = _of_device(key, rows, given)
        rows = rows.filter(event_type=given.event_type) if given.event_type else rows
    else:
        raise invalid(event_id="Name the event by event_id, or by event_type or device_id the last one.")
    found = rows.order_by("-created_at", "-pk").first()
    if found is None:
        raise not_found("event", "This house has no such event.")
    return {"event": shapes.event(found)}


def _of_device(key: ApiKey, rows: QuerySet[Event], given: schemas.FindEvent | schemas.ListEvents):
    return rows.filter(lock=finding.door(key, given.device_id)) if given.device_id else rows


@calls.call("list", "GET", "POST", scope=READ, gives=schemas.GivesEvents)
def list_(key: ApiKey, given: schemas.ListEvents) -> dict:
    """What happened `since` a time, or `between` two; both are left out themselves. Who looked at digits at the desk is
    told where it is asked for by its type, as to webhooks."""
    if (given.since is None) == (given.between is None) and given.event_ids is None:
        raise invalid(since="Send either since or between.")
    rows = _of_device(key, shapes.EVENTS.filter(property=key.property), given)
    rows = rows.filter(created_at__lt=clock.settled())
    if given.event_type is None and given.event_types is None:
        rows = rows.exclude(event_type__in=gathering.DESK_ONLY)
    if given.since:
        rows = rows.filter(created_at__gt=given.since)
    if given.between:
        after, before = given.between
        if before < after:
            raise invalid(between="The second time is before the first.")
        rows = rows.filter(created_at__gt=after, created_at__lt=before)
    rows = _narrowed(rows, given).order_by("created_at", "pk")
    offset = given.unstable_offset
    return {"events": shapes.listed(rows[offset : offset + given.limit], shapes.event)}


def _narrowed(rows: QuerySet[Event], given: schemas.ListEvents) -> QuerySet[Event]:
    wanted = {
        "lock__public_id__in": given.device_ids,
        "access_code__public_id__in": given.access_code_ids,
        "event_id__in": given.event_ids,
        "event_type__in": given.event_types,
        "access_code__public_id": given.access_code_id,
        "event_type": given.event_type,
        "lock__connection__public_id": given.connected_account_id,
    }
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})
