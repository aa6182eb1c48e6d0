"""The keys of programs that work at a property: made, found by what a program shows, revoked. Each change is one
transaction."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from hospitality import audit, clock, tokens
from hospitality.models import Property
from locks.models import ApiKey

PREFIX = "seam_lk_"
"""Seam's SDKs take only what begins with `seam_`, and refuse `seam_at`, `seam_cst` and `seam_pk`."""
BEGINS = len(PREFIX) + 4
USE_IS_NOTED_EVERY = timedelta(minutes=1)

LIVE = (
    ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=clock.NOW), revoked_at=None)
    .annotate(now=clock.NOW)
    .select_related("property", "account")
    .order_by("pk")
)
"""The keys that open something, with all that a call reads of them; `now` is when that was. To be narrowed, never read
itself, for a queryset remembers what it read; so many columns are looked up once here."""


@transaction.atomic
def make(
    property: Property, *, by, name: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A key, and the only time that anybody sees its text. It may read, whatever else `scopes` names. Raises ValueError
    for a scope that there is none of, and for an end that has been."""
    wanted, now = {ApiKey.Scope.READ, *map(ApiKey.Scope, scopes)}, clock.now()
    if expires_at is not None and expires_at <= now:
        raise ValueError("A key cannot end before it is made.")
    key_id, text = uuid4(), tokens.draw(PREFIX)
    key = ApiKey.objects.create(
        public_id=key_id,
        property=property,
        name=name,
        hash=tokens.hashed(text),
        begins=text[:BEGINS],
        scopes=[scope for scope in ApiKey.Scope if scope in wanted],
        account=get_user_model().objects.create_user(f"program-{key_id}", first_name=name, is_active=False),
        created_by=by,
        created_at=now,
        expires_at=expires_at,
    )
    until = expires_at and expires_at.isoformat()
    _record(key, by, "api_key.made", scopes=key.scopes, expires_at=until)
    return key, text


@transaction.atomic
def revoke(key: ApiKey, *, by) -> None:
    """It opens nothing any more. Again is a no-op."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=clock.now()):
        _record(key, by, "api_key.revoked")


def find(text: str) -> ApiKey | None:
    """The key with this text, if it is neither revoked nor at its end, with its property and its account. One query,
    and one more in a minute that notes the use: call it outside of a transaction, else others with the same key wait
    until that ends."""
    key = LIVE.filter(hash=tokens.hashed(text)).first()
    if key is not None and (key.last_used_at is None or key.last_used_at <= key.now - USE_IS_NOTED_EVERY):
        _note_use(key)
    return key


def _note_use(key: ApiKey) -> None:
    """Of several at once, one writes."""
    unnoted = Q(last_used_at=None) | Q(last_used_at__lte=key.now - USE_IS_NOTED_EVERY)
    ApiKey.objects.filter(unnoted, pk=key.pk).update(last_used_at=key.now)


def _record(key: ApiKey, by, action: str, **detail) -> None:
    audit.record(key.property, by=by, action=action, subject_id=key.public_id, name=key.name, **detail)
