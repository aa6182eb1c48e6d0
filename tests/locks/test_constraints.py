"""The rules for a PIN's digits, by the seeds' system's names."""

import pytest

from locks.constraints import KNOWN, broken
from locks.pins import SENTENCES

KEEPING_ALL = "162534"


@pytest.mark.parametrize(
    ("rule", "breaks", "keeps"),
    [
        ("no_zeros", ["0123", "4120", "10"], ["1234", "9999"]),
        ("cannot_start_with_12", ["1234", "12"], ["2112", "1122", "0123"]),
        (
            "no_triple_consecutive_ints",
            ["1233", "9123", "9321", "5777", "000"],
            ["1244", "1122", "8901", "1357"],
        ),
        (
            "no_ascending_or_descending_sequence",
            ["1234", "987654", "01"],
            ["12345679", "1235", "1357", "1111", "12321", "5"],
        ),
        ("at_least_three_unique_digits", ["1111", "121212"], ["1213", "4567"]),
        ("cannot_contain_089", ["1230", "1238", "9123"], ["1234567"]),
        ("cannot_contain_0789", ["1230", "1237", "1238", "9123"], ["123456"]),
        ("unique_first_four_digits", ["1123", "1231", "12325"], ["1234", "123411", "123"]),
        ("no_all_same_digits", ["1111", "000000"], ["1112"]),
    ],
)
def test_each_rule_names_the_pins_that_break_it_and_no_others(rule, breaks, keeps):
    assert [pin for pin in breaks + keeps if broken(pin, [rule]) == [rule]] == breaks
    assert [pin for pin in breaks + keeps if KNOWN[rule](pin)] == keeps


def test_all_broken_rules_are_named_and_only_those_asked_about():
    assert broken("1200", {"no_zeros", "cannot_start_with_12", "no_all_same_digits"}) == [
        "no_zeros",
        "cannot_start_with_12",
    ]
    assert broken("1200", ["cannot_start_with_12"]) == ["cannot_start_with_12"]
    assert broken(KEEPING_ALL, KNOWN) == []


@pytest.mark.parametrize(
    "rule",
    [
        "name_length",
        "name_must_be_unique",
        "start_date_in_future",
        "cannot_specify_pin_code",
        "pin_code_matches_existing_set",
        "a_rule_of_next_year",
    ],
)
def test_rules_that_say_nothing_about_digits_are_broken_by_no_pin(rule):
    assert broken("0000", [rule]) == []


def test_every_rule_has_a_sentence_for_a_person():
    assert set(SENTENCES) == set(KNOWN)
    assert all(text[0].isupper() and text.endswith(".") and "_" not in text for text in SENTENCES.values())
