"""What the screen says, and how it looks."""

from typing import NamedTuple


class Said(NamedTuple):
    """A sentence and its tone: good, wait, warn, bad or off. The tone picks the shape beside the sentence."""

    tone: str
    text: str
