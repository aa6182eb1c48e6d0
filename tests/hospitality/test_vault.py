"""PINs and credentials at rest."""

import base64
import uuid

import pytest
from django.core.exceptions import ImproperlyConfigured

from hospitality import keys, vault
from locks.models import AccessGrant, Connection


def test_a_sealed_value_opens_in_its_own_row_only():
    blob = vault.seal("482913", row="a")
    assert vault.unseal(blob, row="a") == "482913"
    assert b"482913" not in blob
    with pytest.raises(vault.VaultError, match="of b does not open"):
        vault.unseal(blob, row="b")


def test_equal_values_are_sealed_differently_and_indexed_equally():
    assert vault.seal("482913", row="a") != vault.seal("482913", row="a")
    assert vault.index("482913") == vault.index("482913") != vault.index("482914")
    assert 0 <= vault.index("482913") < 2**63


@pytest.mark.parametrize("spoil", [lambda b: b[:-1] + bytes([b[-1] ^ 1]), lambda b: b[:5], lambda b: b""])
def test_a_damaged_value_is_refused_without_being_shown(spoil):
    with pytest.raises(vault.VaultError) as caught:
        vault.unseal(spoil(vault.seal("482913", row="a")), row="a")
    assert "482913" not in str(caught.value)


def test_keys_rotate_old_values_open_and_new_ones_use_the_newest(settings):
    old = vault.seal("482913", row="a")
    settings.VAULT_KEYS = {**settings.VAULT_KEYS, 9: bytes(range(32))}
    assert vault.unseal(old, row="a") == "482913"
    assert vault.seal("482913", row="a")[0] == 9
    settings.VAULT_KEYS = {9: bytes(range(32))}
    with pytest.raises(vault.VaultError, match="LATCHKEY_VAULT_KEYS"):
        vault.unseal(old, row="a")


def test_the_index_hangs_on_its_key(settings):
    before = vault.index("482913")
    settings.VAULT_INDEX_KEY = bytes(32)
    assert vault.index("482913") != before


def test_model_attributes_are_sealed_and_bound_to_their_row():
    grant, other = AccessGrant(), AccessGrant()
    grant.pin = "482913"
    other.pin_sealed = grant.pin_sealed
    assert grant.pin == "482913"
    with pytest.raises(vault.VaultError):
        other.pin  # noqa: B018 - reading is the test
    grant.pin = None
    assert grant.pin is None
    account = Connection(public_id=uuid.uuid4())
    account.credentials = {"token": "secret"}
    assert account.credentials == {"token": "secret"}
    assert b"secret" not in account.credentials_sealed


KEY = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LATCHKEY_VAULT_KEYS", "not a ring", "VERSION:KEY"),
        ("LATCHKEY_VAULT_KEYS", f"1:{KEY},1:{KEY}", "different number"),
        ("LATCHKEY_VAULT_KEYS", f"0:{KEY}", "1 to 255"),
        ("LATCHKEY_VAULT_KEYS", "1:c2hvcnQ=", "32 bytes in base64"),
        ("LATCHKEY_INDEX_KEY", "!", "32 bytes in base64"),
    ],
)
def test_a_malformed_key_is_refused_with_the_remedy(monkeypatch, tmp_path, name, value, says):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=says):
        keys.load(tmp_path / "secrets.json")


def test_the_first_start_makes_secrets_for_this_user_only_and_the_next_finds_them(tmp_path):
    path = tmp_path / "new" / "secrets.json"
    first = keys.load(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.load(path) == first
    assert [p.name for p in path.parent.iterdir()] == ["secrets.json"]


def test_the_environment_goes_before_the_file(monkeypatch, tmp_path):
    monkeypatch.setenv("LATCHKEY_VAULT_KEYS", f"3:{KEY}")
    assert keys.load(tmp_path / "secrets.json").vault_keys == {3: bytes(32)}


def test_an_unreadable_file_is_not_overwritten(tmp_path):
    path = tmp_path / "secrets.json"
    path.write_text("{")
    with pytest.raises(ImproperlyConfigured, match="backup"):
        keys.load(path)
    assert path.read_text() == "{"
