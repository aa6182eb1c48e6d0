"""What the OpenAPI document says, held against the running product: no call fails, none answers otherwise."""

import subprocess
import sys
from pathlib import Path

from tests.hospitality.processes import manage

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


def test_no_call_answers_otherwise_than_the_document_says(demo):
    made = manage("api_key", "seeblick", "Schema", "--scopes", "read,codes,manage", var=demo.house.var)
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"{demo.url}/api/openapi.json",
            f"--header=Authorization: Bearer {made.stdout.strip()}",
            f"--checks={','.join(CHECKS)}",
            "--phases=fuzzing",
            "--max-examples=10",
            "--generation-deterministic",
            "--continue-on-failure",
            "--warnings=off",
        ],
        cwd=demo.house.var,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILURES" not in done.stdout
