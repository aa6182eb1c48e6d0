"""The real web server on the tests' database, and a reader of its live stream."""

import http.client
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from tests.hospitality.processes import free_port, until

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 10


class WebProcess:
    """`with WebProcess(tmp_path) as web:` serves until the end of the block."""

    def __init__(self, folder: Path):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = folder / "web.log"

    def __enter__(self) -> "WebProcess":
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def start(self) -> None:
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *self._command()],
                cwd=ROOT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        until(self._answers, "the web server answers")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.output.read_text()
        try:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=1).connect() is None
        except OSError:
            return False

    def _command(self) -> list[str]:
        server = ["-m", "uvicorn", "hospitality.asgi:application", "--port", str(self.port)]
        return [*server, "--timeout-graceful-shutdown", "1"]

    def _environment(self) -> dict[str, str]:
        database = connection.settings_dict
        secret = f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else ""
        place = quote(str(database["HOST"]), safe="") + (f":{database['PORT']}" if database["PORT"] else "")
        return os.environ | {
            "DATABASE_URL": f"postgresql://{quote(database['USER'])}{secret}@{place}/{database['NAME']}",
            "LATCHKEY_VAR_DIR": str(settings.VAR_DIR),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }


class Stream:
    """One open live stream, read line by line. Waits at most PATIENCE seconds for a line."""

    def __init__(self, port: int, path: str, *, method: str = "GET", **headers: str):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.connection.request(
            method, path, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )
        self.response = self.connection.getresponse()
        self.status = self.response.status

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.connection.close()
        self.response.close()

    def topic(self) -> str:
        """The next event's name."""
        while True:
            line = self.response.readline().decode()
            assert line, "the stream has ended"
            if line.startswith("event: "):
                return line.removeprefix("event: ").strip()
