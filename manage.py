#!/usr/bin/env python
"""Latchkey's commands: `manage.py demo`, `manage.py up`, and Django's own."""

import os
import signal
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError
from environs import EnvError

from hospitality import embedded, supervisor
from hospitality.postgres import DatabaseUnavailable

WITHOUT_DATABASE = {
    "help",
    "version",
    "check",
    "collectstatic",
    "startapp",
    "findstatic",
    "diffsettings",
    "simulator",
    "makemessages",
    "compilemessages",
}

REMEDY = ' Correct it, or unset it for the default; the README, "Settings", says what each one takes.'


def main() -> None:
    """Run one command; what a house can put right itself ends with one clear line and no stack trace."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hospitality.settings")
    supervisor.follow_lifeline()
    sys.stdout.reconfigure(line_buffering=True)  # what is said to a log file is said at once
    # A plain end, so that the embedded database is let go of.
    for number in supervisor.orders_to_end():
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    try:
        run()
    except (DatabaseUnavailable, ImproperlyConfigured, EnvError) as error:
        sys.exit(f"Latchkey cannot start: {error}{REMEDY if isinstance(error, EnvError) else ''}")
    except OperationalError as error:
        sys.exit(f"The database does not answer: {str(error).strip()}\nIs it up, and is DATABASE_URL right?")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def run() -> None:
    """The command, with the embedded database up around it where DATABASE_URL names no other."""
    if os.environ.get("DATABASE_URL") or not WITHOUT_DATABASE.isdisjoint(sys.argv[1:2] or ["help"]):
        execute_from_command_line(sys.argv)
        return
    with embedded.running():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
