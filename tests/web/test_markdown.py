"""Markdown of authors: what it may look like. What it may not do is in tests/attacks."""

from connectory.web.markdown import to_html


def test_headings_go_below_those_of_the_page() -> None:
    assert to_html("# One\n## Two\n##### Five") == "<h3>One</h3><h4>Two</h4><h6>Five</h6>"


def test_a_link_to_a_file_beside_it_is_only_its_text() -> None:
    assert to_html("see [the runbook](runbook.md) *now*") == (
        "<p>see the runbook <em>now</em></p>\n"
    )


def test_wide_parts_scroll_by_themselves_and_by_keyboard() -> None:
    html = to_html("| a |\n|---|\n| 1 |\n\n```sh\nls\n```")

    assert '<div class="markdown-table" tabindex="0"><table>' in html
    assert '<pre tabindex="0"><code>ls\n</code></pre>' in html


def test_an_image_without_words_still_says_where_it_is_from() -> None:
    assert "Image from the package, not shown" in to_html("![](diagram.png)")
