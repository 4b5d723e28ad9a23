"""A draft by steps: its first text, what an answer changes, and what comes of it.

A draft with a template goes with the template's code. That code reads the inputs, secrets and
triggers of the template by their names, so these have to stay; others may be added and
everything else may change.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

from connectory.gates import archive
from connectory.kernel.errors import Problem
from connectory.manifest import loader
from connectory.manifest.asking import Question, answered, entries_of, questions
from connectory.manifest.errors import ManifestError
from connectory.manifest.loader import Loaded
from connectory.manifest.model import Manifest
from connectory.manifest.nodes import value_of
from connectory.manifest.texts import JsonObject
from connectory.manifest.writer import written
from connectory.publishing.rules import Draft, TemplateMissingError
from connectory.scaffold.files import TEMPLATES, Wish, files_of
from connectory.scaffold.layout import MANIFEST, is_packed

UNNAMED = "new-connector"  # while a draft has no id
FIRST = {"schema_version": "1", "version": "0.1.0", "vetting_status": "review"}
CODE = {"inputs": "name", "secrets": "name", "triggers": "type"}
"""What the code of a template reads, and the field that it knows each by."""
SET_BY_CODE = ("entrypoint",)


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the wizard: its place in the address, its title, the fields it asks for."""

    slug: str
    title: str
    keys: tuple[str, ...]

    def asks(self, template: str) -> tuple[Question, ...]:
        """Return the questions; what the code of a template settles is not asked."""
        asked = (questions()[key] for key in self.keys)
        return tuple(map(_without_settled, asked) if template else asked)


STEPS = (
    Step(
        "what",
        "What it is",
        ("id", "name", "version", "description", "kind", "tags", "namespace", "license"),
    ),
    Step("when", "When it runs", ("triggers", "runtime")),
    Step("needs", "What it needs", ("inputs", "secrets")),
    Step("touches", "What it touches", ("permissions", "data", "policies")),
    Step("owner", "Who owns it", ("owner", "team", "maintainers", "support", "vetting_status")),
)
"""The steps before the review. What they do not ask for can be written in the manifest."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A draft as the loader sees it. `loaded` is None while there are errors."""

    loaded: Loaded | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What has to be put right before it can be published."""
        return tuple(one for one in self.problems if one.severity == "error")


def first_text(template: str, owner: str, namespace: str) -> str:
    """Return the text that a draft begins with.

    Raises:
        TemplateMissingError: If there is no such template; empty is a manifest alone.
        SdkWheelMissingError: If the SDK did not come with this installation.
    """
    known = {"owner": owner, **({"namespace": namespace} if namespace else {})}
    if not template:
        return written({**FIRST, **known}, Manifest)
    if template not in TEMPLATES:
        raise TemplateMissingError(template, tuple(TEMPLATES))
    document = _template(template, owner)
    return written({**document, **known} | {"version": FIRST["version"]}, Manifest)


def document_of(draft: Draft) -> JsonObject:
    """Return the fields that a draft has."""
    return _document(draft.text.encode())


def with_answers(draft: Draft, step: Step, entered: Mapping[str, str]) -> str:
    """Return the text of a draft after a step was filled in."""
    document = answered(step.asks(draft.template), entered, document_of(draft))
    if draft.template:
        document["runtime"] = {
            **document.get("runtime", {}),
            "entrypoint": _wish(draft, document).module,
        }
    return written(document, Manifest)


def examine(draft: Draft) -> Examined:
    """Say everything that stands between a draft and its publication, warnings last."""
    try:
        loaded = loader.load(draft.text.encode())
    except ManifestError as refused:
        return Examined(None, refused.problems)
    broken = tuple(_missing_for_code(draft))
    return Examined(None if broken else loaded, (*broken, *loaded.warnings))


def project(draft: Draft) -> bytes:
    """Return the connector's folder as an archive: what `connectory new` makes, and tests."""
    document = document_of(draft)
    wish = _wish(draft, document)
    files = _files(draft, wish)
    return _archive({f"{wish.id}/{name}": content for name, content in files.items()})


def package(draft: Draft) -> bytes | None:
    """Return the package that goes with a draft; None for a manifest alone."""
    if not draft.template:
        return None
    files = _files(draft, _wish(draft, document_of(draft)))
    return _archive({n: content for n, content in files.items() if is_packed(PurePath(n))})


def _files(draft: Draft, wish: Wish) -> dict[str, bytes]:
    made = files_of(wish) if draft.template else {}
    return {**made, MANIFEST: draft.text.encode()}


def _archive(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    archive.pack(files, packed)
    return packed.getvalue()


def _wish(draft: Draft, document: JsonObject) -> Wish:
    """Return what the files are made for; the manifest replaces the one of the template."""
    is_named = re.fullmatch(questions()["id"].pattern, f"{document.get('id')}")
    return Wish(
        id=f"{document['id']}" if is_named else UNNAMED,
        template=draft.template,
        owner=f"{document.get('owner') or UNNAMED}",
        title=f"{document.get('name') or ''}",
    )


def _template(template: str, owner: str = UNNAMED) -> JsonObject:
    """Return the manifest of a template, without the names of what it was made for."""
    document = _document(files_of(Wish(UNNAMED, template, owner))[MANIFEST])
    return {key: value for key, value in document.items() if key not in {"id", "name"}}


def _document(raw: bytes) -> JsonObject:
    found = value_of(loader.read(raw).root)
    return found if isinstance(found, dict) else {}


def _missing_for_code(draft: Draft) -> Iterator[Problem]:
    """Find what the code of the template reads and the draft no longer has."""
    if not draft.template:
        return
    before, now = _template(draft.template), document_of(draft)
    for key, name in CODE.items():
        question = questions()[key]
        there = {_seen(one, name) for one in entries_of(question, now.get(key))}
        for one in entries_of(question, before.get(key)):
            if _seen(one, name) not in there:
                yield _taken_away(draft.template, key, _seen(one, name))


def _seen(entry: JsonObject, name: str) -> str:
    path = f" {entry['path']}" if "path" in entry else ""
    return f"{entry.get(name, '')}{path}"


def _taken_away(template: str, key: str, name: str) -> Problem:
    return Problem(
        code="code-needs",
        message=f"the code of {template} needs the {key.removesuffix('s')} `{name}`",
        hint=f"add it again under {key}, or download the project and change its code",
        path=key,
    )


def _without_settled(question: Question) -> Question:
    kept = tuple(part for part in question.parts if part.key not in SET_BY_CODE)
    return replace(question, parts=kept)
