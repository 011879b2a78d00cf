"""What a verb over many records did."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """Ids that were changed, that were so already, and that were refused with the reason as a sentence."""

    changed: set[int] = field(default_factory=set)
    unchanged: set[int] = field(default_factory=set)
    refused: dict[int, Any] = field(default_factory=dict)
