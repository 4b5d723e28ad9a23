"""What the platform hands to the connector: settings, secrets, address. Read here only."""

import dataclasses
import json
import os
import types
import typing
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import quote

from connectory_sdk.masking import MASKER, Secret
from connectory_sdk.reports import SECRETS

Shape = TypeVar("Shape")
FLAGS = {"true": True, "1": True, "false": False, "0": False}
UNSET = dataclasses.MISSING


class SettingsError(ValueError):
    """Settings are missing or do not have their type; the message names all of them."""


class MissingSecretError(LookupError):
    """A secret that the connector needs was not handed to it."""


def current() -> Mapping[str, str]:
    """Return the environment of this process."""
    return os.environ  # noqa: TID251  the one reader of the SDK


def read_settings(
    shape: type[Shape],
    *,
    env: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Shape:
    """Fill a dataclass from the inputs of this instance.

    The field `slack_channel` is read from `INPUT_SLACK_CHANNEL`; a field without a default is
    required. Text is taken as it is; whole numbers, numbers and flags (`true`, `false`) are
    parsed; lists and maps are JSON.

    Args:
        shape: A dataclass.
        env: Environment names of inputs whose manifest sets `env`, by field.
        environment: Where to read; the process environment unless given.

    Raises:
        SettingsError: Names every setting that is missing or malformed.
    """
    given = current() if environment is None else environment
    hints = typing.get_type_hints(shape)
    values: dict[str, object] = {}
    problems: list[str] = []
    for field in dataclasses.fields(shape):  # type: ignore[arg-type]  # documented: a dataclass
        name = (env or {}).get(field.name) or f"INPUT_{field.name.upper()}"
        text = given.get(name)
        if text is None:
            if field.default is UNSET and field.default_factory is UNSET:
                problems.append(f"{field.name} is not set ({name})")
            continue
        try:
            values[field.name] = _read(text, hints[field.name])
        except ValueError as error:
            problems.append(f"{field.name} ({name}): {error}")
    if problems:
        raise SettingsError("; ".join(problems))
    return shape(**values)


def secret(name: str, *, env: str = "", environment: Mapping[str, str] | None = None) -> Secret:
    """Return a secret of this instance; from now on logs and answers mask its value.

    The platform learns that it was read: its name, never its value.

    Args:
        name: The name in the manifest: `crm_api_key` is read from `SECRET_CRM_API_KEY`.
        env: The environment name, when the manifest sets `env` for this secret.
        environment: Where to read; the process environment unless given.

    Raises:
        MissingSecretError: If it is absent or empty.
    """
    given = current() if environment is None else environment
    variable = env or f"SECRET_{name.upper()}"
    value = given.get(variable, "")
    if not value:
        raise MissingSecretError(f"secret {name} is not set ({variable})")
    MASKER.learn(value)
    SECRETS.note(name)
    return Secret(value)


def hook_url(path: str, *, environment: Mapping[str, str] | None = None) -> str:
    """Return the public address of a trigger of this instance, with its key.

    Whoever knows it can start a run, so hand it only to the system that calls it.

    Raises:
        SettingsError: If the platform did not say under which address it is reachable.
    """
    given = current() if environment is None else environment
    address = given.get("CONNECTORY_HOOK_URL", "")
    key = given.get("CONNECTORY_HOOK_KEY", "")
    if not address or not key:
        raise SettingsError("CONNECTORY_HOOK_URL and CONNECTORY_HOOK_KEY are not both set")
    MASKER.learn(key)
    return f"{address.rstrip('/')}{path}?key={quote(key, safe='')}"


def learn_secrets(environment: Mapping[str, str]) -> None:
    """Teach the filter every secret of the environment, also those that nobody reads."""
    for name, value in environment.items():
        if name.startswith("SECRET_") or name == "CONNECTORY_HOOK_KEY":
            MASKER.learn(value)


def _read(text: str, wanted: object) -> object:
    kind = _without_none(wanted)
    reader = READERS.get(kind)
    if reader is not None:
        return reader(text)
    container = typing.get_origin(kind) or kind
    value = json.loads(text)
    if container not in (list, dict) or not isinstance(value, container):
        raise ValueError(f"expected JSON for {kind}")
    return value


def _without_none(wanted: object) -> object:
    if typing.get_origin(wanted) not in (types.UnionType, typing.Union):
        return wanted
    kinds = [kind for kind in typing.get_args(wanted) if kind is not types.NoneType]
    return kinds[0] if len(kinds) == 1 else wanted


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("expected a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("expected a number") from None


def _flag(text: str) -> bool:
    if text.lower() not in FLAGS:
        raise ValueError("expected true or false")
    return FLAGS[text.lower()]


READERS: Mapping[object, Callable[[str], object]] = {
    str: str,
    int: _whole_number,
    float: _number,
    bool: _flag,
}
