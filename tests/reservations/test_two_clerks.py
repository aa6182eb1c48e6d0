"""Twenty at once: the database lets one through, tells the others why, and never deadlocks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from locks import backups, leases, sweep
from locks.models import AccessCode, AccessGrant
from reservations import disclosing, misfits, shared_code, stays
from reservations.models import Stay
from tests.locks.conftest import make_hotel
from tests.reservations.behind import behind
from tests.reservations.booking import DAY, book

CLERKS = 20


@pytest.fixture
def hotel(transactional_db, simulator):
    made = make_hotel(simulator, pool=5)
    made.visit()
    return made


def at_once(action) -> list:
    """`action(n)` in twenty threads that start together; what each returned, or the Refused it got."""
    gate = Barrier(CLERKS)

    def run(n):
        try:
            gate.wait()
            return action(n)
        except stays.Refused as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CLERKS) as pool:
        return list(pool.map(run, range(CLERKS)))


def refusals(results) -> list[str]:
    return [str(result) for result in results if isinstance(result, stays.Refused)]


def test_twenty_clerks_book_the_same_room(hotel):
    results = at_once(lambda n: book(hotel, name=f"Guest {n}"))
    assert len(refusals(results)) == CLERKS - 1
    assert all("room is taken" in words for words in refusals(results))
    assert Stay.objects.count() == 1


def test_twenty_clicks_check_the_same_guest_in(hotel):
    stay = book(hotel, name="Guest 1")
    results = at_once(lambda n: stays.check_in(stay, by=None))
    assert len(refusals(results)) == CLERKS - 1
    assert all("Checked in by" in words for words in refusals(results))


def test_twenty_clicks_issue_the_same_guest_one_backup(hotel):
    stay = stays.check_in(book(hotel, name="Guest 1"), by=None)
    results = at_once(lambda n: disclosing.issue_backup(stay, hotel.locks["1"], by=None))
    assert len({code.pk for code in results}) == 1
    assert AccessCode.objects.filter(handed_out_at__isnull=False).count() == 1


def test_twenty_guests_of_one_door_never_share_a_backup_and_five_get_one(hotel):
    front = hotel.locks["front"]
    grants = [hotel.grant(front, name=f"Guest {n}") for n in range(CLERKS)]

    def hand_out(n):
        try:
            return backups.hand_out(grants[n].codes.get(), by=None)
        except backups.NoneLeft as error:
            raise stays.Refused(str(error)) from error

    results = at_once(hand_out)
    handed = [code.pk for code in results if isinstance(code, AccessCode)]
    assert len(handed) == len(set(handed)) == 5
    assert len(refusals(results)) == CLERKS - 5


def test_twenty_bookings_draw_different_digits_for_the_common_door(hotel):
    front = hotel.locks["front"]
    grants = at_once(lambda n: hotel.grant(front, hotel.locks["1"], name=f"Guest {n}"))
    assert len({grant.pin[:4] for grant in grants}) == CLERKS


def test_the_second_change_starts_from_what_the_first_left(hotel):
    stay = book(hotel, name="Guest 1")
    ends = stay.departure
    behind(
        lambda: stays.change(stay, by=None, departure=ends + 3 * DAY),
        lambda: stays.change(stay, by=None, departure=ends),
    )
    stay = Stay.objects.select_related("grant").get(pk=stay.pk)
    assert stay.departure == ends
    assert stay.grant.ends_at == hotel.property.at(ends, hotel.property.check_out_time)


@pytest.mark.parametrize("codes_from_check_in", [True, False])
def test_two_clerks_on_one_stay_never_make_two_grants(hotel, codes_from_check_in):
    hotel.property.codes_from_check_in = codes_from_check_in
    hotel.property.save()
    stay = book(hotel, name="Guest 1")
    before = AccessGrant.objects.count()
    behind(
        lambda: stays.check_in(stay, by=None),
        lambda: stays.change(stay, by=None, departure=stay.departure + DAY, confirmed=True),
    )
    assert AccessGrant.objects.count() - before == codes_from_check_in


def test_the_clerk_who_waited_is_told_who_it_was(hotel, django_user_model):
    ana = django_user_model.objects.create_user("ana", first_name="Ana", password="x")
    stay = book(hotel, name="Guest 1")
    with pytest.raises(stays.AlreadyDone, match="by Ana"):
        behind(lambda: stays.check_in(stay, by=ana), lambda: stays.check_in(stay, by=None))


def test_a_new_name_does_not_bring_a_departing_guests_code_back(hotel):
    here = book(hotel, name="Guest 1")
    there = stays.book(
        hotel.property,
        by=None,
        guest_name="Guest 1",
        room=hotel.rooms["2"],
        arrival=here.arrival,
        departure=here.departure,
        external_id=here.reservation.external_id,
        part=2,
    )
    stays.check_in(there, by=None)
    behind(
        lambda: stays.check_out(there, by=None, confirmed=True),
        lambda: stays.change(here, by=None, guest_name="Beth"),
    )
    assert not AccessCode.objects.filter(grant=there.grant_id, wanted=True).exists()


def sharing(hotel) -> list[Stay]:
    """Both rooms in one booking, with one PIN for them."""
    first = book(hotel, name="Guest 1")
    wish = {"arrival": first.arrival, "departure": first.departure, "guest_name": "Guest 1"}
    of_booking = {"external_id": first.reservation.external_id, "part": 2}
    second = stays.book(hotel.property, by=None, room=hotel.rooms["2"], **wish, **of_booking)
    shared_code.share(first, by=None)
    return [first, second]


def test_one_pin_for_all_rooms_knows_what_another_clerk_does_to_another_room(hotel):
    first, second = sharing(hotel)
    behind(
        lambda: stays.change(first, by=None, departure=first.departure + 3 * DAY),
        lambda: stays.cancel(second, by=None),
    )
    assert misfits.find() == []
    front = AccessCode.objects.get(lock=hotel.locks["front"], grant__name__endswith="all rooms")
    assert front.ends_at == Stay.objects.select_related("grant").get(pk=first.pk).grant.ends_at


def test_clerks_at_both_rooms_of_one_pin_neither_deadlock_nor_lose_a_wish(hotel):
    both = sharing(hotel)

    def churn(n):
        if n >= 16:
            return sweep.run()
        if n >= 14:
            return stays.change(both[n % 2], by=None, guest_name=f"Guest {n}")
        return stays.change(both[n % 2], by=None, departure=both[0].arrival + timedelta(days=2 + n))

    assert refusals(at_once(churn)) == []
    assert misfits.find() == []


def test_verbs_and_workers_at_once_neither_deadlock_nor_lose_a_wish(hotel):
    rooms = ["1", "2"]
    booked = [book(hotel, room=rooms[n], name=f"Guest {n}") for n in range(2)]

    def churn(n):
        stay = booked[n % 2]
        if n >= 16:
            return sweep.run()
        day = Stay.objects.get(pk=stay.pk).arrival + timedelta(days=2 + n)
        return stays.change(stay, by=None, departure=day)

    at_once(churn)
    while leases.anything_due():
        sweep.run()
    for stay in booked:
        stay = Stay.objects.select_related("grant").get(pk=stay.pk)
        ends = hotel.property.at(stay.departure, hotel.property.check_out_time)
        assert stay.grant.ends_at == ends
    [on_lock] = hotel.mine(hotel.locks["1"], booked[0].grant)
    ends = Stay.objects.select_related("grant").get(pk=booked[0].pk).grant.ends_at
    assert on_lock["ends_at"][:16] == ends.strftime("%Y-%m-%dT%H:%M")


def test_two_workers_never_claim_the_same_lock(hotel):
    hotel.grant(*hotel.locks.values())
    claimed = [lease for got in at_once(lambda n: leases.claim(1)) for lease in got]
    assert sorted(lease.lock_id for lease in claimed) == sorted(lock.pk for lock in hotel.locks.values())
