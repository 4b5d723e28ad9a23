"""A browser without JavaScript: it follows links, fills in forms and sends them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from httpx2 import Response

VOID_KINDS = {"submit", "button", "file", "image", "reset"}


@dataclass
class Form:
    """A form of a page: where it goes, and what its controls hold."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """Collects the forms of a page as a browser would fill them in first."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._text = ""  # name of the textarea that is open
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self._form = Form(given.get("action") or "", given.get("method") or "get")
            self.found.append(self._form)
        if self._form is None:
            return
        if tag == "input" and self._is_sent(given):
            self._form.values[name] = given.get("value") or ""
        elif tag == "textarea":
            self._text, self._form.values[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in given or self._select not in self._form.values):
            self._form.values[self._select] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._text and self._form:
            self._form.values[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        self._text = "" if tag == "textarea" else self._text

    @staticmethod
    def _is_sent(given: Mapping[str, str | None]) -> bool:
        kind = given.get("type")
        is_chosen = kind not in {"radio", "checkbox"} or "checked" in given
        return bool(given.get("name")) and kind not in VOID_KINDS and is_chosen


@dataclass
class Reader:
    """Somebody with a browser: the page that is open, and where it is."""

    send: Callable[..., Response]  # a method, an address, then options; with the session
    page: Response | None = None
    path: str = ""

    def open(self, path: str) -> Response:
        """Go to an address; follow where it leads."""
        return self._arrive("GET", path, None)

    def submit(self, action: str = "", /, button: str = "", **entered: str) -> Response:
        """Fill in the form that goes to `action` (else the page's own) and press a button.

        Names of controls have `__` for dots.
        """
        assert self.page is not None
        forms = Forms()
        forms.feed(self.page.text)
        wanted = action or self.path.partition("?")[0]
        form = next(one for one in forms.found if one.action == wanted)
        values = form.values | {name.replace("__", "."): v for name, v in entered.items()}
        return self._arrive(
            "POST", form.action, values | ({"action": button} if button else {})
        )

    def _arrive(self, method: str, path: str, values: Mapping[str, str] | None) -> Response:
        answer = self.send(method, path, data=values)
        while answer.status_code in {303, 307}:
            path = urljoin(path, answer.headers["location"])
            answer = self.send("GET", path)
        self.page, self.path = answer, path
        return answer
