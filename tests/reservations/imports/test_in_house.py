"""Guests in house, codes that cannot be taken back and guests who have left: a file changes them only with a second yes,
or not at all."""

import pytest

from locks.models import AccessCode
from reservations import stays
from reservations.imports import intake, upsert
from reservations.imports.report import Kind
from reservations.models import Stay
from tests.reservations.import_files import everything, look, take_in
from tests.reservations.imports.conftest import DAY, in_house, stay_of


@pytest.fixture
def arrived(property, files):
    """Anna is in 204 until the day after tomorrow."""
    take_in(property, files.data(files.row("1", arrival=0, unit_type="204")))
    return in_house(stay_of("1"))


@pytest.mark.parametrize(
    "change",
    [{"nights": 5}, {"unit_type": "203"}, {"guest": "Anna Jones"}, {"nights": 5, "guest": "Anna Jones"}],
)
def test_a_guest_in_house_is_not_changed_without_a_second_yes(property, files, arrived, change):
    data = files.data(files.row("1", **{"arrival": 0, "unit_type": "204"} | change))
    before = everything()
    report = take_in(property, data)
    assert everything() == before
    assert report.counts == {Kind.HELD: 1}
    assert "in house" in report.summary
    confirmed = take_in(property, data, second_yes=True)
    assert Kind.HELD not in confirmed.counts
    assert everything() != before
    assert take_in(property, data, second_yes=True).summary == "1 unchanged"


def test_the_other_room_of_a_booking_follows_while_the_guest_in_house_waits(property, files):
    take_in(property, files.data(files.row("1", arrival=0, unit_type="203, 204")))
    in_house(stay_of("1", 2))
    report = take_in(property, files.data(files.row("1", arrival=0, nights=4, unit_type="203, 204")))
    assert report.counts == {Kind.DATES: 1, Kind.HELD: 1}
    assert (stay_of("1", 1).departure, stay_of("1", 2).departure) == (
        files.today + 4 * DAY,
        files.today + 2 * DAY,
    )


@pytest.mark.parametrize("status", ["cancelled_by_guest", "no_show"])
@pytest.mark.parametrize("confirmed", [False, True])
def test_a_guest_in_house_is_never_called_off_by_a_file(property, files, arrived, status, confirmed):
    before = everything()
    data = files.data(files.row("1", arrival=0, unit_type="204", status=status))
    report = take_in(property, data, second_yes=confirmed)
    assert everything() == before
    assert "Anna Smith is in house in 204: check the guest out at the desk" in report.summary


def test_a_guest_who_is_checked_in_between_plan_and_change_is_held(property, files, monkeypatch):
    take_in(property, files.data(files.row("1", arrival=0, unit_type="204")))
    opened = intake.open_file(property, files.data(files.row("1", arrival=0, nights=5, unit_type="204")))
    planned = upsert.plan

    def then_checked_in(*args, **options):
        plans = planned(*args, **options)
        in_house(stay_of("1"))
        return plans

    monkeypatch.setattr(upsert, "plan", then_checked_in)
    report = upsert.apply(property, opened, by=None)
    assert report.counts == {Kind.HELD: 1}
    assert stay_of("1").departure == files.today + 2 * DAY


def issued(stay: Stay) -> AccessCode:
    """The code of the stay's door, made by arithmetic and given out: it opens until check-out, whatever is wanted."""
    [code] = stay.grant.codes.all()
    AccessCode.objects.filter(pk=code.pk).update(
        is_offline_access_code=True, issued_at=code.starts_at, issued_ends_at=code.ends_at
    )
    return code


@pytest.fixture
def given_out(property, files):
    """Anna will come to 204 tomorrow for two nights and has an offline code for its door already."""
    take_in(property, files.data(files.row("1", unit_type="204")))
    return issued(stay_of("1"))


@pytest.mark.parametrize("change", [{"nights": 1}, {"arrival": 2, "nights": 1}, {"unit_type": "203"}])
def test_a_code_that_cannot_be_taken_back_holds_a_change_until_a_second_yes(
    property, files, given_out, change
):
    data = files.data(files.row("1", **{"unit_type": "204"} | change))
    before = everything()
    foretold, report = look(property, data), take_in(property, data)
    assert everything() == before
    assert foretold.counts == report.counts == {Kind.HELD: 1}
    assert foretold.summary == report.summary
    assert report.summary.startswith(
        "1 needs a second yes: line 2: Anna Smith is booked in 204; the file says "
    )
    assert "The offline code for Door 204 cannot be changed or revoked: it opens until" in report.summary
    assert "in house" not in report.summary
    assert look(property, data, second_yes=True).counts[Kind.HELD] == 0
    confirmed = take_in(property, data, second_yes=True)
    assert Kind.HELD not in confirmed.counts
    assert Kind.REFUSED not in confirmed.counts
    assert take_in(property, data, second_yes=True).summary == "1 unchanged"


def test_with_such_a_code_out_a_longer_stay_and_a_new_name_need_no_second_yes(property, files, given_out):
    report = take_in(property, files.data(files.row("1", nights=5, unit_type="204", guest="Anna Jones")))
    assert report.counts == {Kind.DATES: 1, Kind.NAME: 1}
    assert stay_of("1").departure == files.today + 6 * DAY


def test_with_a_guest_in_house_both_reasons_are_named(property, files, arrived):
    issued(arrived)
    report = look(property, files.data(files.row("1", arrival=0, nights=1, unit_type="204")))
    assert "Anna Smith is in house in 204; the file says" in report.summary
    assert "The offline code for Door 204 cannot be changed or revoked" in report.summary


def test_a_code_that_is_given_out_between_plan_and_change_is_held(property, files, monkeypatch):
    take_in(property, files.data(files.row("1", unit_type="204")))
    opened = intake.open_file(property, files.data(files.row("1", nights=1, unit_type="204")))
    planned = upsert.plan

    def then_given_out(*args, **options):
        plans = planned(*args, **options)
        issued(stay_of("1"))
        return plans

    monkeypatch.setattr(upsert, "plan", then_given_out)
    report = upsert.apply(property, opened, by=None)
    assert report.counts == {Kind.HELD: 1}
    assert "The offline code for Door 204 cannot be changed or revoked" in report.summary
    assert stay_of("1").departure == files.today + 3 * DAY


def test_a_departed_guest_stays_as_it_was(property, files, arrived):
    stays.check_out(arrived, by=None, confirmed=True)
    before = everything()
    for row in (
        files.row("1", arrival=0, nights=5, unit_type="203", guest="Else"),
        files.row("1", arrival=0, unit_type="204", status="cancelled_by_guest"),
        files.row("1", arrival=0, unit_type="204", status="no_show"),
    ):
        assert take_in(property, files.data(row), second_yes=True).summary == "1 unchanged"
    assert everything() == before
