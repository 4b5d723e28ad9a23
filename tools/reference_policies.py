"""docs/reference/policies.md: the rules that come with Connectory."""

from itertools import groupby

from markdown_table import code, sentence, table

from connectory.policy import bundle, engine, telling
from connectory.policy.telling import Told

HEAD = """\
# Shipped policies

The rules that hold until an admin [activates others](../guides/policies.md). They are files in
`src/connectory/policy/shipped`, written as anybody would write them: take them as a start.

"""


def policies_page() -> str:
    """Return the page: a section for each package, a table of its rules."""
    rules = telling.rules(bundle.read(bundle.SHIPPED, engine.shared()))
    ordered = sorted(rules, key=lambda one: one.rule)
    sections = [
        f"## {package}\n\n{_table(list(found))}"
        for package, found in groupby(ordered, key=lambda one: one.rule.rpartition(".")[0])
    ]
    return HEAD + "\n".join(sections)


def _table(rules: list[Told]) -> str:
    return table(
        ["rule", "asks for", "why", "what to do", "controls"],
        [
            [
                code(one.rule.rpartition(".")[2]),
                one.title,
                sentence(one.reason),
                sentence(one.fix),
                ", ".join(one.controls),
            ]
            for one in rules
        ],
    )
