"""`python -m locks.simulator`: see the package's docstring."""

import argparse
import os
import sys
from pathlib import Path

from locks.simulator.server import serve
from locks.simulator.store import Store, StoreUnusable

TOKEN_VARIABLE = "LATCHKEY_SIMULATOR_TOKEN"


def main() -> None:
    """Read the arguments and serve; what cannot work is said in one line, with exit code 2."""
    parser = argparse.ArgumentParser(prog="python -m locks.simulator", description="A virtual lock maker.")
    parser.add_argument("--port", type=int, required=True, help="0: any free port")
    parser.add_argument("--store", type=Path, required=True, help="the SQLite file; made when missing")
    parser.add_argument("--token", default=os.environ.get(TOKEN_VARIABLE), help=f"or {TOKEN_VARIABLE}")
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args()
    if not options.token or not (options.token.isascii() and options.token.isprintable()):
        parser.error(f"a token of plain characters is needed: --token or {TOKEN_VARIABLE}")
    try:
        store = Store(options.store)
    except StoreUnusable as exc:
        parser.error(str(exc))
    try:
        serve(store, options.token, options.host, options.port)
    except (OSError, OverflowError) as exc:
        parser.error(f"cannot listen on {options.host} port {options.port} ({exc}): choose another --port")
    except KeyboardInterrupt:
        """Ctrl-C is the way to end it."""
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main())
