"""House rules for templates and style sheets. `python tools/house.py` runs them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

TEMPLATE_LINES = 120

HEXADECIMAL = r"#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b"
FUNCTIONAL = r"\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\("
NAMED = r"(?<![-\w])(?:black|white|red|green|blue|gr[ae]y|yellow|orange|purple)(?![-\w])"
COLOUR = re.compile(f"{HEXADECIMAL}|{FUNCTIONAL}|{NAMED}", re.IGNORECASE)
NO_COLOUR = re.compile(r"var\([^)]*\)|url\([^)]*\)|\"[^\"]*\"")
VALUES = {
    ".css": re.compile(r":([^;{}]*)"),
    ".html": re.compile(r"\b(?:fill|stroke|color|stop-color)=\"([^\"]*)\""),
}

Findings = Iterator[tuple[int, str]]


def short_templates(_: PurePosixPath, text: str) -> Findings:
    """A template has at most 120 lines."""
    if (lines := text.count("\n")) > TEMPLATE_LINES:
        yield 1, f"{lines} lines; move a part to a component, {TEMPLATE_LINES} is the limit"


def nothing_inline(_: PurePosixPath, text: str) -> Findings:
    """Templates carry no style and no script, so that the content policy can forbid both."""
    for number, line in _lines(re.sub(r"\{#.*?#\}", _blank, text, flags=re.DOTALL)):
        if re.search(r"<style\b|\sstyle\s*=", line, re.IGNORECASE):
            yield number, "inline style; use a class and a file under static/"
        if re.search(r"<script\b(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*[\"']", line, re.IGNORECASE):
            yield number, "inline script; use a module under static/"


def colours_in_tokens(path: PurePosixPath, text: str) -> Findings:
    """Raw colours stand in tokens.css; everything else names a token."""
    if path.name == "tokens.css":
        return
    for number, line in _lines(re.sub(r"/\*.*?\*/", _blank, text, flags=re.DOTALL)):
        for value in VALUES[path.suffix].findall(line):
            if raw := COLOUR.search(NO_COLOUR.sub("", value)):
                yield number, f"raw colour `{raw[0]}`; name a token of tokens.css"


def _lines(text: str) -> Iterable[tuple[int, str]]:
    return enumerate(text.splitlines(), start=1)


def _blank(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")  # keeps line numbers


PAGE_RULES: Mapping[str, tuple[Callable[[PurePosixPath, str], Findings], ...]] = {
    ".html": (short_templates, nothing_inline, colours_in_tokens),
    ".css": (colours_in_tokens,),
}
