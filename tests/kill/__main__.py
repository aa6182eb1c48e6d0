import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.kill import command  # noqa: E402 - models come after the settings

if __name__ == "__main__":
    sys.exit(command.main())
