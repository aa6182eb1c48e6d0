"""The README's table of providers is what the code declares."""

import dataclasses
from datetime import time
from pathlib import Path

import pytest

from locks.providers import table
from locks.providers.base import Alphabet, Capabilities, NameRules, OfflineKind, ReadBack, TimeSlot

README = Path(__file__).resolve().parents[2] / "README.md"
COMMAND = "python -m locks.providers.table"
OTHERWISE = {
    "can_program_online_access_codes": False,
    "can_program_offline_access_codes": True,
    "offline_kinds": (OfflineKind.HOURLY,),
    "native_scheduling": True,
    "window_grain": 60,
    "time_slots": (TimeSlot("night", time(15), time(11)),),
    "keeps_local_time": True,
    "pin_lengths": (4,),
    "code_constraints": ("no_zeros",),
    "digits_once": True,
    "slots": 30,
    "names": NameRules(max_length=12),
    "read_back": ReadBack.PRESENCE,
    "confirms_later": True,
    "names_the_code": True,
    "pushes_events": True,
    "can_remotely_unlock": True,
    "own_backup_pool": True,
}
NAMES_OTHERWISE = {
    "min_length": 2,
    "max_length": 12,
    "alphabet": Alphabet.ASCII,
    "unique": True,
    "two_parts": True,
}


def told(can: Capabilities) -> str:
    return table.rendered({"maker": type("Maker", (), {"MODELS": {"lock": can}})})


def test_the_readme_has_exactly_the_table_that_the_code_gives():
    text = README.read_text(encoding="utf-8")
    assert f"\n\n{table.rendered()}\n" in text, f"Put the output of `{COMMAND}` into README.md"
    assert COMMAND in text


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Capabilities)])
def test_every_fact_of_a_lock_is_in_the_table(name):
    plain = Capabilities(can_program_offline_access_codes=name == "offline_kinds")
    assert told(dataclasses.replace(plain, **{name: OTHERWISE[name]})) != told(plain)


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(NameRules)])
def test_every_rule_for_names_is_in_the_table(name):
    rules = NameRules(**{name: NAMES_OTHERWISE[name]})
    assert told(Capabilities(names=rules)) != told(Capabilities())


def test_each_kind_of_lock_has_a_column_and_each_row_all_of_them():
    lines = table.rendered().splitlines()
    kinds = sum(len(provider.MODELS) for provider in table.PROVIDERS.values())
    assert {line.count(" | ") for line in lines} == {kinds}


def test_a_lock_that_is_never_connected_has_no_facts_about_programming_it():
    never = Capabilities(can_program_online_access_codes=False)
    assert told(never) == told(dataclasses.replace(never, slots=30, confirms_later=True))
