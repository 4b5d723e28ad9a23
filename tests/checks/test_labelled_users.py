"""How well root is found, on a set labelled by the reference of Dockerfiles and by OCI."""

from pathlib import Path

from connectory.checks import dockerfile
from connectory.checks.image import run
from connectory.checks.subject import Subject, Vetted
from connectory.manifest import loader
from images import BASE, image, layer
from labelled import FINE, assert_found
from labelled_users import ROOT, files, users

MANIFEST = b"""\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Tells a channel about leads
owner: bizops@example.com
runtime: {type: serverless, entrypoint: lead_alerts}
"""
LOADED = loader.load(MANIFEST)
CODE = "image-runs-as-root"


def test_recall_and_precision_on_dockerfiles(tmp_path: Path) -> None:
    def verdict(text: str) -> str:
        (tmp_path / "Dockerfile").write_text(text, newline="")
        subject = Subject(MANIFEST, "manifest.yaml", "", tmp_path, frozenset(["Dockerfile"]))
        found = {one.problem.code for one in dockerfile.run(Vetted(subject, LOADED))}
        return ROOT if CODE in found else FINE

    assert_found(list(files()), verdict, number=80)


def test_recall_and_precision_on_users_of_images(tmp_path: Path) -> None:
    below = layer(BASE)

    def verdict(user: str) -> str:
        root = tmp_path / f"u{user.replace(':', '_')}"
        stored = {f"image/{n}": raw for n, raw in image(below, user=user).files.items()}
        for name, raw in stored.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(raw)
        subject = Subject(MANIFEST, "manifest.yaml", "", root, frozenset(stored))
        found = {one.problem.code for one in run(Vetted(subject, LOADED))}
        return ROOT if CODE in found else FINE

    assert_found(list(users()), verdict, number=15)
