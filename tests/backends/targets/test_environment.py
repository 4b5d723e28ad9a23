"""Environments of packages: what is installed, what is refused, what a crash leaves."""

import hashlib
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connectory.backends.targets import InstanceSpec, TargetFailedError
from connectory.backends.targets.local import sandbox
from connectory.backends.targets.local.environment import Environment, Environments
from connectory.gates.archive import pack
from connectory.kernel.digest import digest_of
from wheels import wheel

SOURCE = {"src/lead.py": b"print('lead')\n"}
WHEEL = wheel({})
HASH = f"--hash=sha256:{hashlib.sha256(WHEEL).hexdigest()}"
LOCK = f"# made by uv\ngreeting==1.0 \\\n    {HASH}\n    # via lead\n"


def spec(folder: Path, files: dict[str, bytes]) -> InstanceSpec:
    bundle = folder / "package.tar.gz"
    with bundle.open("wb") as into:
        pack(SOURCE | files, into)
    digest = digest_of(bundle.read_bytes())
    return InstanceSpec("inst_A", "payments/leads", 1, digest, bundle, "lead", {}, {})


def locked(folder: Path, lock: str) -> InstanceSpec:
    wheels = {"wheels/greeting-1.0-py3-none-any.whl": WHEEL}
    return spec(folder, wheels | {"requirements.lock": lock.encode()})


def said(environment: Environment, code: str) -> str:
    python = environment.programs / "python"
    return subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "environments"


@pytest.fixture(params=["here", "in the sandbox"])
def environments(root: Path, request: pytest.FixtureRequest) -> Environments:
    return Environments(root, None if request.param == "here" else sandbox.find())


def test_a_package_without_a_lock_has_the_standard_library_only(
    environments: Environments, tmp_path: Path
) -> None:
    environment = environments.build(spec(tmp_path, {}))

    listed = said(environment, "import importlib.metadata as m; print(list(m.distributions()))")

    assert (environment.package / "src/lead.py").read_bytes() == SOURCE["src/lead.py"]
    assert listed == "[]\n"
    version = said(environment, "import sys; print(sys.version)")
    assert version == f"{sys.version}\n"


def test_the_wheels_of_the_lock_are_installed(
    environments: Environments, root: Path, tmp_path: Path
) -> None:
    environment = environments.build(locked(tmp_path, LOCK))

    assert said(environment, "import greeting; print(greeting.WORD)") == "hello\n"
    assert [path.name for path in root.iterdir()] == [environment.place.name]


def test_another_hash_is_refused_and_leaves_nothing(
    environments: Environments, root: Path, tmp_path: Path
) -> None:
    other = f"greeting==1.0 --hash=sha256:{'0' * 64}\n"

    with pytest.raises(TargetFailedError, match=r"(?i)hash mismatch"):
        environments.build(locked(tmp_path, other))

    assert list(root.iterdir()) == []


def test_a_source_distribution_is_never_built(
    environments: Environments, tmp_path: Path
) -> None:
    source = b"not even looked into"
    lock = f"greeting==1.0 --hash=sha256:{hashlib.sha256(source).hexdigest()}\n"
    files = {"wheels/greeting-1.0.tar.gz": source, "requirements.lock": lock.encode()}

    with pytest.raises(TargetFailedError, match="its wheels cannot be installed"):
        environments.build(spec(tmp_path, files))


@pytest.mark.parametrize(
    "line",
    [
        "-r /etc/passwd",
        "--index-url https://evil.example/simple",
        "-e .",
        "greeting",
        "greeting>=1.0",
        f"greeting @ file:///etc/passwd {HASH}",
        f"./wheels/greeting-1.0-py3-none-any.whl {HASH}",
        f"https://evil.example/greeting-1.0-py3-none-any.whl {HASH}",
        f"greeting==1.0 {HASH} --config-settings=x=y",
        "greeting==1.0 --hash=md5:0",
        "\x0c-r /etc/passwd",
        "greeting==1.0\r-r /etc/passwd",
    ],
)
def test_a_lock_says_names_versions_and_hashes_only(
    environments: Environments, tmp_path: Path, line: str
) -> None:
    with pytest.raises(TargetFailedError, match=r"line [23] of its requirements\.lock"):
        environments.build(locked(tmp_path, f"\n{line}\n"))


def test_a_lock_may_have_markers_and_extras(environments: Environments, tmp_path: Path) -> None:
    elsewhere = (
        f'other[a,b]==2.0.post1+x ; sys_platform == "win32" and extra != "c" \\\n    {HASH}\n'
    )

    environment = environments.build(locked(tmp_path, LOCK + elsewhere))

    assert said(environment, "import greeting") == ""


def test_a_package_that_is_no_archive_is_refused(
    environments: Environments, root: Path, tmp_path: Path
) -> None:
    broken = spec(tmp_path, {})
    broken.bundle.write_bytes(b"PK\x03\x04")

    with pytest.raises(TargetFailedError, match="a ZIP archive"):
        environments.build(broken)

    assert list(root.iterdir()) == []


def test_many_builders_make_one_environment(
    environments: Environments, root: Path, tmp_path: Path
) -> None:
    package = spec(tmp_path, {})

    with ThreadPoolExecutor(4) as pool:
        built = list(pool.map(lambda _: environments.build(package), range(4)))

    assert len(set(built)) == 1
    assert list(root.iterdir()) == [built[0].place]


def test_what_is_there_is_not_built_again(environments: Environments, tmp_path: Path) -> None:
    package = spec(tmp_path, {})
    environment = environments.build(package)
    package.bundle.unlink()

    assert environments.build(package) == environment


def test_a_builder_that_was_killed_is_followed_by_another(
    environments: Environments, root: Path, tmp_path: Path
) -> None:
    package = spec(tmp_path, {})
    hexadecimal = package.digest.removeprefix("sha256:")
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from connectory.backends.targets.local import locks\n"
        f"with locks.held(Path({str(root / hexadecimal)!r})):\n"
        f"    Path({str(root / hexadecimal)!r} + '.aside').mkdir()\n"
        "    print('building', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as builder:
        assert builder.stdout is not None
        assert builder.stdout.readline() == b"building\n"
        builder.send_signal(signal.SIGKILL)

    environment = environments.build(package)

    assert environment.is_complete
    assert list(root.iterdir()) == [environment.place]


def test_an_environment_without_its_python_is_built_again(
    environments: Environments, root: Path, tmp_path: Path
) -> None:
    package = spec(tmp_path, {})
    environment = environments.build(package)
    (environment.programs / "python").unlink()

    environments.build(package)

    assert environment.is_complete
    assert list(root.iterdir()) == [environment.place]


def test_only_what_is_kept_survives_a_collection(
    environments: Environments, root: Path, tmp_path: Path
) -> None:
    kept = spec(tmp_path, {})
    place = environments.build(kept).place
    dropped = spec(tmp_path, {"README.md": b"another"})
    environments.build(dropped)

    environments.collect(frozenset({kept.digest, "sha256:" + "0" * 64}))

    assert list(root.iterdir()) == [place]


@pytest.mark.skipif(sandbox.find() is None, reason="bubblewrap does not work here")
def test_a_wheel_that_runs_when_python_starts_does_so_in_the_sandbox(
    root: Path, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    line = f"import pathlib; pathlib.Path({str(seen)!r}).touch(); print('it ran')\n"
    hostile = wheel({"hostile.pth": line.encode()})
    lock = f"greeting==1.0 --hash=sha256:{hashlib.sha256(hostile).hexdigest()}\n"
    files = {
        "wheels/greeting-1.0-py3-none-any.whl": hostile,
        "requirements.lock": lock.encode(),
    }

    environment = Environments(root, sandbox.required()).build(spec(tmp_path, files))

    assert not seen.exists()
    assert "it ran" in said(environment, "")  # here, where nothing holds it back
    assert seen.exists()
