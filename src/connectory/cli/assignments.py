"""`name=value` as options take it."""

import click


class Assignment(click.ParamType[tuple[str, str]]):
    """An option value such as `slack_channel=#leads`."""

    name = "name=value"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split at the first `=`; the value may be empty, the name not."""
        if isinstance(value, tuple):
            return str(value[0]), str(value[1])
        name, equals, text = str(value).partition("=")
        if not name or not equals:
            self.fail(f"`{name}` is not of the form name=value", param, ctx)
        return name, text


ASSIGNMENT = Assignment()
