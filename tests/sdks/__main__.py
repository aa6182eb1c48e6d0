"""Other official SDKs, unmodified, through the calls of the seeds' documents, against a Latchkey of its own with the
sample hotel. `python -m tests.sdks javascript`; also javascript-1, python-1 and seamapi-2. Ends with 1 at the first difference."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.hospitality.processes import ROOT, House, manage, var_folder

HERE = Path(__file__).resolve().parent
NODE = HERE / "javascript"
VENVS = ROOT / "var" / "sdks"


def javascript(*package: str) -> list[str]:
    """The command that runs the SDK of today, or the one in `package`."""
    if not (shutil.which("node") and shutil.which("npm")):
        sys.exit("This needs Node.js 20 or newer, with npm.")
    _run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent", "--prefix", NODE)
    return ["node", str(NODE / "seeds.mjs"), *package]


def python(program: str, *packages: str) -> list[str]:
    """The command that runs `program` where these packages are installed, and nothing else."""
    venv = VENVS / program.removesuffix(".py")
    if not venv.exists():
        _run(sys.executable, "-m", "venv", venv)
    _run(venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
    return [str(venv / "bin" / "python"), str(HERE / program)]


SDKS = {
    "javascript": javascript,
    "javascript-1": lambda: javascript("@seamapi/http-1"),
    "python-1": lambda: python("python_1x.py", "seam==1.210.0"),
    "seamapi-2": lambda: python("seamapi_2.py", "seamapi==2.20.1", "setuptools<81"),
}


def _run(*command: str | Path) -> None:
    if subprocess.run(command).returncode:
        sys.exit(f"This failed: {' '.join(map(str, command))}")


def run(sdk: str) -> int:
    """The exit code of the SDK's program."""
    command = SDKS[sdk]()
    with var_folder() as var, House(var, "demo", LATCHKEY_WEBHOOKS_TO="127.0.0.1") as house:
        house.until_healthy()
        made = manage("api_key", "seeblick", sdk, "--scopes", "read,codes,manage", var=var)
        if made.returncode:
            sys.exit(made.stderr)
        given = {
            "SEAM_API_KEY": made.stdout.strip(),
            "SEAM_ENDPOINT": f"http://127.0.0.1:{house.port}/api",
            "SIMULATOR": f"http://127.0.0.1:{house.simulator_port}",
        }
        return subprocess.run(command, env=os.environ | given).returncode


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.sdks", description=__doc__)
    parser.add_argument("sdk", choices=SDKS)
    sys.exit(run(parser.parse_args().sdk))
