"""The keys of other programs: the secret with which they sign what they send, and the tokens with which they read. Both
are shown once, when they are made."""

import base64
import secrets

from hospitality import audit, clock, tokens
from hospitality.models import Property
from reservations.feeds.decide import settings_of
from reservations.feeds.models import FeedToken
from reservations.verbs import verb

SECRET_BYTES = 24
BEGINS = 8


@verb
def renew_secret(property: Property, *, by) -> str:
    """A new secret for the webhook, in the form of the Standard Webhooks; the one before signs nothing any more."""
    kept = settings_of(property)
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    action = "hook.secret_renewed" if kept.hook_secret_sealed else "hook.secret_made"
    kept.hook_secret, kept.hook_since = secret, clock.now()
    kept.save()
    audit.record(property, by=by, action=action, subject_id=kept.public_id)
    return secret


@verb
def drop_secret(property: Property, *, by) -> None:
    """Nothing is taken by webhook any more. Again is a no-op."""
    kept = settings_of(property)
    if kept.hook_secret_sealed is None:
        return
    kept.hook_secret, kept.hook_since = None, None
    kept.save(update_fields=["hook_secret_sealed", "hook_since"])
    audit.record(property, by=by, action="hook.secret_dropped", subject_id=kept.public_id)


@verb
def make_token(
    property: Property, *, by, name: str, with_guests: bool, with_codes: bool
) -> tuple[FeedToken, str]:
    """A token that reads the arrivals, and the only time that anybody sees it."""
    token = FeedToken(
        property=property, name=name, with_guests=with_guests, with_codes=with_codes, created_by=by
    )
    text = _new(token)
    token.created_at = clock.now()
    token.save()
    _record(token, by, "feed_token.made", with_guests=with_guests, with_codes=with_codes)
    return token, text


@verb
def renew_token(token: FeedToken, *, by) -> str:
    """Other digits for the same reader; the ones before read nothing any more."""
    text = _new(token)
    token.save(update_fields=["hash", "begins"])
    _record(token, by, "feed_token.renewed")
    return text


@verb
def revoke_token(token: FeedToken, *, by) -> None:
    """It reads nothing any more. Again is a no-op."""
    if FeedToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now()):
        _record(token, by, "feed_token.revoked")


def find_token(property: Property, text: str) -> FeedToken | None:
    """The token that may read this house's arrivals now."""
    found = FeedToken.objects.filter(property=property, hash=tokens.hashed(text), revoked_at=None)
    return found.select_related("property").first()


def _new(token: FeedToken) -> str:
    text = tokens.draw("lk_")
    token.hash, token.begins = tokens.hashed(text), text[:BEGINS]
    return text


def _record(token: FeedToken, by, action: str, **detail) -> None:
    audit.record(token.property, by=by, action=action, subject_id=token.public_id, name=token.name, **detail)
