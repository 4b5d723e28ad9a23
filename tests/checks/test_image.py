"""Images: what runs as root or is not what it says is found; what is laid over counts."""

import gzip
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from connectory.checks.rules import Result, State
from connectory.checks.run import run_all
from connectory.checks.subject import Subject, Surroundings
from images import ALPINE, BASE, PYTHON, Layout, Odd, image, in_tar, layer
from osv import advisory, mirror

MANIFEST = b"""\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Tells a channel about leads
owner: bizops@example.com
runtime: {type: container}
"""
KNOWN = (
    advisory("DSA-1", "openssl", [{"introduced": "0"}, {"fixed": "3.0.15-1"}], "Debian:12"),
    advisory("DSA-2", "zlib", [{"introduced": "0"}, {"fixed": "1:1.2.12"}], "Debian:12"),
    advisory("DSA-3", "gone", [{"introduced": "0"}], "Debian:12"),
    advisory("DSA-4", "openssl", [{"introduced": "0"}], "Debian:11"),
    advisory("ALP-1", "openssl", [{"introduced": "0"}, {"fixed": "3.3.2-r1"}], "Alpine:v3.20"),
    advisory(),
)

Checked = Callable[..., dict[str, Result]]


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    """Run all checks on a package with an image; give their results by name."""

    def check(files: dict[str, bytes], *, is_tar: bool = False) -> dict[str, Result]:
        root = tmp_path / "package"
        there = files if is_tar else {f"image/{name}": raw for name, raw in files.items()}
        for name, raw in there.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(raw)
        around = Surroundings(mirror(tmp_path / "data", *KNOWN))
        subject = Subject(MANIFEST, "manifest.yaml", "", root, frozenset(there))
        return {one.check: one for one in run_all(subject, around=around).results}

    return check


def codes(result: Result) -> list[str]:
    return [one.problem.code for one in result.findings]


def ids(result: Result) -> set[str]:
    return {
        one.problem.message.split(" is concerned by ")[1].split(",")[0].split(" ")[0]
        for one in result.findings
    }


def test_a_good_image_passes(checked: Checked) -> None:
    done = checked(image(layer(BASE)).files)["image"]

    assert (done.state, codes(done)) == (State.PASSED, [])


def test_the_packages_of_its_layers_are_looked_up(checked: Checked) -> None:
    done = checked(image(layer(BASE), layer(PYTHON)).files)["dependencies"]

    assert ids(done) == {"DSA-1", "GHSA-cpwx-vrp4-4pq7"}
    assert {one.file for one in done.findings} == {"image"}
    assert done.findings[0].problem.hint == "use openssl 3.0.15-1 or newer"


def test_alpine_is_looked_up_by_its_release(checked: Checked) -> None:
    assert ids(checked(image(layer(ALPINE)).files)["dependencies"]) == {"ALP-1"}


def test_a_tar_and_a_plain_layer_are_read_alike(checked: Checked) -> None:
    layout = Layout()
    config = layout.blob(b'{"config": {"User": "0"}}')
    manifest = {"config": config, "layers": [layout.blob(layer({**BASE, **PYTHON}))]}
    layout.index(layout.blob(json.dumps(manifest).encode()))

    done = checked({"image.tar": in_tar(layout)}, is_tar=True)

    assert codes(done["image"]) == ["image-runs-as-root"]
    assert len(ids(done["dependencies"])) == 2


@pytest.mark.parametrize("user", ["", "root", "0", "0:0", "00", "root:app", "toor"])
def test_root_is_found_by_every_name(checked: Checked, user: str) -> None:
    assert codes(checked(image(layer(BASE), user=user).files)["image"]) == [
        "image-runs-as-root"
    ]


def test_a_user_whom_nobody_knows_may_be_root(checked: Checked) -> None:
    done = checked(image(layer(BASE), user="nobody-knows").files)["image"]

    assert codes(done) == ["image-user-unknown"]


def test_programs_that_run_as_somebody_else_are_found(checked: Checked) -> None:
    odd = {"app/tool": Odd(b"x", 0o4755), "app/group": Odd(b"x", 0o2755)}
    usual = {"usr/bin/su": Odd(b"x", 0o4755)}

    done = checked(image(layer({**BASE, **odd, **usual})).files)["image"]

    assert [(one.problem.code, one.is_error) for one in done.findings] == [
        ("image-setuid", True),
        ("image-setuid", False),
    ]
    assert "/app/group, /app/tool" in done.findings[0].problem.message


@pytest.mark.parametrize(
    "upper",
    [
        {"app/.wh.tool": b""},
        {".wh.app": b""},
        {"app/.wh..wh..opq": b""},
        {"app/tool": Odd(b"x", 0o755)},
        {"app": Odd(type=tarfile.SYMTYPE, target="/opt")},
    ],
    ids=["file", "folder", "opaque", "replaced", "link"],
)
def test_what_a_later_layer_hides_does_not_count(checked: Checked, upper: dict) -> None:
    lower = layer({**BASE, "app/tool": Odd(b"x", 0o4755)})

    assert codes(checked(image(lower, layer(upper)).files)["image"]) == []


def test_what_a_layer_empties_it_may_fill_itself(checked: Checked) -> None:
    lower = layer({**BASE, "app/old": Odd(b"x", 0o4755)})
    upper = layer({"app/new": Odd(b"x", 0o4755), "app/.wh..wh..opq": b""})

    [found] = checked(image(lower, upper).files)["image"].findings

    assert "/app/new" in found.problem.message
    assert "/app/old" not in found.problem.message


def test_a_secret_in_its_environment_is_found(checked: Checked) -> None:
    token = "ghp_" + "k3J9xQ2vT7bR1mZ8wL5nY4cH6dF0gS3pA2eK"

    done = checked(image(layer(BASE), Env=["PATH=/bin", f"GITHUB={token}"]).files)["image"]

    assert codes(done) == ["secret-found"]
    assert token not in done.findings[0].problem.message


def test_a_system_without_its_list_is_not_clean(checked: Checked) -> None:
    files = {"etc/passwd": BASE["etc/passwd"], "etc/os-release": b"ID=fedora\n"}

    assert codes(checked(image(layer(files)).files)["image"]) == ["image-packages-unknown"]


def without(layout: Layout, part: str) -> dict[str, bytes]:
    return {name: raw for name, raw in layout.files.items() if part not in name}


def changed(layout: Layout, number: int) -> dict[str, bytes]:
    """Flip a bit in one of the blobs."""
    name = sorted(name for name in layout.files if name.startswith("blobs"))[number]
    raw = layout.files[name]
    return {**layout.files, name: raw[:-1] + bytes([raw[-1] ^ 1])}


GOOD = image(layer(BASE))


@pytest.mark.parametrize("number", range(3))
def test_one_flipped_bit_is_found(checked: Checked, number: int) -> None:
    assert codes(checked(changed(GOOD, number))["image"]) == ["image-digest-wrong"]


@pytest.mark.parametrize("number", range(3))
def test_a_missing_blob_is_found(checked: Checked, number: int) -> None:
    blobs = sorted(name for name in GOOD.files if name.startswith("blobs"))

    assert codes(checked(without(GOOD, blobs[number]))["image"]) == ["image-incomplete"]


def link(name: str, kind: bytes = tarfile.SYMTYPE) -> bytes:
    return layer({name: Odd(type=kind, target="/x")})


@pytest.mark.parametrize(
    "files",
    [
        without(GOOD, "index.json"),
        without(GOOD, "oci-layout"),
        {**GOOD.files, "index.json": b"{"},
        {**GOOD.files, "index.json": b"[]"},
        {**GOOD.files, "index.json": b'{"manifests": []}'},
        {**GOOD.files, "index.json": b'{"manifests": [1]}'},
        {**GOOD.files, "index.json": b'{"manifests": [{"digest": "sha256:../../x"}]}'},
        image(b"no tar at all" * 100).files,
        image(b"\x28\xb5\x2f\xfd" * 100).files,
        image(gzip.compress(layer(BASE))[:-9]).files,
        image(gzip.compress(bytes(80_000_000), 1)).files,
        image(layer({"../etc/passwd": b"x"})).files,
        image(layer({**BASE, "./etc/passwd": b"x"})).files,
        image(layer({"x": Odd(type=tarfile.GNUTYPE_SPARSE)})).files,
        image(link("var/lib/dpkg/status")).files,
        image(link("var/lib/dpkg")).files,
        image(link("x.dist-info/METADATA", tarfile.LNKTYPE)).files,
    ],
    ids=[
        *("no index", "no marker", "broken", "a list", "empty", "a number", "a path"),
        *("no tar", "zstd", "cut off", "bomb", "leads out", "twice", "sparse"),
        *("linked list", "linked folder", "hard link"),
    ],
)
def test_an_image_that_cannot_be_read_to_its_end_never_passes(
    checked: Checked, files: dict[str, bytes]
) -> None:
    done = checked(files)

    assert (done["image"].state, codes(done["image"])) == (State.FAILED, ["image-unreadable"])
    assert done["dependencies"].state is State.NOT_RUN


def test_an_index_in_itself_ends(checked: Checked) -> None:
    layout = Layout()
    inner = layout.blob(b'{"manifests": []}')
    for _ in range(5):
        inner = layout.blob(json.dumps({"manifests": [inner]}).encode())
    layout.index(inner)

    assert codes(checked(layout.files)["image"]) == ["image-unreadable"]


def test_a_tar_with_a_link_to_elsewhere_is_refused(checked: Checked) -> None:
    linked = {"blobs/sha256/x": Odd(type=tarfile.SYMTYPE, target="/etc/shadow")}

    done = checked({"image.tar": layer({**GOOD.files, **linked})}, is_tar=True)

    assert codes(done["image"]) == ["image-unreadable"]


def test_without_an_image_there_is_nothing_to_check(checked: Checked) -> None:
    done = checked({}, is_tar=True)

    assert done["image"].state is State.NOT_APPLICABLE
