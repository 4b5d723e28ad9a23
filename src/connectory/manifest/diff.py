"""What changed between two versions of a manifest, in their normal forms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    """What happened to a value."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `old` is None when added, `new` is None when removed."""

    path: str
    kind: ChangeKind
    old: object = None
    new: object = None


def diff(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[Change, ...]:
    """Return all differences, in the order of their paths.

    Entries of lists are matched by their `name`, or by their value when they are texts, so that
    a changed order is no difference: `inputs[slack_channel].default`, `tags[alert]`.
    """
    return tuple(sorted(_changes("", old, new), key=lambda change: change.path))


def _changes(path: str, old: object, new: object) -> Iterator[Change]:
    if old == new:
        return
    parts = _parts(old, new)
    if parts is None:
        yield Change(path, ChangeKind.CHANGED, old, new)
        return
    before, after = parts
    for key in before.keys() - after.keys():
        yield Change(_join(path, key), ChangeKind.REMOVED, old=before[key])
    for key in after.keys() - before.keys():
        yield Change(_join(path, key), ChangeKind.ADDED, new=after[key])
    for key in before.keys() & after.keys():
        yield from _changes(_join(path, key), before[key], after[key])


def _parts(old: object, new: object) -> tuple[dict[str, object], dict[str, object]] | None:
    """Return the parts of two maps or two lists by key; list keys are in brackets.

    Lists fall back on positions when a name occurs twice in one of them, so that no entry hides
    another one.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        return old, new
    if not isinstance(old, list) or not isinstance(new, list):
        return None
    before, after = _by_name(old), _by_name(new)
    if len(before) == len(old) and len(after) == len(new):
        return before, after
    return _by_position(old), _by_position(new)


def _by_name(entries: list[object]) -> dict[str, object]:
    return {f"[{_entry_key(n, entry)}]": entry for n, entry in enumerate(entries)}


def _by_position(entries: list[object]) -> dict[str, object]:
    return {f"[{n}]": entry for n, entry in enumerate(entries)}


def _entry_key(n: int, entry: object) -> str:
    if isinstance(entry, dict):
        name = entry.get("name") or entry.get("id") or entry.get("provider")
        return f"{name or n}"
    return entry if isinstance(entry, str) else f"{n}"


def _join(path: str, key: str) -> str:
    if key.startswith("[") or not path:
        return f"{path}{key}"
    return f"{path}.{key}"
