"""What other policies would change, for people and for comments on merge requests."""

from collections.abc import Iterator

from connectory.cli.pieces import BAD, GOOD, WARN, bold, dim, one_line
from connectory.cli.session import Session
from connectory.client.policies import Changed, Impact

TITLES = {
    "newly-denied": "Newly denied",
    "inconclusive": "Inconclusive",
    "newly-allowed": "Newly allowed",
}
MARKS = {"newly-denied": BAD, "inconclusive": WARN, "newly-allowed": GOOD}
MOST_LISTED = 50  # of one kind, in a comment


def hurts(found: Impact) -> bool:
    """Whether something would be stopped."""
    return any(one["change"] != "newly-allowed" for one in found["items"])


def show(session: Session, found: Impact) -> None:
    """Tell people what changes, by team."""
    if found["teams"]:
        session.out.table(
            ["TEAM", "NEWLY DENIED", "INCONCLUSIVE", "NEWLY ALLOWED"],
            [
                [
                    bold(one["team"]),
                    str(one["newly_denied"]),
                    str(one["inconclusive"]),
                    str(one["newly_allowed"]),
                ]
                for one in found["teams"]
            ],
        )
    for one in found["items"]:
        about = dim(f"  {TITLES[one['change']].lower()} {one['kind']} of {one['team']}")
        session.out.show(MARKS[one["change"]], " ", bold(one["name"]), about)
        for said in one["said"]:
            session.out.show("    ", one_line(said["message"]))
    session.out.show(one_line(_summary(found)))


def markdown(found: Impact) -> str:
    """Write what changes as a comment. Texts of others stand in code, where they do nothing."""
    return "\n".join(_lines(found))


def _lines(found: Impact) -> Iterator[str]:
    yield f"### Impact of these policies\n\n{_summary(found)}\n"
    if found["teams"]:
        yield "| Team | Newly denied | Inconclusive | Newly allowed |"
        yield "| --- | ---: | ---: | ---: |"
    for team in found["teams"]:
        counts = (team["newly_denied"], team["inconclusive"], team["newly_allowed"])
        yield f"| {team['team']} | {' | '.join(map(str, counts))} |"
    for change, title in TITLES.items():
        changed = [one for one in found["items"] if one["change"] == change]
        if changed:
            yield f"\n#### {title}\n"
            yield from (_item(one) for one in changed[:MOST_LISTED])
        if len(changed) > MOST_LISTED:
            yield f"- and {len(changed) - MOST_LISTED} more"


def _item(one: Changed) -> str:
    messages = ", ".join(_code(said["message"]) for said in one["said"])
    return f"- {_code(one['name'])} of {one['team']}: {messages}"


def _code(text: str) -> str:
    return f"`{one_line(text).replace('`', chr(39))}`"


def _summary(found: Impact) -> str:
    counted = f"{found['judged']} versions and instances were judged"
    changed = f"{len(found['items'])} change" if found["items"] else "nothing changes"
    left = f"; {found['left_out']} were too many" if found["left_out"] else ""
    return f"{counted}: {changed}{left}."
