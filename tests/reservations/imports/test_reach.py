"""How a guest is reached follows the file, unless the desk knows better; what is wrong is left out with a note."""

from reservations.imports.report import Kind
from reservations.messages import reaching
from reservations.messages.models import MessageSettings
from tests.reservations.import_files import look, take_in
from tests.reservations.imports.conftest import in_house, stay_of


def reached(number: str) -> tuple[str, str]:
    guest = stay_of(number).reservation.guest
    return guest.email, guest.phone


def test_an_address_and_a_number_follow_the_file_also_in_house(property, files):
    first = files.row("1", arrival=0, unit_type="204")
    take_in(property, files.data(first | {"email": "", "phone": "+41 79 123 45 67"}))
    in_house(stay_of("1"))
    data = files.data(first | {"email": "anna@example.org", "phone": "+41 44 555 01 02"})
    for report in (look(property, data), take_in(property, data)):
        assert report.summary == "1 reached otherwise"
        assert report.lines[0].changes == ("e-mail address is known now", "another telephone number")
    assert reached("1") == ("anna@example.org", "+41445550102")
    assert take_in(property, data).summary == "1 unchanged"


def test_what_the_file_does_not_say_or_says_wrongly_changes_no_address(property, files):
    row = files.row("1", unit_type="204")
    take_in(property, files.data(row | {"email": "anna@example.org", "phone": "+41 79 123 45 67"}))
    report = take_in(property, files.data(row | {"email": "", "phone": "+41 12"}))
    assert report.counts == {Kind.UNCHANGED: 1}
    assert reached("1") == ("anna@example.org", "+41791234567")


def test_what_the_desk_has_written_in_stays_and_the_other_follows(property, files):
    row = files.row("1", unit_type="204")
    take_in(property, files.data(row | {"email": "alias@example.org", "phone": "+41 79 123 45 67"}))
    reaching.reach(stay_of("1"), by=None, email="anna@example.org")
    data = files.data(row | {"email": "alias@example.org", "phone": "+41 44 555 01 02"})
    assert take_in(property, data).lines[0].changes == ("another telephone number",)
    assert reached("1") == ("anna@example.org", "+41445550102")
    take_in(property, files.data(row | {"email": "alias@example.org", "phone": "+41 44 555 01 03"}))
    assert reached("1") == ("anna@example.org", "+41445550103")


def test_a_wrong_number_or_address_is_a_note_of_its_row_and_the_stay_comes_in(property, files):
    MessageSettings.objects.create(property=property, region="CH")
    data = files.data(files.row("1", unit_type="204", email="anna@", phone="079 12"))
    for report in (look(property, data), take_in(property, data)):
        [line] = report.lines
        assert line.kinds == (Kind.NEW,)
        assert line.notes == (
            "'anna@' is no email address and left out",
            "'079 12' is no phone number and left out",
        )
    guest = stay_of("1").reservation.guest
    assert (guest.email, guest.phone) == ("", "")


def test_a_number_without_a_country_is_the_houses(property, files):
    MessageSettings.objects.create(property=property, region="CH")
    take_in(property, files.data(files.row("1", unit_type="204", phone="079 123 45 67")))
    assert stay_of("1").reservation.guest.phone == "+41791234567"
