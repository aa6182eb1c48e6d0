"""`python -m tests.reservations.messages.stops`: send what is due, and stand still once the channel has taken it."""

import signal
import sys

import django

django.setup()

from reservations.messages import channels, sending  # noqa: E402

real = channels.send


def send(letter) -> None:
    """The real channel, and then a long pause in which somebody may kill us."""
    real(letter)
    print("taken", flush=True)
    signal.pause()
    sys.exit("nobody killed us")


channels.send = send
sending.run()
