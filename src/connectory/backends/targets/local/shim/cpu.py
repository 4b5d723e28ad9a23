"""Limits the CPU of a connector by a control group, where the machine has one for it."""

from contextlib import suppress
from pathlib import Path

from connectory.backends.targets.local.shim.contract import Config

PERIOD_US = 100_000
STARTING = 1.0  # CPU that every connector may use while it starts
OF_SECOND = "cpu.max"  # a file that groups of version 2 have


class CpuLimit:
    """The control group of one connector; nothing happens if its configuration names none."""

    def __init__(self, config: Config) -> None:
        self._group = Path(config.cpu_group) if config.cpu_group else None
        self._cpu = config.cpu
        self.is_settled = True  # whether the limit is the declared one

    def begin(self) -> None:
        """Make the group. While the connector starts it may have a whole CPU.

        Raises:
            OSError: If that cannot be done; the connector must not start then.
        """
        if self._group is not None:
            self._group.mkdir(exist_ok=True)
            write(self._group, max(self._cpu, STARTING))
            self.is_settled = False

    def settle(self) -> None:
        """Give it what it declares from now on."""
        if self._group is not None and not self.is_settled:
            write(self._group, self._cpu)
            self.is_settled = True

    def end(self) -> None:
        """Delete the group, if nothing is in it any more."""
        if self._group is not None:
            with suppress(OSError):
                self._group.rmdir()


def write(group: Path, cpu: float) -> None:
    """Limit a group to so many CPUs.

    Raises:
        OSError: If it cannot be written.
    """
    quota = max(1000, round(cpu * PERIOD_US))  # 1 ms is the least that Linux takes
    if (group / OF_SECOND).exists():
        (group / OF_SECOND).write_text(f"{quota} {PERIOD_US}")
    else:
        (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (group / "cpu.cfs_quota_us").write_text(str(quota))
