"""The status grammar: every state has one word, one icon and one tone, the same everywhere.

Colour never carries the meaning alone, so a mark always shows its word.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """How a state looks: its word, its icon (icon.html), its tone (badge.css)."""

    word: str
    icon: str
    tone: str


NEUTRAL = "neutral"

VETTING = {
    "approved": Mark("Approved", "check", "success"),
    "review": Mark("In review", "clock", "info"),
    "draft": Mark("Draft", "pencil", NEUTRAL),
    "deprecated": Mark("Deprecated", "sunset", "deprecated"),
    "quarantined": Mark("Quarantined", "ban", "danger"),
}
CHECK = {
    "passed": Mark("Passed", "check", "success"),
    "failed": Mark("Failed", "cross", "danger"),
    "not-run": Mark("Not run", "question", "warning"),
    "not-applicable": Mark("Not applicable", "minus", NEUTRAL),
    "waived": Mark("Waived", "minus", "warning"),
}
REVIEW = {
    "open": Mark("Waiting", "clock", "info"),
    "changes-requested": Mark("Changes requested", "pencil", "warning"),
    "rejected": Mark("Rejected", "cross", "danger"),
    "vetoed": Mark("Vetoed", "cross", "danger"),
    "approved": Mark("Approved", "check", "success"),
    "closed": Mark("Closed", "minus", NEUTRAL),
}
DUE = {"overdue": Mark("Overdue", "warning", "warning")}
SIGN_OFF = {
    "missing": Mark("Missing", "circle", NEUTRAL),
    "approve": Mark("Approved", "check", "success"),
    "carried": Mark("Carried over", "check", "success"),
    "request-changes": Mark("Changes requested", "pencil", "warning"),
    "reject": Mark("Rejected", "cross", "danger"),
    "veto": Mark("Vetoed", "cross", "danger"),
    "abstain": Mark("Abstained", "minus", NEUTRAL),
}
HEALTH = {
    "healthy": Mark("Healthy", "check", "success"),
    "degraded": Mark("Degraded", "warning", "warning"),
    "failing": Mark("Failing", "cross", "danger"),
    "starting": Mark("Starting", "running", "info"),
    "paused": Mark("Paused", "pause", "warning"),
    "suspended": Mark("Suspended", "ban", "danger"),
    "unknown": Mark("Unknown", "question", NEUTRAL),
}
INSTANCE = {
    "running": Mark("Running", "check", "info"),
    "installing": Mark("Installing", "running", "info"),
    "paused": Mark("Paused", "pause", "warning"),
    "suspended": Mark("Suspended", "ban", "danger"),
    "removing": Mark("Removing", "running", "warning"),
    "failed": Mark("Failed", "cross", "danger"),
    "removed": Mark("Removed", "minus", NEUTRAL),
}
OPERATION = {
    "waiting": Mark("Waiting", "circle", NEUTRAL),
    "running": Mark("Running", "running", "info"),
    "succeeded": Mark("Succeeded", "check", "success"),
    "failed": Mark("Failed", "cross", "danger"),
    "undone": Mark("Undone", "undo", "warning"),
    "cancelled": Mark("Cancelled", "minus", NEUTRAL),
}
RUN = {
    "waiting": Mark("Waiting", "circle", NEUTRAL),
    "running": Mark("Running", "running", "info"),
    "succeeded": Mark("Succeeded", "check", "success"),
    "failed": Mark("Tried again", "restart", "warning"),
    "dead": Mark("Dead letter", "cross", "danger"),
    "refused": Mark("Refused", "cross", "danger"),
    "cancelled": Mark("Discarded", "minus", NEUTRAL),
}
STEP = {
    "waiting": Mark("Waiting", "circle", NEUTRAL),
    "running": Mark("Running", "running", "info"),
    "done": Mark("Done", "check", "success"),
    "failed": Mark("Failed", "cross", "danger"),
    "undone": Mark("Undone", "undo", "warning"),
    "skipped": Mark("Skipped", "minus", NEUTRAL),
}
LOG_LEVEL = {
    "debug": Mark("Debug", "circle", NEUTRAL),
    "info": Mark("Info", "circle", "info"),
    "warn": Mark("Warn", "warning", "warning"),
    "error": Mark("Error", "cross", "danger"),
}
PLAN_SIGN = {
    "add": Mark("Creates", "plus", "success"),
    "change": Mark("Changes", "tilde", "warning"),
    "remove": Mark("Removes", "minus", "danger"),
}

NOTICE = {
    "failed": Mark("Failed", "cross", "danger"),
    "vulnerable": Mark("Vulnerable", "warning", "danger"),
    "working": Mark("Working", "running", "info"),
    "expires": Mark("Expires", "clock", "warning"),
    "outdated": Mark("Outdated", "arrow", "info"),
    "draft": Mark("Draft", "pencil", NEUTRAL),
}

OBSERVED = {
    "used": Mark("Used", "check", "success"),
    "never used": Mark("Never used", "minus", "warning"),
    "not used yet": Mark("Not used yet", "clock", NEUTRAL),
    "not known": Mark("Not known", "question", NEUTRAL),
    "used but refused": Mark("Used but refused", "cross", "danger"),
}

OUTCOME = {
    "published": Mark("Published", "check", "success"),
    "unchanged": Mark("Unchanged", "minus", NEUTRAL),
    "refused": Mark("Refused", "cross", "danger"),
    "skipped": Mark("Skipped", "minus", NEUTRAL),
}

GRAMMAR = {
    "vetting": VETTING,
    "check": CHECK,
    "review": REVIEW,
    "due": DUE,
    "sign-off": SIGN_OFF,
    "health": HEALTH,
    "instance": INSTANCE,
    "operation": OPERATION,
    "run": RUN,
    "step": STEP,
    "log": LOG_LEVEL,
    "plan": PLAN_SIGN,
    "notice": NOTICE,
    "observed": OBSERVED,
    "outcome": OUTCOME,
}


def mark(family: str, state: str) -> Mark:
    """Return the mark of a state; a state that has none yet shows its own word, neutrally."""
    return GRAMMAR[family].get(state) or Mark(state.capitalize(), "circle", NEUTRAL)
