"""One click at a door where none of our backup codes is left and the lock's maker keeps some: who is asked, what the screen
says meanwhile, and the digits once they are there."""

import re

import pytest
from django_q.models import OrmQ

from hospitality.models import AuditEntry
from locks import backups, tasks
from locks.models import AccessCode, BackupPull, Lock
from reservations import stays
from reservations.models import GuestCall
from tests.factories import AccessCodeFactory, MembershipFactory
from tests.locks.conftest import Hotel
from tests.locks.seam.cloud import code, device, error
from tests.locks.seam.test_house import account, cloud, grant, hang, on_the_lock, visit
from tests.locks.seam.test_pool import DIGITS, PULL
from tests.reservations import booking

__all__ = ["account", "cloud"]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def lock(account, cloud) -> Lock:
    """Of a room, with one backup code of Seam's."""
    made = hang(account, cloud)
    cloud.put(device(properties={"backup_access_code_pool_enabled": True}))
    cloud.put(code(code=DIGITS, is_backup=True, name=None))
    return made


@pytest.fixture
def stay(cloud, lock):
    """Anna, in house there, with her code on the lock."""
    hotel = Hotel(lock.property, {"1": lock.rooms.get()}, {"1": lock}, None)
    made = stays.check_in(booking.book(hotel), by=None)
    for _ in range(2):
        visit(lock)
        on_the_lock(cloud)
    visit(lock)
    return made


@pytest.fixture
def desk(client, lock):
    client.force_login(MembershipFactory(property=lock.property).user)
    return client


def of(stay) -> str:
    return f"/p/{stay.property.slug}/stays/{stay.public_id}/"


def press(desk, stay, lock, **how):
    return desk.post(f"{of(stay)}doors/{lock.public_id}/backup/", {"reason": "x", "id_checked": "1"}, **how)


def shown(desk, stay, page: str = "") -> str:
    return " ".join(desk.get(f"{of(stay)}{page}").content.decode().split())


def work() -> BackupPull:
    pull = BackupPull.objects.latest("pk")
    tasks.pull_backup(pull.pk)
    pull.refresh_from_db()
    return pull


def digits(answer) -> str:
    return re.sub(r"\D", "", re.search(r'id="digits"[^>]*>([^<]*)<', answer.content.decode())[1])


PAGES = ["", "cannot-get-in/"]


def test_one_click_asks_the_maker_and_the_next_shows_what_it_gave(desk, cloud, stay, lock):
    answer = press(desk, stay, lock, headers=HTMX)
    assert answer.status_code == 200 and 'id="digits"' not in answer.content.decode()
    assert "the lock&#x27;s maker is asked for one" in answer.content.decode()
    assert cloud.asked[PULL] == 0, "no page waits for a maker"
    assert OrmQ.objects.exists()
    for page in PAGES:
        assert "no answer yet" in shown(desk, stay, page)
    assert work().outcome == "came"
    for page in PAGES:
        body = shown(desk, stay, page)
        assert "has given a backup code" in body and "Issue backup code" in body and DIGITS not in body
    assert digits(press(desk, stay, lock, headers=HTMX)) == DIGITS
    for page in PAGES:
        body = shown(desk, stay, page)
        assert "has given a backup code" not in body and "On the lock, confirmed" in body
    actions = AuditEntry.objects.filter(subject_id=stay.public_id, action__startswith="backup.")
    assert [*actions.order_by("pk").values_list("action", flat=True)] == [
        "backup.asked_of_maker",
        "backup.handed_out",
    ]
    assert "asked for a backup code" in shown(desk, stay)


def test_a_browser_without_javascript_is_sent_to_the_stay(desk, stay, lock):
    answer = press(desk, stay, lock, follow=True)
    assert answer.redirect_chain == [(of(stay), 302)]
    assert "the lock&#x27;s maker is asked for one" in answer.content.decode()


def test_pressed_by_two_it_is_asked_once(desk, stay, lock):
    for _ in range(2):
        press(desk, stay, lock, headers=HTMX)
    assert BackupPull.objects.count() == 1


def test_a_maker_that_has_none_either_is_said_with_what_is_left_and_then_every_screen_rings(
    desk, cloud, stay, lock
):
    cloud.answers[PULL] = lambda told: error("empty_backup_access_code_pool")
    press(desk, stay, lock, headers=HTMX)
    assert not GuestCall.objects.exists()
    work()
    for page in PAGES:
        body = shown(desk, stay, page)
        assert "Open the door with a staff key or give the guest another room" in body
        assert "none was given: no backup code is ready." in body
    assert "Send somebody of the staff to" in shown(desk, stay, "cannot-get-in/")
    assert press(desk, stay, lock, headers=HTMX).status_code == 422
    assert GuestCall.objects.get(stay=stay, closed_at=None)
    assert cloud.asked[PULL] == 1
    AccessCodeFactory(lock=lock, backup=True)
    for page in PAGES:
        assert "none was given" not in shown(desk, stay, page), "one of ours is ready now"


def test_check_out_takes_it_off(desk, cloud, stay, lock):
    press(desk, stay, lock, headers=HTMX)
    work()
    press(desk, stay, lock, headers=HTMX)
    stays.check_out(booking.fresh(stay), by=None, confirmed=True)
    visit(lock)
    [backup] = [one for one in cloud.codes.values() if one.get("is_backup")]
    assert backup["status"] == "removing"


def test_where_the_pool_of_the_maker_is_off_all_is_as_before(desk, cloud, stay, lock):
    cloud.put(device())
    visit(lock)
    assert press(desk, stay, lock, headers=HTMX).status_code == 422
    assert not BackupPull.objects.exists()
    assert "Issue backup code" not in shown(desk, stay, "cannot-get-in/")


def test_what_came_is_given_to_nobody_else(desk, stay, lock):
    press(desk, stay, lock, headers=HTMX)
    work()
    [backup] = AccessCode.objects.filter(is_backup=True)
    assert backup.pulled_for.get().grant == stay.grant
    with pytest.raises(backups.NoneLeft):
        backups.hand_out(grant(lock), by=None)
