"""Each sentence of the documents about codes has a test that shows it, and that test is there and runs."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.locks.seeds import SENTENCES

TESTS = Path(__file__).resolve().parents[1]
TABLE = [
    (document, sentence, shown_by)
    for document, sentences in SENTENCES.items()
    for sentence, shown_by in sentences.items()
]


@cache
def shown_in(file: str) -> set[str]:
    """The tests of one file that are neither skipped nor expected to fail."""
    tree = ast.parse((TESTS / file).read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {
        node.name
        for node in found
        if node.name.startswith("test_")
        and not any(word in ast.unparse(mark) for mark in node.decorator_list for word in ("skip", "xfail"))
    }


@pytest.mark.parametrize(("document", "sentence", "shown_by"), TABLE, ids=[row[1][:60] for row in TABLE])
def test_a_sentence_is_shown(document, sentence, shown_by):
    assert shown_by, f"{document}: {sentence}"
    missing = [one for one in shown_by if one.split("::")[1] not in shown_in(one.split("::")[0])]
    assert not missing
