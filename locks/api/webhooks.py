"""/webhooks: addresses that are told of events as they happen. Each is told by its secret's signature who speaks."""

from locks.api import schemas
from locks.api.errors import not_found
from locks.api.wire import Calls
from locks.models import ApiKey, Webhook
from locks.subscriptions import verbs

calls = Calls("webhooks")
MANAGE = ApiKey.Scope.MANAGE


def _webhook(key: ApiKey, given: schemas.OfWebhook) -> Webhook:
    found = verbs.standing(key.property).filter(public_id=given.webhook_id).first()
    if found is None:
        raise not_found("webhook", f"This house has no webhook {given.webhook_id}.")
    return found


def _told(row: Webhook) -> dict:
    return {
        "webhook_id": str(row.public_id),
        "url": row.url,
        "event_types": row.event_types,
        "secret": row.secret,
    }


@calls.call("create", "POST", scope=MANAGE, gives=schemas.GivesWebhook)
def create(key: ApiKey, given: schemas.CreateWebhook) -> dict:
    """Have an address told of events from now on: all, or of these types."""
    return {"webhook": _told(verbs.make(key.property, by=key.account, **given.model_dump()))}


@calls.call("get", "GET", "POST", scope=MANAGE, gives=schemas.GivesWebhook)
def get(key: ApiKey, given: schemas.OfWebhook) -> dict:
    """One webhook, with its secret."""
    return {"webhook": _told(_webhook(key, given))}


@calls.call("list", "GET", "POST", scope=MANAGE, gives=schemas.GivesWebhooks)
def list_(key: ApiKey, given: schemas.Nothing) -> dict:
    """The webhooks of the house."""
    return {"webhooks": [_told(row) for row in verbs.standing(key.property)]}


@calls.call("update", "PUT", "PATCH", "POST", scope=MANAGE, gives=schemas.Done)
def update(key: ApiKey, given: schemas.UpdateWebhook) -> dict:
    """Tell it of other types of events."""
    verbs.change(_webhook(key, given), by=key.account, event_types=given.event_types)
    return {}


@calls.call("delete", "DELETE", "POST", scope=MANAGE, gives=schemas.Done)
def delete(key: ApiKey, given: schemas.OfWebhook) -> dict:
    """Tell it of nothing more."""
    verbs.remove(_webhook(key, given), by=key.account)
    return {}
