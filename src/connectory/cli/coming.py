"""A schedule as text: its words, and the times that come next."""

from connectory.cli.output import Output
from connectory.cli.pieces import bold, dim, one_line
from connectory.client.plans import Coming
from connectory.kernel.clock import in_time


def show_coming(out: Output, one: Coming, *, indent: str = "") -> None:
    """Write a schedule and its next times."""
    delay = f", up to {in_time(one['jitter_s'])} later" if one["jitter_s"] else ""
    out.show(indent, bold(one["name"]), dim(f"  {one['words']}{delay}"))
    for tick in one["next"]:
        out.show(indent, "  ", one_line(tick["local"]))
