"""What the first example of a connector did, in a throw-away marketplace."""

from dataclasses import dataclass
from typing import ClassVar

from connectory.web.parts import Fact, LogLineView


@dataclass(frozen=True, slots=True)
class TryPage:
    """Input and output of one try. Template: try.html. JSON is indented text."""

    template: ClassVar[str] = "try.html"

    namespace: str
    id: str
    name: str
    version: str
    example: str
    trigger: str
    event: str  # JSON
    status: int
    output: str  # JSON
    arrived: tuple[Fact, ...]  # stand-in, and the JSON that it accepted
    logs: tuple[LogLineView, ...]
    standins: tuple[str, ...]
    contained: bool
    seconds: float

    @property
    def url(self) -> str:
        """The page of the version."""
        return f"/c/{self.namespace}/{self.id}@{self.version}"

    @property
    def has_failed(self) -> bool:
        """Whether the connector said that it could not."""
        return self.status >= 400  # noqa: PLR2004  as HTTP has it
