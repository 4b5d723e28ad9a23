"""What a bundle asks for and what it says of a document, in the names of the API."""

from dataclasses import dataclass

from connectory.policy.bundle import About, Bundle
from connectory.policy.judge import Said
from connectory.policy.names import is_failure


@dataclass(frozen=True, slots=True)
class Told:
    """A rule in words. Without metadata, `title` is its name."""

    rule: str
    denies: bool
    title: str
    reason: str
    fix: str
    controls: tuple[str, ...]


def rules(bundle: Bundle) -> list[Told]:
    """Tell every rule of a bundle, those that deny first."""
    told = [_told(rule, bundle.about.get(rule, About())) for rule in bundle.rules]
    return sorted(told, key=lambda one: (not one.denies, one.rule))


def _told(rule: str, about: About) -> Told:
    title = about.title or rule
    return Told(rule, is_failure(rule), title, about.reason, about.fix, about.controls)


def said(one: Said) -> dict[str, object]:
    """Tell one thing that a rule said."""
    return {
        "verdict": one.verdict,
        "rule": one.rule,
        "title": one.about.title or one.rule,
        "message": one.message,
        "reason": one.about.reason,
        "fix": one.fix,
        "controls": list(one.about.controls),
        "path": one.path,
    }
