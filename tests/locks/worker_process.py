"""The real worker (`manage.py worker`: watchdog, queue, sweep) on the tests' database."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psutil
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


class WorkerProcess:
    """`with WorkerProcess(tmp_path) as worker:` starts it; whatever is left of it is killed at the end."""

    def __init__(self, folder: Path):
        self.output = folder / "worker.log"
        self.process: psutil.Popen | None = None

    def __enter__(self) -> "WorkerProcess":
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.kill9()

    def start(self) -> "WorkerProcess":
        with self.output.open("ab") as output:
            self.process = psutil.Popen(
                [sys.executable, ROOT / "manage.py", "worker"],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return self

    def kill9(self) -> None:
        """SIGKILL to the watchdog and everything below it at once: the power is cut."""
        tree = [self.process, *self.process.children(recursive=True)]
        for process in tree:
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                pass
        psutil.wait_procs(tree)

    @staticmethod
    def _environment() -> dict[str, str]:
        database = connection.settings_dict
        host = quote(str(database["HOST"]), safe="")
        address = f"{quote(database['USER'])}@{host}" + (f":{database['PORT']}" if database["PORT"] else "")
        return os.environ | {
            "DATABASE_URL": f"postgresql://{address}/{database['NAME']}",
            "LATCHKEY_VAR_DIR": str(settings.VAR_DIR),
            "DJANGO_SETTINGS_MODULE": "hospitality.settings",
        }
