"""A thousand of the points; `python -m tests.kill --points 20000` takes more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
POINTS = os.environ.get("LATCHKEY_KILL_POINTS", "1000")
PARTS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
"""Where so many processes of pytest share the cores, each can take a part."""


@pytest.mark.parametrize("part", [f"{number}/{PARTS}" for number in range(1, PARTS + 1)])
def test_killed_at_any_line_or_before_any_answer_nothing_is_lost_and_nothing_done_twice(part):
    jobs = max(1, (os.cpu_count() or 1) // PARTS)
    # In a process of its own: what is forked there must not hold the database of these tests.
    command = ["tests.kill", "--points", POINTS, "--part", part, "--jobs", str(jobs)]
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT)
    assert done.returncode == 0, "the points that came out wrong are told above"
