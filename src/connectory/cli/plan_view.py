"""A plan as text: what installing would do, cost and make."""

import json
from collections.abc import Sequence
from decimal import Decimal

from connectory.cli.coming import show_coming
from connectory.cli.output import Output
from connectory.cli.pieces import BAD, GOOD, WARN, Part, Piece, bold, dim, one_line
from connectory.client.plans import Cost, MoneyBody, Plan, PlannedSecret, PlannedSetting
from connectory.client.refusals import ProblemBody
from connectory.kernel.money import Money

PLUS = Piece("+", "good")


def show_plan(out: Output, plan: Plan) -> None:
    """Write a plan to the result."""
    connector = plan["connector"]
    out.title(
        f"Plan for {plan['team']}/{plan['instance']}",
        f"   {connector['namespace']}/{connector['id']} {connector['version']}",
        f"   {plan['environment']}, target {plan['target']} {plan['region']}".rstrip(),
        dim("   (nothing changed)"),
    )
    if plan["settings"]:
        out.table(
            ["SETTING", "VALUE", "FROM"],
            [
                [bold(one["name"]), in_words(one["value"]), _source(one)]
                for one in plan["settings"]
            ],
            indent=2,
        )
    for secret in plan["secrets"]:
        out.show("  ", *_secret(secret))
    for made in plan["creates"]:
        detail = one_line(made["detail"])
        out.show("  ", PLUS, f" {made['kind']}  ", bold(made["name"]), dim(f"  {detail}"))
    for coming in plan["schedules"]:
        show_coming(out, coming, indent="  ")
    show_words(out, plan["permissions"]["will"], plan["permissions"]["will_not"], indent="  ")
    out.show("  ", WARN, " ", one_line(plan["containment"]))
    out.show("  cost ", in_money(plan["cost"]))
    policy = plan["policy"]
    mark, said = (GOOD, "allows it") if policy["allowed"] else (BAD, "does not allow it")
    out.show("  ", mark, f" policy {said}", dim(f"  decision {policy['decision']}"))
    show_problems(out, plan["problems"])
    out.show("  ", plan["id"], dim(f" valid until {plan['expires_at']}"))


def show_words(
    out: Output, will: Sequence[str], will_not: Sequence[str], *, indent: str = ""
) -> None:
    """Write what something may do and what it may not."""
    for title, rows in (("It will be able to", will), ("It will not", will_not)):
        if rows:
            out.show(indent, dim(title))
        for row in rows:
            out.show(indent, "  ", one_line(row))


def show_problems(out: Output, problems: Sequence[ProblemBody]) -> None:
    """Write what keeps a plan from being installed."""
    for problem in problems:
        out.show("  ", BAD, " ", one_line(problem["message"]))
        if problem["hint"]:
            out.show("      ", dim("hint: "), one_line(problem["hint"]))


def in_words(value: object) -> str:
    """Write a value: text as it is, the rest as JSON, nothing as a dash."""
    if value is None:
        return "-"
    return one_line(value if isinstance(value, str) else json.dumps(value))


def in_money(cost: Cost) -> str:
    """Write a monthly cost such as `~$2.40 to $4.10/mo`."""
    low, high = _money(cost["low"]), _money(cost["high"])
    return f"~{low}/mo" if low == high else f"~{low} to {high}/mo"


def _money(body: MoneyBody) -> Money:
    return Money(Decimal(body["amount"]), body["currency"])


def _source(setting: PlannedSetting) -> Piece:
    if setting["source"] != "missing":
        return dim(setting["source"])
    return Piece("missing", "bad") if setting["required"] else dim("not set")


def _secret(secret: PlannedSecret) -> list[Part]:
    is_there = secret["state"] == "resolvable"
    words = "can be read" if is_there else secret["state"]
    return [
        GOOD if is_there else WARN,
        " secret  ",
        bold(secret["name"]),
        dim(f"  {secret['path'] or 'no path'}  "),
        words,
    ]
