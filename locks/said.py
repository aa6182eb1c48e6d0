"""What the screen says, and how it looks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """A sentence and its tone: good, wait, warn, bad or off. The tone picks the shape beside the sentence."""

    tone: str
    text: str
