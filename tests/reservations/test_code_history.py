"""The history of one code in words: what was asked, what was seen, who saw its digits; for owners and support."""

from datetime import timedelta

import pytest

from hospitality.models import Role
from locks import unmanaged
from locks.models import AccessCode
from reservations import disclosing, stays
from reservations import guests as guest_verbs
from tests.factories import MembershipFactory


@pytest.fixture
def owner(hotel, client):
    user = MembershipFactory(property=hotel.property, role=Role.OWNER).user
    client.force_login(user)
    return client


def history(client, code) -> list[str]:
    """The page's lines, newest first, without their times."""
    page = client.get(f"/p/{code.lock.property.slug}/locks/{code.lock.public_id}/codes/{code.public_id}/")
    assert page.status_code == 200
    body = page.content.decode()
    assert (code.pin or "none") not in body
    lines = body.split('<span class="history__when">')[1:]
    return [" ".join(line.split("</span> <span>")[1].split("</span></li>")[0].split()) for line in lines]


def test_a_guests_code_tells_from_its_making_to_its_removal(hotel, owner, here, clerk):
    code = here.grant.codes.get(lock=hotel.locks["1"])
    disclosing.reveal_pin(here, by=clerk)
    stays.check_out(here, by=clerk, confirmed=True)
    hotel.visit()
    told = history(owner, code)
    by_ana = '<span class="quiet">by Ana</span>'
    assert told[:3] == [
        "Code off the lock, confirmed",
        f"Code changed: to come off the lock {by_ana}",
        f"Digits shown at the desk {by_ana}",
    ]
    assert told[-1] == "Code asked for"
    assert "Code on the lock, confirmed" in told


def test_new_times_are_told(hotel, owner, here, clerk):
    code = here.grant.codes.get(lock=hotel.locks["1"])
    stays.change(here, by=clerk, departure=here.departure + timedelta(days=1), confirmed=True)
    newest = history(owner, code)[0]
    assert newest.startswith("Code changed: from ")
    assert ", until " in newest


def test_a_backup_code_tells_that_it_was_handed_out_and_shown(hotel, owner, here, clerk):
    backup = disclosing.issue_backup(here, hotel.locks["1"], by=clerk, reason="battery")
    told = history(owner, backup)
    assert told[0].startswith("Digits shown at the desk")
    assert any(line.startswith("Code changed: until ") for line in told)


def test_it_tells_how_the_guest_was_told(hotel, owner, here):
    guest_verbs.tell(here, how="page")
    code = here.grant.codes.get(lock=hotel.locks["1"])
    assert history(owner, code)[0] == "Digits told to the guest, on the guest's own page".replace(
        "'", "&#x27;"
    )


def test_what_an_owner_did_is_told(hotel, owner, here, clerk):
    hotel.simulator.add_code(hotel.locks["1"].provider_ref, "908172", name="Cleaner")
    hotel.visit()
    found = AccessCode.objects.get(is_managed=False, lock=hotel.locks["1"])
    lines = history(owner, found)
    assert lines == ["A code not made here was found on the lock"]
    unmanaged.adopt(found, by=clerk, is_external_modification_allowed=False)
    assert any(line.startswith("A code not made here was adopted") for line in history(owner, found))


def test_the_page_says_what_was_sent_and_seen(hotel, owner, here):
    code = here.grant.codes.get(lock=hotel.locks["1"])
    page = f"/p/{hotel.property.slug}/locks/{code.lock.public_id}/codes/{code.public_id}/"
    body = owner.get(page).content.decode()
    for word in ("Asked", "Last sent", "Last seen", "on the lock, ", "Next look"):
        assert word in body


def test_the_locks_page_leads_there(hotel, owner, here):
    code = here.grant.codes.get(lock=hotel.locks["1"])
    body = owner.get(f"/p/{hotel.property.slug}/locks/{code.lock.public_id}/").content.decode()
    assert f"/codes/{code.public_id}/" in body
