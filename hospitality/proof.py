"""Proof that the vault's keys are those the database was sealed with, asked for at every start."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from hospitality import vault
from hospitality.models import VaultProof

TEXT = "latchkey"
INDEX = "index"
REMEDY = (
    "Nothing was changed. Put secrets.json back into the var folder from your backup, "
    "or set LATCHKEY_VAULT_KEYS and LATCHKEY_INDEX_KEY to the values this database was used with."
)


def prove_vault() -> None:
    """Compare the keys with the proofs kept, and keep one for a key that is new.

    A key is proven from the first start at which it seals, that is, as the newest of its ring. Raises
    ImproperlyConfigured, with the remedy, for a wrong or a missing key.
    """
    kept = {proof.name: bytes(proof.sealed) for proof in VaultProof.objects.all()}
    if INDEX in kept and kept[INDEX] != _index_proof():
        raise ImproperlyConfigured(f"LATCHKEY_INDEX_KEY is not the key this database was used with. {REMEDY}")
    for name, sealed in kept.items():
        if name != INDEX:
            _open(name, sealed)
    newest = _row(max(settings.VAULT_KEYS))
    VaultProof.objects.get_or_create(name=newest, defaults={"sealed": vault.seal(TEXT, row=newest)})
    VaultProof.objects.get_or_create(name=INDEX, defaults={"sealed": _index_proof()})


def _open(name: str, sealed: bytes) -> None:
    try:
        vault.unseal(sealed, row=name)
    except vault.VaultError as error:
        raise ImproperlyConfigured(f"The vault stays shut: {error}. {REMEDY}") from error


def _index_proof() -> bytes:
    return vault.index(TEXT).to_bytes(8, "big")


def _row(version: int) -> str:
    return f"vault key {version}"
