"""Small folders of policies for tests."""

import io
import json
from pathlib import Path

from connectory.gates import archive

RULE = """\
package rules
import rego.v1

# METADATA
# title: Licences we know
# description: the others were never read
# custom:
#   fix: choose MIT or Apache-2.0
#   controls: [SOC 2 CC8.1]
deny contains msg if {
    not input.connector.license in {"MIT", "Apache-2.0"}
    msg := sprintf("nobody knows the licence %v", [input.connector.license])
}
"""
TEST = """\
package rules_test
import rego.v1
import data.rules

test_denies if count(rules.deny) == 1 with input as {"connector": {"license": "BSD-2-Clause"}}
"""


def files(rule: str = RULE, bad: str = "BSD-2-Clause") -> dict[str, bytes]:
    """Return a rule, its test, a good case and one that `deny` should deny, by file name."""
    texts = {"rules.rego": rule, "rules_test.rego": TEST}
    for name, licence in (("good", "MIT"), ("bad/deny.licence", bad)):
        texts[f"fixtures/{name}.json"] = json.dumps({"connector": {"license": licence}})
    return {name: text.encode() for name, text in texts.items()}


def folder(path: Path, rule: str = RULE, bad: str = "BSD-2-Clause") -> Path:
    """Write these files into a folder."""
    for name, content in files(rule, bad).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def packed(rule: str = RULE, bad: str = "BSD-2-Clause") -> bytes:
    """Return these files as they are uploaded."""
    into = io.BytesIO()
    archive.pack(files(rule, bad), into)
    return into.getvalue()
