"""Each house rule has a file that breaks it and one that keeps it."""

from collections.abc import Callable
from pathlib import Path

import house
import pytest

Findings = Callable[..., list[str]]

LAZY = """\
def run():
    # lazy: costs 200 ms and few need it
    from alembic import command
    import json
"""
ERROR = '''
class {name}(ConnectoryError):
    """It happens."""

    code: ClassVar[str] = "{code}"
'''


@pytest.fixture
def findings(tmp_path: Path) -> Findings:
    """Write files below a root and return what the rules say about them, as texts."""

    def check(files: dict[str, str]) -> list[str]:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return [str(finding) for finding in house.check(tmp_path)]

    return check


BROKEN = {
    "long file": ("catalog/publish.py", "x = 1\n" * 401, "401 lines"),
    "long function": ("catalog/a.py", "def f():\n" + "    x = 1\n" * 40, "f has 41 lines"),
    "hidden import": ("catalog/a.py", "def f():\n    import json\n", "import inside f"),
    "foreign store": ("costs/a.py", "from connectory.access import store\n", "is private"),
    "name of a foreign store": (
        "costs/a.py",
        "from connectory.access.store import T\n",
        "private",
    ),
    "foreign store as module": ("costs/a.py", "import connectory.access.store\n", "private"),
    "query outside a store": ("access/read.py", "from sqlalchemy import select\n", "outside"),
    "whole sqlalchemy": ("access/read.py", "import sqlalchemy\n", "outside a store"),
    "sqlalchemy submodule": (
        "app.py",
        "from sqlalchemy.orm import Session\n",
        "outside a store",
    ),
    "vague module": ("catalog/utils.py", "", "`utils` says nothing"),
    "vague class": ("catalog/a.py", "class LeadManager:\n    pass\n", "`manager` says nothing"),
    "opened secret": ("instances/a.py", "x = key.reveal()\n", "opens a secret"),
    "opener passed on": ("instances/a.py", "x = map(Secret.reveal, y)\n", "opens a secret"),
    "http exception": ("access/api.py", "from fastapi import HTTPException\n", "HTTPException"),
    "http exception by module": ("a.py", "raise fastapi.HTTPException(404)\n", "HTTPException"),
    "git started": ("cli/a.py", 'run(["git", "log"])\n', "runs Git"),
    "git looked up": ("cli/a.py", 'shutil.which("git")\n', "runs Git"),
    "git by a library": ("cli/a.py", "from dulwich import porcelain\n", "runs Git"),
    "shouted code": ("a.py", ERROR.format(name="AError", code="Not_Kebab"), "not kebab-case"),
    "silent error": ("a.py", 'class AError(E):\n    code: str = "a"\n', "needs a docstring"),
    "long template": ("web/templates/a.html", "<p>\n" * 121, "121 lines"),
    "style attribute": ("web/templates/a.html", '<p style="top: 0">', "inline style"),
    "style element": ("web/templates/a.html", "<style>p {}</style>", "inline style"),
    "script element": ("web/templates/a.html", "<script>go()</script>", "inline script"),
    "event attribute": ("web/templates/a.html", '<a onclick="go()">', "inline script"),
    "hex colour": ("web/static/badge.css", ".badge { color: #0a0; }", "raw colour `#0a0`"),
    "colour function": ("web/static/a.css", "a { border: 1px solid rgb(0 0 0); }", "`rgb(`"),
    "named colour": ("web/static/a.css", "a { background: white; }", "raw colour `white`"),
    "colour in a drawing": ("web/templates/a.html", '<path fill="#123456">', "raw colour"),
}
KEPT = {
    "file at the limit": ("catalog/publish.py", "x = 1\n" * 400),
    "long docstring": ("catalog/a.py", 'def f():\n    """\n' + "    x\n" * 50 + '    """\n'),
    "function at the limit": ("catalog/a.py", "def f():\n" + "    x = 1\n" * 39),
    "lazy import with a reason": ("backends/db/a.py", LAZY),
    "lazy import of a command": ("cli/publish.py", "def f():\n    import json\n"),
    "own store": ("access/read.py", "from connectory.access import store\n"),
    "query in a store": ("access/store.py", "from sqlalchemy import Table, select\n"),
    "query in a backend": ("backends/secrets/sealed.py", "from sqlalchemy import select\n"),
    "query in the log": ("work/log.py", "from sqlalchemy import insert\n"),
    "connection handed around": ("wiring.py", "from sqlalchemy import Connection, Engine\n"),
    "error of the driver": ("app.py", "from sqlalchemy.exc import OperationalError\n"),
    "name of an inherited kind": (
        "standins/a.py",
        "class Slack(BaseHTTPRequestHandler):\n  ...\n",
    ),
    "http exception at the edge": (
        "app/a.py",
        "from starlette.exceptions import HTTPException\n",
    ),
    "http exception of the client": ("gates/a.py", "from http.client import HTTPException\n"),
    "git at its gate": ("gates/git_program.py", 'shutil.which("git")\n'),
    "word git": ("cli/a.py", 'KIND = "git"\n'),
    "long migration": (f"{house.MIGRATIONS}/0001.py", "def f():\n" + "    x = 1\n" * 90),
    "secret opened by its receiver": ("backends/secrets/sealed.py", "x = value.reveal()\n"),
    "kebab code": ("a.py", ERROR.format(name="AError", code="version-exists")),
    "template at the limit": ("web/templates/a.html", "<p>\n" * 120),
    "script from a file": (
        "web/templates/a.html",
        '<script type="module" src="/a.js"></script>',
    ),
    "markup in a comment": ("web/templates/a.html", "{# never <style> or style= #}\n<p>"),
    "anchor that looks like hex": ("web/templates/a.html", '<a href="#add">'),
    "tokens": ("web/static/tokens.css", ":root { --good: #0a0; }"),
    "token by name": ("web/static/a.css", "a { color: var(--white); background: url(#fff); }"),
    "selector that looks like hex": ("web/static/a.css", "#add { color: inherit; }"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_found_once(name: str, findings: Findings) -> None:
    path, text, message = BROKEN[name]

    found = findings({f"src/connectory/{path}": text})

    assert len(found) == 1
    assert found[0].startswith(f"src/connectory/{path}:")
    assert message in found[0]


@pytest.mark.parametrize("name", KEPT)
def test_a_kept_rule_is_silent(name: str, findings: Findings) -> None:
    path, text = KEPT[name]

    assert findings({f"src/connectory/{path}": text}) == []


def test_two_errors_cannot_share_a_code(findings: Findings) -> None:
    found = findings(
        {
            "src/connectory/a.py": ERROR.format(name="AError", code="gone"),
            "src/connectory/b.py": ERROR.format(name="BError", code="gone"),
        }
    )

    assert found == ["src/connectory/b.py:2: code `gone` is taken by src/connectory/a.py:2"]


def test_sizes_count_outside_the_package_too(findings: Findings) -> None:
    found = findings({"tests/test_a.py": "x = 1\n" * 401, "tools/a.py": "x = 1\n" * 401})

    assert len(found) == 2


def test_rules_of_the_package_leave_tests_alone(findings: Findings) -> None:
    text = "from sqlalchemy import select\n\ndef test_it():\n    import json\n"

    assert findings({"tests/access/test_store.py": text}) == []


def test_an_unknown_argument_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert house.main(["--fix"]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_report_prints_numbers_and_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert house.main(["--report"]) == 0
    assert "lines per function: median" in capsys.readouterr().out
