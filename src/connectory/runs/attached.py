"""The runs of an instance end with it."""

from connectory.runs import store
from connectory.work import Work


class AttachedRuns:
    """Runs as something that is attached to instances (`connectory.instances.crew`)."""

    def waiting(self, work: Work, instance_id: str) -> str:
        """Say how many events have not been processed."""
        number = store.open_runs(work, instance_id)
        return f"{number} event{'s' if number > 1 else ''}" if number else ""

    def forget(self, work: Work, instance_id: str) -> None:
        """Delete all runs and inputs of an instance."""
        store.delete_all(work, instance_id)
