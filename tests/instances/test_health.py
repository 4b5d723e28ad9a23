"""What comes and goes is damped; what is worse counts at once."""

from datetime import datetime, timedelta

from connectory.backends.targets import Observed, Phase
from connectory.instances.health import CALM, Health, HealthWord, Probe, Trail, worse
from connectory.kernel import clock

BEGAN = clock.now()


class Lived:
    """A process over time: second by second, what is seen and what of it is told."""

    def __init__(self) -> None:
        self.trail = Trail()
        self.now = BEGAN
        self.restarts = 0
        self.since = BEGAN
        self.told: list[HealthWord] = []

    def see(self, phase: Phase, seconds: int = 1, reason: str = "") -> None:
        for _ in range(seconds):
            self.now += timedelta(seconds=1)
            if phase is Phase.RUNNING:
                self.trail.probe = self.trail.probe or Probe(self.now)
                self.trail.probe = Probe(
                    self.now, self.trail.probe.reason, self.trail.probe.failed
                )
            seen = Observed(phase, 1, self.since, reason, self.restarts, last_exit=1)
            before = self.trail.kept
            new = self.trail.follow(seen, self.now)
            if new is not None and (before is None or before.status is not new.status):
                self.told.append(new.status)

    def crash(self) -> None:
        self.see(Phase.BACKING_OFF, reason="it ended with exit code 1")
        self.restarts += 1
        self.since = self.now


def test_a_crash_is_seen_at_once_and_forgiven_after_a_while() -> None:
    lived = Lived()
    lived.see(Phase.RUNNING, 5)

    lived.crash()
    lived.see(Phase.RUNNING, CALM.seconds)
    still = list(lived.told)
    lived.see(Phase.RUNNING, 2)

    assert still == [HealthWord.HEALTHY, HealthWord.FAILING]
    assert lived.told == [HealthWord.HEALTHY, HealthWord.FAILING, HealthWord.HEALTHY]


def test_a_crash_between_two_looks_is_seen_by_the_number_of_restarts() -> None:
    lived = Lived()
    lived.see(Phase.RUNNING, 5)

    lived.restarts += 1
    lived.see(Phase.RUNNING)

    assert lived.told[-1] is HealthWord.FAILING
    assert lived.trail.kept is not None
    assert lived.trail.kept.reason == "it ended with exit code 1 and was started again"


def test_a_crash_loop_is_one_change_and_is_called_so() -> None:
    lived = Lived()
    lived.see(Phase.RUNNING, 5)

    for _ in range(50):
        lived.crash()
        lived.see(Phase.RUNNING, 3)

    assert lived.told == [HealthWord.HEALTHY, HealthWord.FAILING]
    assert lived.trail.kept is not None
    assert lived.trail.kept.reason.startswith("crash loop, ")


def test_a_slow_crash_loop_is_told_ever_more_rarely() -> None:
    lived = Lived()
    lived.see(Phase.RUNNING, 5)

    for _ in range(60):
        lived.crash()
        lived.see(Phase.RUNNING, 25)

    assert len(lived.told) <= 6


def test_one_silence_is_asked_about_again_before_it_counts() -> None:
    lived = Lived()
    lived.see(Phase.RUNNING, 5)

    lived.trail.probe = Probe(lived.now, "no answer", 1)
    lived.see(Phase.RUNNING)
    first = list(lived.told)
    lived.trail.probe = Probe(lived.now, "no answer", 2)
    lived.see(Phase.RUNNING)

    assert (first, lived.told[-1]) == ([HealthWord.HEALTHY], HealthWord.FAILING)


def test_runs_that_fail_degrade_an_instance_that_answers() -> None:
    lived = Lived()
    lived.see(Phase.RUNNING, 5)

    lived.trail.errors = "4 of 10 runs failed"
    lived.see(Phase.RUNNING)

    assert lived.trail.kept is not None
    assert (lived.trail.kept.status, lived.trail.kept.reason) == (
        HealthWord.DEGRADED,
        "4 of 10 runs failed",
    )


def test_nothing_is_said_while_a_new_process_was_not_asked_yet() -> None:
    trail = Trail()

    assert trail.follow(Observed(Phase.STARTING, 1), BEGAN) is None
    assert trail.follow(Observed(Phase.RUNNING, 1), BEGAN) is None


def test_good_news_are_shown_when_they_are_believed() -> None:
    def health(word: HealthWord, since: datetime) -> Health:
        return Health(word, since, "", 2)

    later = BEGAN + timedelta(hours=1)
    failing, healthy = health(HealthWord.FAILING, BEGAN), health(HealthWord.HEALTHY, later)

    assert worse(healthy, failing) == failing
    assert worse(failing, healthy) == failing
    assert worse(healthy, health(HealthWord.HEALTHY, BEGAN)).since == BEGAN
    assert worse(health(HealthWord.PAUSED, later), failing).status is HealthWord.PAUSED
