"""The alerts of an instance: those of its manifest, and what every instance gets. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from connectory.catalog.read import Version
from connectory.costs.schedules import monthly_runs
from connectory.instances.read import Instance
from connectory.manifest.model import Manifest
from connectory.manifest.upkeep import Alert
from connectory.monitoring.sentences import Condition, NotTranslatedError, read

PAGE, TICKET = "page", "ticket"
PRODUCTION = "prod"
MONTH_S = 30 * 86_400
LATE = 3  # times the mean pause of a schedule, so that a weekend is no alarm
SHORTEST_LATE_S = 900


@dataclass(frozen=True, slots=True)
class AlertRule:
    """An alert that can be evaluated. `when` is how the manifest words it, empty for ours."""

    name: str
    condition: Condition
    severity: str
    summary: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Untranslated:
    """An alert of the manifest that no rule could be made of, and why."""

    name: str
    when: str
    reason: str


@dataclass(frozen=True, slots=True)
class Alerts:
    """Everything about the alerts of one instance that a monitoring system needs."""

    instance: Instance
    rules: tuple[AlertRule, ...]
    untranslated: tuple[Untranslated, ...]
    runbook: str  # address
    oncall: str


def alerts_of(instance: Instance, version: Version, base_url: str) -> Alerts:
    """Return the alerts of an instance of a version."""
    manifest = version.manifest
    told = [_told(alert, manifest) for alert in manifest.observability.alerts]
    own = [one for one in told if isinstance(one, AlertRule)]
    names = {one.name for one in own}
    subjects = {one.condition.subject for one in own}
    usual = [
        one
        for one in _usual(instance, manifest)
        if one.name not in names
        and not (one.condition.subject == "errors" and "errors" in subjects)
    ]
    runbook = manifest.support.runbook
    page = f"{base_url}/c/{instance.connector.key}@{instance.version}#runbook"
    return Alerts(
        instance=instance,
        rules=(*own, *usual),
        untranslated=tuple(one for one in told if isinstance(one, Untranslated)),
        runbook=runbook if runbook and runbook.startswith("https://") else page,
        oncall=manifest.support.owner_oncall or "",
    )


def _told(alert: Alert, manifest: Manifest) -> AlertRule | Untranslated:
    if alert.when is None:
        return Untranslated(alert.name, "", "it does not say when")
    try:
        condition = read(alert.when, manifest.observability.metrics)
    except NotTranslatedError as unread:
        return Untranslated(alert.name, alert.when, str(unread))
    return AlertRule(alert.name, condition, alert.severity, alert.when, alert.when)


def _usual(instance: Instance, manifest: Manifest) -> Iterator[AlertRule]:
    """Give what is watched of every instance. Its health is damped, so it needs no waiting."""
    severity = PAGE if instance.environment == PRODUCTION else TICKET
    label = instance.label
    yield AlertRule("InstanceFailing", Condition("failing"), severity, f"{label} is failing")
    yield AlertRule(
        "InstanceSilent",
        Condition("silent", lasting_s=300),
        severity,
        f"{label} runs and reports no numbers",
    )
    yield AlertRule(
        "InstanceCrashLoop",
        Condition("restarts", number=3, window_s=600),
        severity,
        f"the process of {label} ends again and again",
    )
    yield AlertRule(
        "InstanceErrors",
        Condition("errors", number=0.05, is_share=True, lasting_s=600),
        TICKET,
        f"more than 5 % of the runs of {label} fail",
    )
    pauses = [int(MONTH_S / monthly_runs(one.cron)) for one in manifest.triggers if one.cron]
    if pauses:
        late_s = max(LATE * max(pauses), SHORTEST_LATE_S)
        yield AlertRule(
            "InstanceScheduleStale",
            Condition("runs", is_over=False, number=1, window_s=late_s),
            TICKET,
            f"{label} did not run when its schedule said",
        )
