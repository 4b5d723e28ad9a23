"""What the shim needs of `dataclasses`, which is packed under that name.

The module of the standard library brings `inspect`, `ast` and `dis` along, which would be
1.5 MB of memory of each instance. This one neither freezes nor has slots, and `asdict` copies
nothing.
"""

from collections.abc import Callable

Record = type[object]


class _Made:
    """Stands in a class for a default that is made anew for each record."""

    def __init__(self, factory: Callable[[], object]) -> None:
        self.factory = factory


def field(*, default_factory: Callable[[], object]) -> object:
    """Let a field begin with what is made for each record."""
    return _Made(default_factory)


def dataclass(**_: bool) -> Callable[[Record], Record]:
    """Let a class take its fields as arguments, in their order or by their names."""

    def taking(of: Record) -> Record:
        names = tuple(of.__annotations__)
        defaults = {name: vars(of)[name] for name in names if name in vars(of)}

        def begin(self: object, *given: object, **named: object) -> None:
            values = dict(zip(names, given, strict=False)) | named
            for name in names:
                vars(self)[name] = values.pop(name) if name in values else default_of(name)
            if values or len(given) > len(names):
                raise TypeError(f"{of.__name__} has no {', '.join(values) or 'more fields'}")

        def default_of(name: str) -> object:
            if name not in defaults:
                raise TypeError(f"{of.__name__} needs {name}")
            default = defaults[name]
            return default.factory() if isinstance(default, _Made) else default

        of.__init__ = begin  # type: ignore[method-assign]
        return of

    return taking


def asdict(record: object) -> dict[str, object]:
    """Return the fields of a record by their names."""
    return {name: getattr(record, name) for name in type(record).__annotations__}
