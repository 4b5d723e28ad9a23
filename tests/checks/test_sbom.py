"""A bill of materials: valid CycloneDX, the same bytes each time, and honest about its gaps."""

import json
import zipfile
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from connectory.checks.sbom import Sbom, sbom
from connectory.checks.subject import Subject
from connectory.manifest import loader
from images import ALPINE, BASE, PYTHON, image, layer

MANIFEST = b"""\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Tells a channel about leads
owner: bizops@example.com
license: Apache-2.0
runtime: {type: serverless, entrypoint: lead_alerts}
"""
PACKAGE = "sha256:" + "9f" * 32
NPM = {
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "leads", "dependencies": {"a": "^1", "@acme/b": "*"}},
        "node_modules/a": {
            "version": "1.0.0",
            "integrity": "sha1-" + "A" * 27 + "=",
            "license": "MIT",
            "dependencies": {"c": "^2"},
        },
        "node_modules/@acme/b": {
            "version": "1.1.0+build",
            "license": "SEE LICENSE IN LICENSE",
            "dependencies": {"c": "^1"},
        },
        "node_modules/c": {"version": "2.0.0"},
        "node_modules/@acme/b/node_modules/c": {"version": "1.5.0"},
    },
}
FILES = {
    "requirements.lock": f"jinja2==3.1.6 \\\n    --hash=sha256:{'a1' * 32}\n",
    "package-lock.json": json.dumps(NPM),
    "go.mod": "module x\n\nrequire example.org/m/v2 v2.0.0+incompatible\n",
    ".terraform.lock.hcl": 'provider "registry.terraform.io/hashicorp/aws" {\n'
    f'  version = "5.31.0"\n  hashes = ["h1:abc=", "zh:{"b2" * 32}"]\n}}\n',
}
VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)


def made(root: Path, package: str | None = PACKAGE, **files: str | bytes) -> Sbom:
    """Return the bill of a connector with these files, which is valid whatever they are."""
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    subject = Subject(MANIFEST, "manifest.yaml", "", root, frozenset(files))
    bill = sbom(subject, loader.load(MANIFEST).manifest, package)
    assert VALIDATOR.validate_str(bill.content.decode()) is None
    return bill


def listed(bill: Sbom) -> dict[str, dict]:
    return {one["bom-ref"]: one for one in json.loads(bill.content)["components"]}


def needs(bill: Sbom) -> dict[str, list[str]]:
    found = json.loads(bill.content)["dependencies"]
    return {one["ref"]: one["dependsOn"] for one in found}


def aggregate(bill: Sbom) -> str:
    return json.loads(bill.content)["compositions"][0]["aggregate"]


def test_every_lock_is_in_it_by_the_address_of_its_ecosystem(tmp_path: Path) -> None:
    assert sorted(listed(made(tmp_path, **FILES))) == [
        "pkg:generic/registry.terraform.io/hashicorp/aws@5.31.0",
        "pkg:golang/example.org/m/v2@v2.0.0%2Bincompatible",
        "pkg:npm/%40acme/b@1.1.0%2Bbuild",
        "pkg:npm/a@1.0.0",
        "pkg:npm/c@1.5.0",
        "pkg:npm/c@2.0.0",
        "pkg:pypi/jinja2@3.1.6",
    ]


def test_what_the_lock_knows_of_a_package_is_in_it(tmp_path: Path) -> None:
    found = listed(made(tmp_path, **FILES))

    a, b = found["pkg:npm/a@1.0.0"], found["pkg:npm/%40acme/b@1.1.0%2Bbuild"]
    assert a["licenses"] == [{"expression": "MIT"}]
    assert a["hashes"] == [{"alg": "SHA-1", "content": "0" * 40}]
    assert b["licenses"] == [{"license": {"name": "SEE LICENSE IN LICENSE"}}]
    assert found["pkg:pypi/jinja2@3.1.6"]["hashes"][0]["content"] == "a1" * 32


def test_a_package_needs_the_one_that_lies_nearest(tmp_path: Path) -> None:
    found = needs(made(tmp_path, **FILES))

    assert found["pkg:npm/a@1.0.0"] == ["pkg:npm/c@2.0.0"]
    assert found["pkg:npm/%40acme/b@1.1.0%2Bbuild"] == ["pkg:npm/c@1.5.0"]
    assert "pkg:npm/c@2.0.0" not in found["connector"]


def test_the_connector_is_named_with_the_digest_of_its_package(tmp_path: Path) -> None:
    about = json.loads(made(tmp_path).content)["metadata"]["component"]

    assert (about["name"], about["version"]) == ("lead-alerts", "1.0.0")
    assert about["hashes"] == [{"alg": "SHA-256", "content": "9f" * 32}]
    assert about["licenses"] == [{"expression": "Apache-2.0"}]


def test_the_same_package_has_the_same_bill(tmp_path: Path) -> None:
    one, other = made(tmp_path / "a", **FILES), made(tmp_path / "b", **FILES)

    assert one.content == other.content


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (BASE, "pkg:deb/debian/zlib@1:1.2.13.dfsg-1?distro=debian-12&arch=source"),
        (ALPINE, "pkg:apk/alpine/openssl@3.3.2-r0?distro=alpine-3.20"),
        (PYTHON, "pkg:pypi/jinja2@3.1.5"),
    ],
    ids=["debian", "alpine", "python"],
)
def test_an_image_is_looked_into(tmp_path: Path, base: dict[str, bytes], expected: str) -> None:
    inside = image(layer(base)).files
    bill = made(tmp_path, **{f"image/{name}": raw for name, raw in inside.items()})

    assert expected in listed(bill)
    assert aggregate(bill) == "complete"


def test_a_wheel_has_its_digest_licence_and_needs(tmp_path: Path) -> None:
    name = "wheels/jinja2-3.1.6-py3-none-any.whl"
    (tmp_path / "wheels").mkdir()
    with zipfile.ZipFile(tmp_path / name, "w") as wheel:
        said = "Name: Jinja2\nVersion: 3.1.6\nLicense-Expression: BSD-3-Clause\n"
        more = "Requires-Dist: MarkupSafe>=2.0\nRequires-Dist: Babel; extra == 'i18n'\n"
        wheel.writestr("jinja2-3.1.6.dist-info/METADATA", said + more)
    lock = "markupsafe==3.0.2\nbabel==2.1\n"
    bill = made(tmp_path, **{name: (tmp_path / name).read_bytes(), "requirements.lock": lock})

    assert needs(bill)["pkg:pypi/jinja2@3.1.6"] == ["pkg:pypi/markupsafe@3.0.2"]
    assert listed(bill)["pkg:pypi/jinja2@3.1.6"]["licenses"] == [{"expression": "BSD-3-Clause"}]


@pytest.mark.parametrize(
    ("files", "gap"),
    [
        ({"package-lock.json": "{"}, "package-lock.json: the JSON cannot be taken"),
        ({"uv.lock": "[[package"}, "uv.lock cannot be read"),
        ({"pyproject.toml": '[project]\ndependencies = ["x>1"]'}, "leaves open which x it is"),
        ({"src/main.py": "import requests"}, "no lock says what its code needs"),
        ({"Dockerfile": "FROM python:3.12\n"}, "base image python:3.12 is not in the package"),
        ({"image/index.json": "{}"}, "its image cannot be read"),
        ({"Pipfile.lock": '{"default": {"x": {"hashes": 5}}}'}, "Pipfile.lock cannot be read"),
    ],
    ids=["npm", "uv", "open", "code", "base", "image", "odd"],
)
def test_what_could_not_be_read_makes_it_incomplete(
    tmp_path: Path, files: dict[str, str], gap: str
) -> None:
    bill = made(
        tmp_path,
        **files,
        **{"requirements.txt": "a==1\n"} if "src/main.py" not in files else {},
    )

    assert aggregate(bill) == "incomplete"
    assert gap in bill.gaps[0]
    assert json.loads(bill.content)["metadata"]["properties"][0]["value"] == bill.gaps[0]


def test_a_manifest_alone_never_looks_complete(tmp_path: Path) -> None:
    bill = made(tmp_path, package=None)

    assert (aggregate(bill), bill.components) == ("incomplete", 0)
