"""Other engines that rules can be asked of: a real OPA, as a server or as a program.

The protocol is `connectory.policy.engine.Answers`; the embedded default stays with it, so that
`connectory vet` needs no server. Every engine passes `tests/contracts/test_policy.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectory.policy.engine import UNDEFINED, Answer


def picked(document: Mapping[str, Any], rules: Sequence[str]) -> list[Answer]:
    """Pick the answers of rules (`data.package.name`) out of the whole document `data`."""
    return [{"value": _value(document, rule.split(".")[1:])} for rule in rules]


def _value(document: object, steps: Sequence[str]) -> object:
    for step in steps:
        if not isinstance(document, dict) or step not in document:
            return UNDEFINED
        document = document[step]
    return document
