"""Read the condition of an alert as a manifest words it: errors over 5 % for 10 minutes. Pure.

sentence  = condition ["for" duration]
condition = "failing" | "degraded" | "silent" | "no runs" ["in" duration]
          | subject ("over" | "under") number [unit] ["in" duration]
subject   = "errors" | "runs" | "restarts" | "latency" | "memory" | "cpu"
          | a metric of `observability.metrics`
unit      = "%" of errors or cpu | "ms" "s" "m" of latency | "KB" "MB" "GB" of memory
duration  = number ("seconds" | "minutes" | "hours" | "days", or their first letter)
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

DURATION = r"(\d{1,4}) ?(s|m|h|d|seconds?|minutes?|hours?|days?)"
LASTING = re.compile(rf"(.+?) for {DURATION}")
WITHIN = re.compile(rf"(.+?) (?:in|within) {DURATION}")
COMPARED = re.compile(
    r"([a-zA-Z_:][a-zA-Z0-9_:]*|error rate) "
    r"(over|above|more than|under|below|less than|fewer than) "
    r"(\d{1,15}(?:\.\d{1,9})?) ?(%|[a-zA-Z]*)"
)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
WINDOW_S = 300
MORE = {"over", "above", "more than"}
STATES = {"failing", "degraded", "silent"}
SAME = {"error rate": "errors", "duration": "latency"}
UNITS = {
    "errors": {"": 1.0, "%": 0.01},
    "runs": {"": 1.0},
    "restarts": {"": 1.0},
    "latency": {"": 1.0, "ms": 0.001, "s": 1.0, "seconds": 1.0, "m": 60.0, "minutes": 60.0},
    "memory": {
        "": 1.0,
        "kb": 1e3,
        "mb": 1e6,
        "gb": 1e9,
        "kib": 2**10,
        "mib": 2**20,
        "gib": 2**30,
    },
    "cpu": {"": 1.0, "%": 0.01},
}


class NotTranslatedError(ValueError):
    """A sentence is not of the grammar; its text says what is not understood."""


@dataclass(frozen=True, slots=True)
class Condition:
    """When an alert fires. `subject` is a state of health, a word of `UNITS` or a metric.

    `number` is in base units: shares of 1, seconds, bytes. What is counted is counted within
    `window_s`, and the whole must have been so for `lasting_s`.
    """

    subject: str
    is_over: bool = True
    number: float = 0.0
    is_share: bool = False
    window_s: int = WINDOW_S
    lasting_s: int = 0


def read(sentence: str, metrics: Collection[str]) -> Condition:
    """Read a sentence; `metrics` are those that the manifest names.

    Raises:
        NotTranslatedError: If it is no sentence of the grammar; it says what is not understood.
    """
    text = " ".join(sentence.split())
    lasting_s, window_s = 0, WINDOW_S
    if said := LASTING.fullmatch(text):
        text, lasting_s = said[1], _seconds(said)
    if said := WITHIN.fullmatch(text):
        text, window_s = said[1], _seconds(said)
    if text.lower() in STATES:
        return Condition(text.lower(), lasting_s=lasting_s)
    if text.lower() == "no runs":
        return Condition(
            "runs", is_over=False, number=1, window_s=window_s, lasting_s=lasting_s
        )
    subject, is_over, number, unit = _compared(text, metrics)
    return Condition(subject, is_over, number, unit == "%", window_s, lasting_s)


def _compared(text: str, metrics: Collection[str]) -> tuple[str, bool, float, str]:
    said = COMPARED.fullmatch(text)
    if said is None:
        raise NotTranslatedError(f"`{text[:80]}` does not compare a subject with a number")
    subject = SAME.get(said[1].lower(), said[1].lower())
    unit = said[4].lower()
    if said[1] in metrics:
        subject, units = said[1], {"": 1.0}
    elif subject in UNITS:
        units = UNITS[subject]
    else:
        raise NotTranslatedError(f"`{said[1][:80]}` is no metric that the manifest names")
    if unit not in units:
        raise NotTranslatedError(f"{subject} is not counted in `{unit[:20]}`")
    return subject, said[2] in MORE, float(said[3]) * units[unit], unit


def _seconds(said: "re.Match[str]") -> int:
    seconds = int(said[2]) * SECONDS[said[3][0]]
    if seconds == 0:
        raise NotTranslatedError("a duration of 0 says nothing")
    return seconds
