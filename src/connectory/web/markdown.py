"""Markdown that somebody else wrote, as HTML that can do nothing.

Two independent locks: the parser never passes HTML through and knows only `https` and `mailto`
links, and the sanitiser keeps a short list of elements whatever the parser did. Images are not
loaded (they would tell a stranger who reads the page); their place says what was there.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

SCHEMES = {"https", "mailto"}
HEADING_SHIFT = 2  # the page has its h1, the section its h2
LOWEST_HEADING = 6
TAGS = {
    *("a", "blockquote", "br", "code", "del", "div", "em", "h3", "h4", "h5", "h6", "hr", "li"),
    *("ol", "p", "pre", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
CLASSES = {"span": {"image-left-out"}, "div": {"markdown-table"}}
SCROLLED = {"pre": {"tabindex": "0"}, "div": {"tabindex": "0"}}  # by keyboard, too


def to_html(source: str) -> Markup:
    """Return Markdown as safe HTML, its headings moved two levels down."""
    return Markup(  # noqa: S704  sanitised in this very line
        nh3.clean(
            PARSER.render(source),
            tags=TAGS,
            attributes=ATTRIBUTES,
            allowed_classes=CLASSES,
            set_tag_attribute_values=SCROLLED,
            url_schemes=SCHEMES,
            link_rel="noopener noreferrer nofollow",
            strip_comments=True,
        )
    )


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        return "unreadable"


def _may_parse(url: str) -> bool:
    """Let relative addresses through: images lose theirs, links are unlinked below."""
    return _scheme(url) in SCHEMES | {""}


def _unlink_relative(state: StateCore) -> None:
    """Turn links to files beside the README, which nobody serves, into their text."""
    for block in state.tokens:
        kept: list[Token] = []
        dropping = False  # links do not nest, so one flag finds the end that belongs to it
        for token in block.children or ():
            if token.type == "link_open":
                dropping = _scheme(str(token.attrs["href"])) not in SCHEMES
            if not (dropping and token.type in ("link_open", "link_close")):
                kept.append(token)
        if block.children is not None:
            block.children = kept


def _image(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _o: OptionsDict, _e: EnvType
) -> str:
    image = tokens[index]
    host = urlsplit(str(image.attrs["src"])).hostname or "the package"
    name = f" “{image.content}”" if image.content else ""
    return (
        f'<span class="image-left-out">{escape(f"Image{name} from {host}, not shown")}</span>'
    )


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.validateLink = _may_parse  # type: ignore[method-assign]  # the documented way
    parser.core.ruler.push("unlink_relative", _unlink_relative)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("table_open", _table)
    parser.add_render_rule("table_close", _table)
    parser.add_render_rule("heading_open", _heading)
    parser.add_render_rule("heading_close", _heading)
    return parser


def _heading(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _o: OptionsDict, _e: EnvType
) -> str:
    level = min(int(tokens[index].tag[1:]) + HEADING_SHIFT, LOWEST_HEADING)
    return f"<{'/' if tokens[index].nesting < 0 else ''}h{level}>"


def _table(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _o: OptionsDict, _e: EnvType
) -> str:
    """Wrap a table, which may be wider than the page, into a box that scrolls."""
    opens = tokens[index].nesting > 0
    return '<div class="markdown-table"><table>' if opens else "</table></div>"


PARSER = _parser()
