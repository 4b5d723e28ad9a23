"""The references that a server publishes about itself."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class DocsPage:
    """The index of the references. Template: docs.html."""

    template: ClassVar[str] = "docs.html"
