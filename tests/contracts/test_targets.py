"""What every target does. A new one is added to TARGETS."""

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from connectory.backends.targets import (
    InstanceSpec,
    InstanceUnreachableError,
    Phase,
    Resources,
    Target,
    TargetFailedError,
    Usage,
)
from connectory.backends.targets.container.target import ContainerTarget
from connectory.backends.targets.local import sandbox
from connectory.backends.targets.local.target import LocalTarget
from connectory.gates.archive import pack
from connectory.kernel import clock
from connectory.kernel.digest import digest_of
from connectory.kernel.ids import new_id
from connectory.kernel.secret import Secret
from podmans import IN_PODMAN

TARGETS: dict[str, Callable[[Path], Target]] = {
    "local": LocalTarget,
    "sandbox": lambda data: LocalTarget(data, sandbox=sandbox.find()),
    "container": ContainerTarget,
}
CONNECTOR = Path(__file__).with_name("connector.py").read_bytes()
CANARY = "canary-7f3d91"


@pytest.fixture(scope="module", params=["local", "sandbox", IN_PODMAN])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Target:
    return TARGETS[request.param](tmp_path_factory.mktemp("data"))


@pytest.fixture
def spec(target: Target, tmp_path: Path) -> Iterator[InstanceSpec]:
    spec = spec_of(tmp_path, {"src/connector.py": CONNECTOR})
    yield spec
    target.remove(spec.instance)


@pytest.fixture(scope="module")
def running(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InstanceSpec]:
    """One instance for all tests that leave it as it is."""
    spec = spec_of(tmp_path_factory.mktemp("running"), {"src/connector.py": CONNECTOR})
    run(target, spec)
    yield spec
    target.remove(spec.instance)


def spec_of(folder: Path, files: dict[str, bytes]) -> InstanceSpec:
    bundle = folder / "package.tar.gz"
    with bundle.open("wb") as into:
        pack(files, into)
    return InstanceSpec(
        instance=new_id("inst"),
        label="payments/leads",
        generation=1,
        digest=digest_of(bundle.read_bytes()),
        bundle=bundle,
        entrypoint="connector",
        environment={"INPUT_CHANNEL": "#leads"},
        secrets={"SECRET_TOKEN": Secret(CANARY)},
        resources=Resources(timeout_s=5),
    )


def run(target: Target, spec: InstanceSpec, phase: Phase = Phase.RUNNING) -> None:
    """Apply and wait until it is seen in this phase."""
    target.apply(spec)
    wait_for(lambda: target.observe(spec.instance).phase is phase)


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def messages(target: Target, spec: InstanceSpec, **which: int) -> list[str]:
    return [line.message for line in target.logs(spec.instance, **which)]


def used(target: Target, spec: InstanceSpec) -> Usage:
    usage = target.usage(spec.instance)
    assert usage is not None
    return usage


def test_an_instance_that_was_never_there_is_absent(target: Target) -> None:
    observed = target.observe(new_id("inst"))

    assert (observed.phase, observed.generation) == (Phase.ABSENT, 0)


def test_an_applied_instance_runs(target: Target, running: InstanceSpec) -> None:
    observed = target.observe(running.instance)

    assert observed.generation == 1
    assert observed.pid is not None
    assert (observed.restarts, observed.last_exit) == (0, None)
    assert observed.since is not None
    assert clock.now() - observed.since < timedelta(seconds=30)


def test_a_call_gives_the_answer_of_the_connector(
    target: Target, running: InstanceSpec
) -> None:
    health = target.call(running.instance, "GET", "/healthz")
    echo = target.call(running.instance, "POST", "/echo", b'{"lead": "Ada"}')
    nothing = target.call(running.instance, "GET", "/nothing")

    assert (health.status, health.content_type) == (200, "application/json")
    assert json.loads(health.body) == {"status": "ok"}
    assert (echo.status, echo.body) == (201, b'{"lead": "Ada"}')
    assert nothing.status == 404


def test_a_connector_sees_its_settings_and_secrets(
    target: Target, running: InstanceSpec
) -> None:
    seen = json.loads(target.call(running.instance, "GET", "/environment").body)

    assert seen["INPUT_CHANNEL"] == "#leads"
    assert seen["SECRET_TOKEN"] == CANARY


def test_a_connector_sees_nothing_of_the_server(target: Target, running: InstanceSpec) -> None:
    seen = json.loads(target.call(running.instance, "GET", "/environment").body)

    own = {"PORT", "PATH", "LANG", "HOME", "TMPDIR", "PYTHONPATH", "SSL_CERT_FILE"}
    assert seen.keys() - own == {"INPUT_CHANNEL", "SECRET_TOKEN"}


def test_an_answer_that_is_too_long_or_too_slow_is_no_answer(
    target: Target, spec: InstanceSpec
) -> None:
    quick = dataclasses.replace(spec, resources=Resources(timeout_s=1))
    run(target, quick)

    with pytest.raises(InstanceUnreachableError, match="longer than 1048576 bytes"):
        target.call(spec.instance, "GET", "/big")
    with pytest.raises(InstanceUnreachableError, match="within 1 s"):
        target.call(spec.instance, "GET", "/drip")


@pytest.mark.parametrize(
    ("path", "received"),
    [
        ("/a b/é", "/a%20b/%C3%A9"),
        ("/a\r\nX-Admin: yes", "/a%0D%0AX-Admin:%20yes"),
        ("/a?key=1%202#part", "/a?key=1%202%23part"),
    ],
)
def test_every_path_arrives_as_a_path(
    target: Target, running: InstanceSpec, path: str, received: str
) -> None:
    answer = target.call(running.instance, "GET", path)

    assert (answer.status, answer.body.decode()) == (404, received)


def test_a_call_of_an_absent_or_stopped_instance_fails(
    target: Target, spec: InstanceSpec
) -> None:
    with pytest.raises(InstanceUnreachableError, match="it is not installed"):
        target.call(spec.instance, "GET", "/healthz")
    run(target, spec)
    target.stop(spec.instance)

    with pytest.raises(InstanceUnreachableError, match="payments/leads does not answer"):
        target.call(spec.instance, "GET", "/healthz")


def test_the_same_generation_is_adopted(target: Target, running: InstanceSpec) -> None:
    before = target.observe(running.instance)

    target.apply(running)

    assert target.observe(running.instance) == before


def test_many_who_apply_one_generation_start_one(target: Target, spec: InstanceSpec) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: target.apply(spec), range(4)))
    run(target, spec)

    started = [m for m in messages(target, spec) if m.startswith("started")]

    assert len(started) == 1


def test_a_newer_generation_replaces_an_older_one(target: Target, spec: InstanceSpec) -> None:
    run(target, spec)
    before = target.observe(spec.instance)
    newer = dataclasses.replace(spec, generation=2, environment={"INPUT_CHANNEL": "#sales"})

    run(target, newer)

    after = target.observe(spec.instance)
    assert (after.generation, after.pid != before.pid) == (2, True)
    seen = json.loads(target.call(spec.instance, "GET", "/environment").body)
    assert seen["INPUT_CHANNEL"] == "#sales"


@pytest.mark.parametrize("stopped", [False, True])
def test_an_older_generation_never_replaces_a_newer_one(
    target: Target, spec: InstanceSpec, *, stopped: bool
) -> None:
    run(target, dataclasses.replace(spec, generation=2))
    if stopped:
        target.stop(spec.instance)
    before = target.observe(spec.instance)

    with pytest.raises(TargetFailedError, match="generation 2 has replaced generation 1"):
        target.apply(spec)

    assert target.observe(spec.instance) == before


def test_what_it_prints_becomes_its_log(target: Target, running: InstanceSpec) -> None:
    printed = (
        b'{"msg": "lead", "level": "warning", "ts": "1999", "id": 7}\nplain \x1b[31mtext\n'
    )
    target.call(running.instance, "POST", "/print", printed)
    wait_for(lambda: "plain" in messages(target, running)[-1])

    lead, plain = target.logs(running.instance, after=-2)

    assert (lead.message, lead.level, lead.facts) == ("lead", "warn", {"id": "7"})
    assert clock.now() - lead.at < timedelta(seconds=30)
    assert (plain.message, plain.level, plain.facts) == (r"plain \x1b[31mtext", "info", {})


def test_a_log_is_read_on_from_the_last_line(target: Target, running: InstanceSpec) -> None:
    target.call(running.instance, "POST", "/print", b"one\ntwo\nthree\n")
    wait_for(lambda: messages(target, running)[-1:] == ["three"])
    everything = target.logs(running.instance)

    first = target.logs(running.instance, limit=2)
    rest = target.logs(running.instance, after=first[-1].offset)

    assert (*first, *rest) == everything
    assert target.logs(running.instance, after=everything[-1].offset) == ()
    assert messages(target, running, after=-2) == ["two", "three"]
    assert messages(target, running, after=-2, limit=1) == ["three"]


def test_a_secret_that_it_prints_is_masked(target: Target, running: InstanceSpec) -> None:
    printed = f'using {CANARY}\n{{"msg": "{CANARY}", "{CANARY}": ["{CANARY}"]}}\n'
    target.call(running.instance, "POST", "/print", printed.encode())
    wait_for(lambda: "using ***" in messages(target, running, after=-2))

    last = target.logs(running.instance, after=-1)[0]

    assert last.message == "***"
    assert last.facts == {"***": '["***"]'}


def test_an_instance_that_crashes_is_started_again(target: Target, spec: InstanceSpec) -> None:
    run(target, spec)
    with pytest.raises(InstanceUnreachableError):
        target.call(spec.instance, "POST", "/crash")
    wait_for(lambda: target.observe(spec.instance).phase is Phase.BACKING_OFF)
    down = target.observe(spec.instance)

    wait_for(lambda: target.observe(spec.instance).phase is Phase.RUNNING)

    up = target.observe(spec.instance)
    assert (down.last_exit, down.reason) == (
        3,
        "it ended with exit code 3; it starts again after 1 s",
    )
    assert (up.restarts, up.last_exit, up.reason) == (1, 3, "")
    assert target.call(spec.instance, "GET", "/healthz").status == 200


def test_an_instance_that_cannot_start_says_why(target: Target, spec: InstanceSpec) -> None:
    run(target, dataclasses.replace(spec, environment={"INPUT_BROKEN": "1"}), Phase.BACKING_OFF)

    observed = target.observe(spec.instance)

    assert observed.last_exit == 1
    assert ("warn", "it cannot work") in [
        (line.level, line.message) for line in target.logs(spec.instance)
    ]


def test_a_stopped_instance_keeps_its_log_and_can_be_started_again(
    target: Target, spec: InstanceSpec
) -> None:
    run(target, spec)
    before = target.logs(spec.instance)

    target.stop(spec.instance)
    target.stop(spec.instance)

    stopped = target.observe(spec.instance)
    assert (stopped.phase, stopped.generation, stopped.pid) == (Phase.STOPPED, 1, None)
    assert target.logs(spec.instance)[: len(before)] == before
    run(target, spec)
    assert target.call(spec.instance, "GET", "/healthz").status == 200


def test_stopping_what_is_not_there_is_no_error(target: Target) -> None:
    instance = new_id("inst")

    target.stop(instance)

    assert target.observe(instance).phase is Phase.ABSENT


def test_a_removed_instance_is_gone_with_its_log(target: Target, spec: InstanceSpec) -> None:
    run(target, spec)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(target.remove, [spec.instance] * 3))
    target.remove(spec.instance)

    assert target.observe(spec.instance).phase is Phase.ABSENT
    assert target.logs(spec.instance) == ()


def test_what_an_instance_uses_is_counted_and_kept(target: Target, spec: InstanceSpec) -> None:
    run(target, spec)
    wait_for(lambda: used(target, spec).cold_start_ms)
    before = used(target, spec)
    target.call(spec.instance, "POST", "/print", b'{"msg": "", "secrets_read": ["token"]}\n')
    wait_for(lambda: used(target, spec).secrets == {"token"})

    target.stop(spec.instance)
    stopped = used(target, spec)
    run(target, spec)

    assert (before.secrets, before.outputs, before.starts) == (None, None, 1)
    assert before.memory_peak > 1_000_000
    assert 0 < before.cpu_s < 15
    assert stopped.secrets == {"token"}
    assert stopped.cpu_s >= before.cpu_s
    assert used(target, spec).starts == 2
    assert used(target, spec).since == before.since


def test_a_newer_generation_is_counted_anew(target: Target, spec: InstanceSpec) -> None:
    run(target, spec)
    target.call(spec.instance, "POST", "/print", b'{"msg": "", "outputs_given": ["lead"]}\n')
    wait_for(lambda: used(target, spec).outputs == {"lead"})

    run(target, dataclasses.replace(spec, generation=2))

    newer = used(target, spec)
    assert (newer.generation, newer.starts, newer.outputs) == (2, 1, None)


def test_nothing_is_known_of_what_an_absent_instance_uses(target: Target) -> None:
    assert target.usage(new_id("inst")) is None


def test_a_package_that_cannot_be_installed_starts_nothing(
    target: Target, tmp_path: Path
) -> None:
    lock = b"nothing-like-it==1.0 --hash=sha256:" + b"0" * 64 + b"\n"
    spec = spec_of(tmp_path, {"src/connector.py": CONNECTOR, "requirements.lock": lock})

    with pytest.raises(
        TargetFailedError, match="payments/leads: its wheels cannot be installed"
    ):
        target.prepare(spec)

    assert target.observe(spec.instance).phase is Phase.ABSENT


def test_a_collected_package_is_installed_again_and_a_kept_one_works_on(
    target: Target, running: InstanceSpec, tmp_path: Path
) -> None:
    other = spec_of(tmp_path, {"src/connector.py": CONNECTOR, "README.md": b"another"})
    target.prepare(other)

    target.collect(keep=frozenset({running.digest}))
    target.collect(keep=frozenset({running.digest}))

    run(target, other)
    target.remove(other.instance)
    assert target.call(running.instance, "GET", "/healthz").status == 200


def test_a_target_that_works_can_be_pinged(target: Target) -> None:
    target.ping()
