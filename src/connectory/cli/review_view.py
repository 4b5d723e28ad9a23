"""A review as text: what grew comes first, then what is missing, then what was said."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from connectory.cli.output import Output
from connectory.cli.pieces import BAD, GOOD, WARN, Part, Piece, bold, dim, one_line
from connectory.client.reviews import Review, ReviewCard, Since
from connectory.kernel import clock

TONES = {"approved": "good", "rejected": "bad", "vetoed": "bad", "changes-requested": "warn"}
MARKS: Mapping[str, Part] = {"approve": GOOD, "reject": BAD, "veto": BAD}
ONE = {
    "secrets": "secret",
    "oauth_scopes": "scope",
    "cloud_actions": "cloud action",
    "hosts": "host",
    "regions": "region",
    "data_classes": "class of data",
    "triggers": "trigger",
}
MINUTE, HOUR, DAY = 60, 3600, 86_400


def length(seconds: float) -> str:
    """Write how long something takes: `38 min`, `2 h 10 min`, `3 d`."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min"
    if seconds < DAY:
        minutes = seconds % HOUR // MINUTE
        return f"{seconds // HOUR:.0f} h" + (f" {minutes:.0f} min" if minutes else "")
    return f"{seconds // DAY:.0f} d"


def label(one: ReviewCard) -> str:
    """Name the version under review."""
    return f"{one['connector']}@{one['version']}"


def row(one: ReviewCard) -> list[Part]:
    """Describe a review in a table with the heads of `HEADS`."""
    passed, total = one["checks_passed"], one["checks_total"]
    checks = "wait" if passed is None else f"{passed}/{total}"
    return [
        bold(one["id"]),
        one_line(label(one)),
        _change(one),
        one["risk"],
        checks if passed in {None, total} else Piece(checks, "warn"),
        waiting(one),
        ", ".join(one["signed"]) or "-",
        ", ".join(one["missing"]) or "-",
    ]


HEADS = ("ID", "CONNECTOR", "CHANGE", "RISK", "CHECKS", "WAITING", "SIGNED", "MISSING")


def waiting(one: ReviewCard) -> Part:
    """Say how long a review has waited, or took."""
    ended = one["ended_at"]
    until = datetime.fromisoformat(ended) if ended else clock.now()
    waited = (until - datetime.fromisoformat(one["opened_at"])).total_seconds()
    text = length(max(waited, 0))
    return Piece(f"{text}, overdue", "warn") if one["overdue"] else text


def show_state(out: Output, one: Review) -> None:
    """Write how far a review is, and for whom it waits."""
    typical, place = one["typical_wait_s"], one["position"]
    is_over = one["ended_at"] is not None
    out.pairs(
        [
            ("review", bold(one["id"])),
            ("version", f"{one_line(label(one))} by {one_line(one['published_by'])}"),
            ("state", Piece(one["state"], TONES.get(one["state"], ""))),
            ("risk", one["risk"]),
            ("digest", one["digest"]),
            ("place", f"number {place} in the queue" if place else ""),
            ("took" if is_over else "waiting", waiting(one)),
            ("due", "" if is_over else one["due_at"]),
            ("typical wait", length(typical) if typical is not None else ""),
            ("to do", "; ".join(map(one_line, one["open_points"]))),
        ]
    )


def show_review(out: Output, one: Review) -> None:
    """Write a whole review."""
    show_permissions(out, one)
    show_since(out, one["since_last_seen"])
    out.show()
    show_state(out, one)
    _show_roles(out, one)
    _show_decisions(out, one)
    _show_comments(out, one)


def show_permissions(out: Output, one: Review) -> None:
    """Write what a version exposes beyond the approved one before it."""
    against = f"beyond {one['base']}" if one["base"] else "as a new connector"
    out.title(one_line(label(one)), f" exposes {against}")
    if not one["grown"]:
        out.show("  ", dim("nothing more"))
    _show_parts(out, "+", one["grown"])


def show_since(out: Output, since: Since | None) -> None:
    """Write what changed since the reader looked, or since the submission before."""
    if since is None:
        return
    how = "you looked at" if since["was_seen"] else "the submission before,"
    out.title("Changed", f" since {how} {one_line(since['version'])}")
    _show_parts(out, "+", since["grown"])
    _show_parts(out, "-", since["gone"])
    package = "another package" if since["is_package_changed"] else "the same package"
    out.show("  ", package)
    if since["reset"]:
        roles = ", ".join(since["reset"])
        out.show("  ", WARN, f" signed that one and look again: {roles}")


def _change(one: ReviewCard) -> str:
    if not one["base"]:
        return "new"
    grown = [f"+{len(names)} {ONE.get(part, part)}" for part, names in one["grown"].items()]
    return ", ".join(grown) or "same surface"


def _show_parts(out: Output, sign: str, parts: Mapping[str, Sequence[str]]) -> None:
    out_rows: list[tuple[str, Part]] = [
        (f"{sign} {ONE.get(part, one_line(part))}", one_line(name))
        for part, names in parts.items()
        for name in names
    ]
    out.pairs(out_rows, indent=2)


def _show_roles(out: Output, one: Review) -> None:
    for role in one["roles"]:
        out.show(GOOD if role["signed"] else dim("-"), " ", bold(role["role"]))
        if role["signed"]:
            continue
        _show_parts(out, "+", role["grown"])
        for point in role["checklist"]:
            out.show("    ", dim(point))


def _show_decisions(out: Output, one: Review) -> None:
    for each in one["decisions"]:
        mark = MARKS.get(each["decision"], WARN)
        carried = (
            dim(f"  carried over from {each['carried_from'][:19]}")
            if (each["carried_from"])
            else ""
        )
        said = f"{each['decision']} as {each['role']} by {one_line(each['account'])}"
        if each.get("behalf_of"):
            said += f" for {one_line(each['behalf_of'])}"
        if each.get("merge"):
            said += f" by the merge {one_line(each['merge'])}"
        out.show(mark, f" {said}  ", dim(each["at"]), carried)
        _quote(out, each["comment"])


def _show_comments(out: Output, one: Review) -> None:
    for each in one["comments"]:
        out.show(f"#{each['number']} ", bold(each["account"]), "  ", dim(each["at"]))
        _quote(out, each["text"])


def _quote(out: Output, text: str) -> None:
    """Write what somebody else wrote, so that none of its lines looks like one of ours."""
    for line in text.splitlines():
        out.show("    | ", one_line(line))
