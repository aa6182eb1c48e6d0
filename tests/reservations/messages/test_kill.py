"""The worker is killed between a channel's effect and its record: a real process, SIGKILL. The message goes out again,
under the same name, and says that it may have been sent twice; where the channel can tell, it is there once."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections

from hospitality import clock
from reservations import stays
from reservations.messages import outbox as folders
from reservations.messages import sending
from reservations.messages.models import Channel, Message, State
from tests.locks.conftest import make_hotel
from tests.locks.simulator_process import wait_until
from tests.locks.worker_process import WorkerProcess
from tests.reservations.messages.conftest import messages

ROOT = Path(__file__).resolve().parents[3]
STOPS = f"{__package__}.stops"


@pytest.fixture
def hotel(transactional_db, simulator):
    made = make_hotel(simulator)
    made.visit()
    return made


def killed_after_it_was_taken(mail=None) -> None:
    """Send what is due in a process that stops once the channel has taken it, and kill that process there."""
    surroundings = WorkerProcess._environment() | {"DJANGO_SETTINGS_MODULE": "hospitality.settings"}
    surroundings["LATCHKEY_MAIL_FROM"] = "desk@hotel.example"
    if mail:
        surroundings["EMAIL_URL"] = f"smtp://127.0.0.1:{mail.port}"
    process = subprocess.Popen(
        [sys.executable, "-m", STOPS], cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() == "taken", "it stands between the effect and the record"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def end_the_lease() -> None:
    """What three minutes of waiting would do."""
    Message.objects.filter(state=State.SENDING).update(due_at=clock.now())


def test_killed_after_the_mail_server_took_it_it_says_that_it_may_have_been_sent_twice(house, mail):
    house.text()
    house.rule()
    stay = house.arrive()
    killed_after_it_was_taken(mail)
    [message] = messages(stay)
    assert (message.state, message.attempts, len(mail.mails)) == (State.SENDING, 1, 1)
    assert sending.run() == 0, "nobody knows yet that it is dead"
    end_the_lease()
    assert sending.run() == 1
    [message] = messages(stay)
    assert (message.state, message.perhaps_twice, message.attempts) == (State.SENT, True, 2)
    assert len({one["Message-ID"] for one in mail.mails}) == 1, "mail programs can know it again"
    assert mail.bodies()[0] == mail.bodies()[1]


def test_killed_after_the_file_was_written_it_is_there_once_and_certain(house):
    house.text()
    house.rule(channel=Channel.FILE)
    stay = house.arrive()
    killed_after_it_was_taken()
    [message] = messages(stay)
    end_the_lease()
    assert sending.run() == 1
    [message] = messages(stay)
    assert (message.state, message.perhaps_twice) == (State.SENT, False)
    assert len(list(folders.folder(house.hotel.property).iterdir())) == 1


def test_a_stay_cancelled_while_nobody_knew_what_became_of_its_message_says_so(house, mail):
    house.text("Thank you, {guest}")
    house.rule("booking")
    stay = house.book(arrival=2)
    killed_after_it_was_taken(mail)
    stays.cancel(stay, by=None)
    end_the_lease()
    assert sending.run() == 0
    [message] = messages(stay)
    assert (message.state, str(message.problem)) == (
        State.SUPERSEDED,
        "An attempt was cut off before the stay ended; it may have gone out.",
    )


def test_two_workers_at_once_send_each_message_once(house, mail):
    house.text("Thank you, {guest}")
    house.rule("booking")
    for number in range(12):
        house.book(room=None, name=f"Guest {number}")

    def work(_: int) -> int:
        try:
            return sending._send_all()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(work, range(4))) == 12
    assert sorted(mail.bodies()) == sorted(f"Thank you, Guest {number}" for number in range(12))
    assert not Message.objects.filter(perhaps_twice=True).exists()


def test_the_real_worker_sends_what_the_desk_did_without_being_asked(house, tmp_path):
    house.text()
    house.rule(channel=Channel.FILE)
    with WorkerProcess(tmp_path) as worker:
        stay = house.arrive()
        wait_until(
            lambda: messages(stay) and messages(stay)[0].state == State.SENT, 45, "the message is sent"
        )
        said = worker.output.read_text()
    assert stay.grant.pin not in said
