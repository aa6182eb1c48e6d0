"""The digits are in the message, and nowhere else: no table, no log, no task."""

import logging

import pytest
from django.db import connection
from django_q.models import OrmQ

from reservations import disclosing
from reservations.messages.models import Channel
from tests.e2e.test_canary import leaks
from tests.reservations.messages.conftest import door


@pytest.fixture
def everything(house, mail, texts, outbox, caplog):
    """Each channel has sent, failed and corrected; gives what was said in the logs."""
    caplog.set_level(logging.DEBUG)
    for channel in Channel:
        house.text(name=channel.label)
        house.rule(name=channel.label, channel=channel)
    mail.answers, texts.answers = ["451 later"], [500]
    house.hotel.visit()
    stay = house.arrive()
    for _ in range(2):
        house.send()
    disclosing.issue_backup(stay, door(house), by=None)
    for _ in range(3):
        house.send()
    assert len(mail.mails) == len(texts.got) == 2
    return caplog


def whole_database() -> str:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = []
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {connection.ops.quote_name(table)} t")
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def sent_digits(mail) -> set[str]:
    words = " ".join(mail.bodies()).replace(",", " ").replace(".", " ").split()
    return {word for word in words if word.isdigit() and len(word) > 4}


def test_no_digits_in_any_table_task_or_log(everything, mail, house):
    pins = sent_digits(mail)
    assert len(pins) == 2, "the guest's and the backup code"
    assert leaks(pins, whole_database()) == []
    assert leaks(pins, "\n".join(str(task.task) for task in OrmQ.objects.all())) == []
    ours = [
        record for record in everything.get_records("setup") if record.name not in ("mail.log", "apprise")
    ]
    assert ours
    assert leaks(pins, "\n".join(record.getMessage() for record in ours)) == []
