"""The files of the file channel hold digits: only this user reads them, and they do not stay for ever."""

import os
import time

import pytest

from reservations.messages import outbox as folders
from reservations.messages.models import Channel, State
from tests.reservations.messages.conftest import states


@pytest.fixture
def sent(house, outbox):
    """The file of a message that went out, and its stay."""
    house.text()
    house.rule(channel=Channel.FILE)
    stay = house.arrive()
    house.send()
    [file] = outbox.iterdir()
    return file, stay


def written(file, days: float) -> None:
    """As it would be, had it been written so many days ago."""
    at = time.time() - days * 24 * 60 * 60
    os.utime(file, (at, at))


def test_only_this_user_reads_a_file_whatever_the_surroundings_allow(house, outbox):
    before = os.umask(0)
    try:
        house.text()
        house.rule(channel=Channel.FILE)
        house.arrive()
        house.send()
    finally:
        os.umask(before)
    [file] = outbox.iterdir()
    assert (file.stat().st_mode & 0o777, outbox.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_file_is_deleted_after_thirty_days_and_its_message_stays(sent, house, outbox):
    file, stay = sent
    written(file, 29.9)
    assert (folders.forget(), file.exists()) == (0, True)
    written(file, 30.1)
    assert (folders.forget(), file.exists()) == (1, False)
    assert states(stay) == [State.SENT]
    assert folders.forget() == 0


def test_what_a_killed_worker_left_half_written_and_what_lies_for_a_house_that_is_gone_are_deleted(
    sent, outbox
):
    half, gone = outbox / "a.new", outbox.parent / "gone" / "b.txt"
    gone.parent.mkdir()
    for file in (half, gone):
        file.write_text("digits")
        written(file, 31)
    assert folders.forget() == 2
    assert not half.exists() and not gone.exists() and sent[0].exists()


def test_without_an_outbox_nothing_is_done(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "new"
    assert folders.forget() == 0
