"""Seam's own pool as the second source of backup codes: asked once none of ours is left, one code for one guest, known as
ours from its digits on, off with its guest. What is at Seam is a server's that answers as Seam does."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from hospitality import clock
from hospitality.wall import Wall
from locks import backups, codes, event_words, leases, pins, pulling, queries, tasks, unmanaged, wishes, words
from locks.models import AccessCode, BackupPull, Event, Lock
from locks.thresholds import PULL_AGAIN_AFTER, PULL_AWAITED
from tests.locks.seam.cloud import Answer, Cloud, code, device, error, html
from tests.locks.seam.test_house import account, cloud, grant, hang, on_the_lock, visit
from tests.locks.simulator_process import wait_until
from tests.locks.worker_process import WorkerProcess

__all__ = ["account", "cloud"]

PULL = "/access_codes/pull_backup_access_code"
DIGITS = "864208"


@pytest.fixture
def lock(account, cloud) -> Lock:
    """A lock where Seam keeps one backup code, as the last visit found it."""
    made = hang(account, cloud)
    cloud.put(device(properties={"backup_access_code_pool_enabled": True}))
    cloud.put(code(code=DIGITS, is_backup=True, name=None))
    visit(made)
    return made


@pytest.fixture
def anna(cloud, lock) -> AccessCode:
    return guest(cloud, lock)


def guest(cloud: Cloud, lock: Lock) -> AccessCode:
    """The code of one who is there, on the lock."""
    row = grant(lock)
    for _ in range(2):
        visit(lock)
        on_the_lock(cloud)
    return AccessCode.objects.get(pk=row.pk)


def asked(row: AccessCode) -> BackupPull:
    """A clerk wants a backup code of Seam's."""
    assert pulling.ask(row, by=None)
    return pulling.last([row.pk])[row.pk]


def pulled(row: AccessCode) -> BackupPull:
    """And the worker asks."""
    pull = asked(row)
    tasks.pull_backup(pull.pk)
    pull.refresh_from_db()
    return pull


def backup_of(row: AccessCode) -> AccessCode | None:
    return AccessCode.objects.select_related("pulled_backup__lock").get(pk=row.pk).pulled_backup


def said(pull: BackupPull) -> str:
    """What the screen says of the asking."""
    told = event_words.of_pull(pull, "Room d1", Wall(pull.code.lock.property, clock.now()))
    return told.text if told else ""


def stands(backup: AccessCode) -> str:
    """Where the backup code stands, as the screen says it."""
    [row] = queries.read_codes(queries.CODES.filter(pk=backup.pk))
    [door] = queries.read_doors(queries.DOORS.filter(pk=backup.lock_id))
    return words.code_words(row, door, Wall(backup.lock.property, clock.now())).text


class TestLeftAlone:
    """A code of Seam's pool that nobody was given."""

    def test_visits_do_not_touch_it_and_its_digits_are_taken(self, cloud, lock, anna):
        [found] = AccessCode.objects.filter(lock=lock, is_managed=False)
        [there] = [one for one in cloud.codes.values() if one.get("is_backup")]
        assert (found.pin, there["status"], there["name"]) == (DIGITS, "set", None)
        assert pins.is_taken(DIGITS, lock, (None, None))
        assert cloud.asked["/access_codes/delete"] == cloud.asked["/access_codes/update"] == 0
        assert cloud.asked[PULL] == 0

    def test_it_is_no_stock_of_ours(self, lock, anna):
        assert lock.pk not in queries.stocks(lock.property)
        with pytest.raises(backups.NoneLeft):
            backups.hand_out(anna, by=None)

    def test_one_that_somebody_else_pulled_and_that_has_our_marker_in_its_name_is_not_taken_for_ours(
        self, cloud, lock, anna
    ):
        cloud.do_access_codes_pull_backup_access_code({"access_code_id": anna.observed_ref})
        [there] = [one for one in cloud.codes.values() if one.get("is_backup")]
        assert anna.observed_name in there["name"]
        for _ in range(3):
            visit(lock)
        anna.refresh_from_db()
        assert (anna.status, anna.pending_mutations) == ("set", [])
        assert there["status"] == "set" and cloud.asked["/access_codes/delete"] == 0


class TestPulling:
    def test_the_guest_has_it_and_what_is_said_of_it_is_what_the_list_said(self, cloud, lock, anna):
        pull = asked(anna)
        assert "no answer yet" in said(pull) and backup_of(anna) is None
        tasks.pull_backup(pull.pk)
        backup = backup_of(anna)
        assert (backup.pin, backup.is_managed, backup.is_backup) == (DIGITS, True, True)
        assert backup.ends_at == anna.ends_at
        assert backups.hand_out(anna, by=None) == backup
        assert stands(backup).startswith("On the lock, confirmed ")
        visit(lock)
        backup.refresh_from_db()
        assert (backup.status, backup.pending_mutations, backup.errors) == ("set", [], [])
        told = Event.objects.get(access_code=anna, event_type="access_code.backup_access_code_pulled")
        assert told.data == {"backup_access_code_id": str(backup.public_id)}
        assert cloud.asked["/access_codes/update"] == 0

    def test_one_that_was_on_no_list_yet_is_said_to_be_on_the_lock_once_it_is(self, cloud, lock, anna):
        ref = cloud.put(code(code="975319", is_backup=True, name=None))
        cloud.codes[anna.observed_ref]["pulled_backup_access_code_id"] = ref
        pulled(anna)
        backup = backup_of(anna)
        assert (backup.pin, stands(backup)) == ("975319", "Sent, not yet confirmed")
        visit(lock)
        backup.refresh_from_db()
        assert backup.status == "set" and stands(backup).startswith("On the lock, confirmed ")

    def test_ours_come_first(self, cloud, lock, anna):
        lock.property.backup_pool_size = 1
        lock.property.save()
        for _ in range(2):
            visit(lock)
            on_the_lock(cloud)
        visit(lock)
        backup = backups.hand_out(anna, by=None)
        assert backup.pin != DIGITS and cloud.asked[PULL] == 0

    def test_while_the_lock_is_offline_seam_is_asked_all_the_same(self, cloud, lock, anna):
        cloud.put(device(properties={"backup_access_code_pool_enabled": True, "online": False}))
        visit(lock)
        assert lock.online is False
        assert pulled(anna).outcome == "came"
        assert backup_of(anna).pin == DIGITS

    def test_at_check_out_it_comes_off_and_is_said_to_be_off_once_it_is(self, cloud, lock, anna):
        pulled(anna)
        visit(lock)
        codes.revoke(anna.grant, by=None)
        visit(lock)
        backup = backup_of(anna)
        assert (backup.status, backup.live) == ("removing", True)
        assert cloud.codes[backup.observed_ref]["status"] == "removing"
        on_the_lock(cloud)
        for _ in range(2):
            visit(lock)
        backup.refresh_from_db()
        assert (backup.status, backup.live, cloud.codes) == ("unset", False, {})

    def test_a_longer_stay_takes_it_along_and_nothing_is_sent_for_it(self, cloud, lock, anna):
        pulled(anna)
        ends_at = anna.ends_at + timedelta(hours=24)
        codes.move(anna.grant, by=None, starts_at=anna.starts_at, ends_at=ends_at)
        for _ in range(2):
            visit(lock)
            on_the_lock(cloud)
        backup = backup_of(anna)
        assert (backup.ends_at, backup.status, backup.errors) == (ends_at, "set", [])
        assert {said["access_code_id"] for path, said in cloud.sent if path == "/access_codes/update"} == {
            anna.observed_ref
        }

    def test_its_end_is_seen_to_here_also_if_seam_does_not(self, cloud, lock, anna, later):
        pulled(anna)
        visit(lock)
        later(hours=25)
        visit(lock)
        assert cloud.codes[backup_of(anna).observed_ref]["status"] == "removing"


class TestAskingAgain:
    def test_two_clerks_get_one_and_seam_is_asked_once(self, cloud, anna):
        first, second = asked(anna), asked(anna)
        assert first == second
        for pull in (first, second):
            tasks.pull_backup(pull.pk)
        assert cloud.asked[PULL] == 1
        assert AccessCode.objects.filter(is_backup=True).count() == 1

    def test_a_worker_that_died_after_the_call_left_a_strangers_code_which_is_given_when_it_is_asked_again(
        self, cloud, lock, anna, later
    ):
        pull = asked(anna)
        cloud.do_access_codes_pull_backup_access_code({"access_code_id": anna.observed_ref})
        visit(lock)  # the next worker finds it on the list
        later(seconds=PULL_AWAITED.total_seconds())
        assert "no answer has come" in said(pull) and "staff key" in said(pull)
        assert asked(anna) == pull
        tasks.pull_backup(pull.pk)
        assert BackupPull.objects.get().outcome == "came"
        visit(lock)
        [backup] = AccessCode.objects.filter(lock=lock, pin4=wishes.indexes(DIGITS)["pin4"])
        assert backup == backup_of(anna) and backup.status == "set"

    def test_a_task_that_comes_twice_changes_nothing(self, cloud, anna):
        pull = pulled(anna)
        before = AccessCode.objects.filter(is_backup=True).values().get()
        tasks.pull_backup(pull.pk)
        assert AccessCode.objects.filter(is_backup=True).values().get() == before
        assert cloud.asked[PULL] == 1

    def test_a_lost_answer_is_a_refusal_and_asked_again_it_is_the_same_code(self, cloud, anna, later):
        usual = cloud.do_access_codes_pull_backup_access_code

        def lost(told: dict) -> Answer:
            usual(told)
            cloud.answers.clear()
            return html()

        cloud.answers[PULL] = lost
        pull = pulled(anna)
        assert pull.outcome == "refused" and backup_of(anna) is None
        assert "staff key" in said(pull) and "the locks' hub does not answer" in said(pull)
        assert not pulling.ask(anna, by=None)
        later(seconds=PULL_AGAIN_AFTER.total_seconds() + 1)
        assert pulled(anna).outcome == "came"
        assert backup_of(anna).pin == DIGITS

    @pytest.mark.django_db(transaction=True)
    def test_a_worker_that_is_killed_while_seam_answers_is_asked_for_the_same_code_by_the_next(
        self, transactional_db, cloud, lock, anna, tmp_path
    ):
        usual = cloud.do_access_codes_pull_backup_access_code

        def held(told: dict) -> Answer:
            given = usual(told)
            cloud.hold.wait(60)
            return given

        cloud.answers[PULL] = held
        with WorkerProcess(tmp_path) as worker:
            pull = asked(anna)
            wait_until(lambda: cloud.asked[PULL] == 1, 60, "Seam is asked")
            worker.kill9()
            cloud.hold.set()
            assert backup_of(anna) is None
            Lock.objects.update(lease_until=clock.now())  # what half a minute of waiting would do
            BackupPull.objects.update(asked_at=clock.now() - PULL_AWAITED)
            assert asked(anna) == pull
            worker.start()
            wait_until(lambda: backup_of(anna), 60, "the guest has it")
            wait_until(lambda: backup_of(anna).status == "set", 60, "it is seen on the lock")
        assert backup_of(anna).pin == DIGITS
        assert AccessCode.objects.filter(is_backup=True).count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_two_workers_at_once_make_one_row_and_wait_for_a_visit(self, transactional_db, cloud, lock, anna):
        pull = asked(anna)
        visiting = leases.claim_one(lock.pk)

        def run() -> None:
            try:
                pulling.carry_out(pull.pk)
            finally:
                connection.close()

        workers = [threading.Thread(target=run) for _ in range(2)]
        for worker in workers:
            worker.start()
        assert cloud.asked[PULL] == 0
        leases.give_back(visiting)
        for worker in workers:
            worker.join()
        assert cloud.asked[PULL] == 1
        assert AccessCode.objects.filter(is_backup=True).count() == 1
        assert Lock.objects.get().lease_token is None


class TestNotToBeHad:
    def test_an_empty_pool_is_told_with_what_is_left_to_do(self, cloud, anna):
        cloud.answers[PULL] = [error("empty_backup_access_code_pool")]
        told = said(pulled(anna))
        assert "Open the door with a staff key" in told
        assert told.endswith("none was given: no backup code is ready.")

    def test_seam_is_not_asked_where_it_could_not_help(self, cloud, lock, anna, later):
        new = grant(lock)
        assert not pulling.ask(new, by=None), "Seam does not know that code yet"
        codes.move(new.grant, by=None, starts_at=new.starts_at, ends_at=None)
        assert not pulling.ask(AccessCode.objects.get(pk=new.pk), by=None), "it has no end"
        codes.revoke(anna.grant, by=None)
        assert not pulling.ask(anna, by=None), "the guest has left"
        assert not BackupPull.objects.exists()

    def test_seam_is_not_asked_where_its_pool_is_off(self, cloud, lock, anna):
        cloud.put(device(properties={"backup_access_code_pool_enabled": False}))
        visit(lock)
        assert not pulling.ask(anna, by=None)

    def test_what_begins_like_another_guests_digits_is_not_given(self, cloud, lock, anna):
        ref = cloud.put(code(code=f"{grant(lock).pin[:4]}77", is_backup=True, name=None))
        cloud.codes[anna.observed_ref]["pulled_backup_access_code_id"] = ref
        pull = pulled(anna)
        assert said(pull).endswith("another code on the lock has these digits.")
        assert backup_of(anna) is None and not AccessCode.objects.filter(is_backup=True).exists()

    def test_a_code_that_is_ours_already_or_another_guests_is_never_given(self, cloud, lock, anna):
        pulled(anna)
        ben = guest(cloud, lock)
        cloud.codes[ben.observed_ref]["pulled_backup_access_code_id"] = backup_of(anna).observed_ref
        assert said(pulled(ben)).endswith("its answers make no sense.")
        assert backup_of(ben) is None

    def test_a_guest_who_left_meanwhile_gets_none_and_what_came_is_taken_off(self, cloud, lock, anna):
        pull = asked(anna)
        codes.revoke(anna.grant, by=None)
        tasks.pull_backup(pull.pk)
        assert BackupPull.objects.get().outcome == "not_needed"
        visit(lock)
        [backup] = [one for one in cloud.codes.values() if one.get("is_backup")]
        assert backup["status"] == "removing"

    def test_one_that_somebody_adopted_is_theirs(self, lock, anna):
        unmanaged.adopt(AccessCode.objects.get(lock=lock, is_managed=False), by=None)
        assert pulled(anna).outcome == "refused"
        assert backup_of(anna) is None
