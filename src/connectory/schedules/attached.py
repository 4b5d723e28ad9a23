"""The schedules of an instance end with it."""

from connectory.schedules import store
from connectory.work import Work


class AttachedSchedules:
    """Schedules as something that is attached to instances (`connectory.instances.crew`)."""

    def waiting(self, work: Work, instance_id: str) -> str:
        """Say how many schedules will not fire any more."""
        number = len(store.of_instance(work, instance_id))
        return f"{number} schedule{'s' if number > 1 else ''}" if number else ""

    def forget(self, work: Work, instance_id: str) -> None:
        """Delete the schedules of an instance, and what was noted of them."""
        store.remove_all(work, instance_id)
