"""A tick as a run: what the connector is told, and the key that makes it one run."""

import json
from datetime import datetime

from connectory.kernel.clock import rfc3339
from connectory.manifest.ticks import RUN_PATH, body_of
from connectory.runs.enqueue import Request
from connectory.runs.rules import Trigger


def request(
    instance: str, schedule: str, tick: datetime, *, is_planned: bool = True
) -> Request:
    """Return the run of a tick.

    Args:
        instance: Its id.
        schedule: The name of the schedule.
        tick: The time for which it was planned.
        is_planned: Whether asking for it twice gives one run; not if somebody wants it now.
    """
    body = json.dumps(body_of(schedule, tick)).encode()
    key = f"{schedule} {rfc3339(tick)}" if is_planned else ""
    return Request(instance, Trigger.SCHEDULE, RUN_PATH, body, {}, key)
