"""Lists for other programs: the rows of a page as CSV, JSON or an Atom feed.

Whoever opens a CSV file in a spreadsheet must not run what others wrote: a text that begins
like a formula gets an apostrophe in front. Numbers stay numbers.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from xml.etree import ElementTree as ET

from fastapi.responses import JSONResponse, Response

from connectory.kernel.clock import rfc3339
from connectory.web.parts import Twin

ATOM = "http://www.w3.org/2005/Atom"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets know that a file is UTF-8

Value = str | int | float | datetime | None


class Form(StrEnum):
    """How a list can be had."""

    CSV = "csv"
    JSON = "json"
    ATOM = "atom"


MEDIA_TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.JSON: "application/json",
    Form.ATOM: "application/atom+xml",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row, and what a feed says of it. `key` is unique and never changes."""

    key: str
    values: tuple[Value, ...]
    title: str
    url: str  # a path of this site
    at: datetime
    author: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list with its columns. `page` is the path of the page that shows it."""

    title: str
    page: str
    own: str  # the path of the list itself
    columns: tuple[str, ...]
    entries: tuple[Entry, ...]


def twins_of(path: str, query: str = "") -> tuple[Twin, ...]:
    """Name the other forms of the list at a path."""
    more = f"?{query}" if query else ""
    return tuple(Twin(form.upper(), f"{path}.{form}{more}", MEDIA_TYPES[form]) for form in Form)


def answer(sheet: Sheet, form: Form, *, site: str, now: datetime) -> Response:
    """Answer with a list. `site` is the address that its links begin with."""
    if form is Form.JSON:
        return JSONResponse({"items": list(_objects(sheet))})
    text = _csv(sheet) if form is Form.CSV else _atom(sheet, site, now)
    return Response(text, media_type=MEDIA_TYPES[form])


def _objects(sheet: Sheet) -> Iterator[dict[str, Value]]:
    for entry in sheet.entries:
        yield dict(zip(sheet.columns, map(_plain, entry.values), strict=True))


def _csv(sheet: Sheet) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(sheet.columns)
    writer.writerows([_cell(_plain(value)) for value in one.values] for one in sheet.entries)
    return BYTE_ORDER_MARK + out.getvalue()


def _plain(value: Value) -> str | int | float | None:
    return rfc3339(value) if isinstance(value, datetime) else value


def _cell(value: str | float | None) -> str | float | None:
    is_formula = isinstance(value, str) and value.startswith(FORMULA)
    return f"'{value}" if is_formula else value


def _atom(sheet: Sheet, site: str, now: datetime) -> bytes:
    feed = ET.Element("feed", xmlns=ATOM)
    _add(feed, "title", sheet.title)
    _add(feed, "id", f"{site}{sheet.page}")
    _add(feed, "updated", rfc3339(max((one.at for one in sheet.entries), default=now)))
    _add(ET.SubElement(feed, "author"), "name", "Connectory")
    ET.SubElement(feed, "link", href=f"{site}{sheet.page}")
    ET.SubElement(feed, "link", rel="self", href=f"{site}{sheet.own}")
    for one in sheet.entries:
        entry = ET.SubElement(feed, "entry")
        _add(entry, "title", one.title)
        _add(entry, "id", f"{site}/{one.key}")
        _add(entry, "updated", rfc3339(one.at))
        ET.SubElement(entry, "link", href=f"{site}{one.url}")
        if one.author:
            _add(ET.SubElement(entry, "author"), "name", one.author)
        if one.summary:
            _add(entry, "summary", one.summary)
    text: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return text


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
