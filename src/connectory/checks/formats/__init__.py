"""Reports of the checks as other programs read them: one pure writer for each format.

What findings say comes from the files of strangers. Each writer drops control characters and
escapes what its format takes for more than text.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from connectory.checks.rules import Finding, Result
from connectory.checks.run import Report


@dataclass(frozen=True, slots=True)
class Told:
    """What the checks say of the connector at a path, as it was named."""

    path: str
    report: Report

    @property
    def label(self) -> str:
        """The connector and its version; the path where the manifest cannot be read."""
        manifest = self.report.manifest
        return f"{manifest.id} {manifest.version}" if manifest else self.path

    def findings(self) -> Iterator[tuple[Result, Finding]]:
        """Give each finding with the result that it is part of."""
        for result in self.report.results:
            for finding in result.findings:
                yield result, finding
