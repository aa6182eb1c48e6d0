"""`manage.py import_reservations`: what the page does, for the shell and for cron."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from reservations import stays
from reservations.models import Stay
from tests.factories import PropertyFactory, RoomFactory, today
from tests.reservations.import_files import List, everything


@pytest.fixture
def property(db):
    made = PropertyFactory(slug="seaview")
    RoomFactory(property=made, name="204")
    return made


@pytest.fixture
def files(property):
    return List(today(property))


@pytest.fixture
def run(tmp_path):
    """Write the bytes to a file and import it; what was printed."""

    def command(data: bytes, *options: str, slug="seaview") -> str:
        path = tmp_path / "list.csv"
        path.write_bytes(data)
        out = StringIO()
        call_command("import_reservations", str(path), "--property", slug, *options, stdout=out)
        return out.getvalue()

    return command


def test_a_file_is_taken_in_and_again_changes_nothing(run, files):
    data = files.data(files.row("1", unit_type="204"))
    assert "Taken in from booking.com: 1 new." in run(data)
    before = everything()
    assert "Taken in from booking.com: 1 unchanged." in run(data)
    assert everything() == before


def test_a_dry_run_says_what_would_be_done_and_does_nothing(run, files):
    before = everything()
    said = run(files.data(files.row("1", unit_type="204")), "--dry-run")
    assert "line 2: 1 new: 204, " in said
    assert "Would take in from booking.com: 1 new." in said
    assert everything() == before


def test_refused_rows_are_listed_the_others_go_in_and_the_status_says_so(tmp_path, files):
    path = tmp_path / "list.csv"
    path.write_bytes(files.data(files.row("1"), files.row("", guest="Bo"), files.row("3", arrival="x" and 3)))
    out = StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command("import_reservations", str(path), "--property", "seaview", stdout=out)
    assert stopped.value.returncode == 2
    assert "line 3: refused: it has no booking number" in out.getvalue()
    assert "2 new" in out.getvalue()
    assert Stay.objects.count() == 2


def test_guests_in_house_need_their_own_option(run, files):
    run(files.data(files.row("1", arrival=0, unit_type="204")))
    stays.check_in(Stay.objects.get(), by=None)
    data = files.data(files.row("1", arrival=0, nights=5, unit_type="204"))
    assert "only done with --second-yes" in run(data)
    assert "1 changed dates" in run(data, "--second-yes")


def test_an_older_file_needs_its_own_option(run, files):
    run(files.data(files.row("1", booked_on="2026-11-20")))
    older = files.data(files.row("1", nights=4, booked_on="2026-11-19"))
    assert "It needs --older." in run(older, "--dry-run")
    with pytest.raises(CommandError, match="looks older than the last one"):
        run(older)
    assert "1 changed dates" in run(older, "--older")


def test_the_source_can_be_named(run, files):
    assert "Taken in from expedia" in run(files.data(files.row("1")), "--source", "Expedia")
    with pytest.raises(CommandError, match="cannot name a source"):
        run(files.data(files.row("1")), "--source", "desk")


def test_an_unknown_property_is_refused_with_those_there_are(run, files):
    with pytest.raises(CommandError, match="no property 'nowhere'. There are: seaview"):
        run(files.data(files.row("1")), slug="nowhere")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"PK\x03\x04", "save it as CSV"),
        (b"Ref,Who\n1,A\n", "no column known as booking number.* import page"),
    ],
)
def test_a_file_that_is_no_list_is_refused(run, property, data, why):
    with pytest.raises(CommandError, match=why):
        run(data)


def test_a_large_file_is_refused_by_its_size(property, tmp_path):
    path = tmp_path / "list.csv"
    with path.open("wb") as file:
        file.truncate(50 * 2**20)
    with pytest.raises(CommandError, match="50 MB; at most 5 MB"):
        call_command("import_reservations", str(path), "--property", "seaview")


def test_a_file_that_is_not_there_or_a_folder_is_refused(property, tmp_path):
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("import_reservations", str(path), "--property", "seaview")
