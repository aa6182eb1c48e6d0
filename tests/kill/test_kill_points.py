"""A thousand of the points; `python -m tests.kill --points 20000` takes more."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
POINTS = os.environ.get("LATCHKEY_KILL_POINTS", "1000")


def test_killed_at_any_line_or_before_any_answer_nothing_is_lost_and_nothing_done_twice():
    # In a process of its own: what is forked there must not hold the database of these tests.
    done = subprocess.run([sys.executable, "-m", "tests.kill", "--points", POINTS], cwd=ROOT)
    assert done.returncode == 0, "the points that came out wrong are told above"
