"""Join the settings and secrets of an instance from all who have a say. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectory.instances.rules import SecretState, Source, fill
from connectory.kernel.errors import Problem
from connectory.manifest.input_schema import from_text, validator
from connectory.manifest.inputs import Input, SecretRequirement
from connectory.manifest.model import Manifest
from connectory.manifest.suggest import nearest


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting with its value (None when missing) and where that comes from."""

    name: str
    title: str
    description: str
    value: object
    source: Source
    required: bool
    schema: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SecretNeed:
    """One secret that the connector needs, and whether it can be had."""

    name: str
    description: str
    path: str
    state: SecretState
    source: Source
    instructions: str
    required: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """What a team brings along: its mapped secrets, and the paths that hold a value."""

    team: str
    environment: str
    instance: str
    mapped: Mapping[str, str]
    stored: frozenset[str]


def settings_of(
    manifest: Manifest, given: Mapping[str, object], team: Mapping[str, object]
) -> tuple[Setting, ...]:
    """Return every setting: what you say wins over the team, the team over the connector."""
    return tuple(_setting(one, given, team) for one in manifest.inputs)


def setting_problems(
    settings: tuple[Setting, ...], given: Mapping[str, object]
) -> tuple[Problem, ...]:
    """Say which settings are missing, unknown or refused by their schema, all at once."""
    known = [setting.name for setting in settings]
    unknown = tuple(_unknown(name, known) for name in given if name not in known)
    wrong = (p for setting in settings for p in _setting_problems(setting))
    return (*unknown, *wrong)


def secrets_of(
    manifest: Manifest, given: Mapping[str, str], offered: Offered
) -> tuple[SecretNeed, ...]:
    """Return every secret that is needed, with the path it would be read from."""
    return tuple(_secret(one, given, offered) for one in manifest.secrets)


def secret_problems(
    needs: tuple[SecretNeed, ...], given: Mapping[str, str], team: str
) -> tuple[Problem, ...]:
    """Say which secrets cannot be handed over, all at once."""
    known = [need.name for need in needs]
    unknown = [_unknown_secret(name, known) for name in given if name not in known]
    foreign = [_foreign(name) for name, path in given.items() if not _is_own(path, team)]
    lacking = [
        Problem(
            "secret-unavailable",
            f"the secret {need.name} is {need.state}",
            need.instructions or f"store it: `connectory secret set {need.name} --team {team}`",
            f"secrets.{need.name}",
        )
        for need in needs
        if need.required and need.state is not SecretState.RESOLVABLE
    ]
    return (*unknown, *foreign, *lacking)


def _setting(one: Input, given: Mapping[str, object], team: Mapping[str, object]) -> Setting:
    value, source = one.default, Source.CONNECTOR
    if one.default is None:
        source = Source.MISSING
    for values, whose in ((team, Source.TEAM), (given, Source.YOU)):
        if values.get(one.name) not in (None, ""):
            value, source = _typed(values[one.name], one.json_schema), whose
    return Setting(
        name=one.name,
        title=one.label,
        description=one.description or "",
        value=value,
        source=source,
        required=one.required,
        schema=one.json_schema,
    )


def _typed(value: object, schema: Mapping[str, object]) -> object:
    """Forms and command lines only have text; read it as the schema asks."""
    return from_text(value, schema) if isinstance(value, str) else value


def _setting_problems(setting: Setting) -> tuple[Problem, ...]:
    at = f"inputs.{setting.name}"
    if setting.source is Source.MISSING:
        if not setting.required:
            return ()
        hint = f"set it: `--set {setting.name}=…`"
        return (Problem("setting-missing", f"{setting.title} has no value", hint, at),)
    wrong = validator(dict(setting.schema)).iter_errors(setting.value)
    return tuple(
        Problem("setting-refused", f"{setting.title}: {one.message}", "see its schema", at)
        for one in wrong
    )


def _secret(one: SecretRequirement, given: Mapping[str, str], offered: Offered) -> SecretNeed:
    path, source = _path(one, given, offered)
    state = SecretState.UNMAPPED
    if path:
        state = SecretState.RESOLVABLE if path in offered.stored else SecretState.MISSING
    provision = one.provision
    return SecretNeed(
        name=one.name,
        description=one.description or "",
        path=path,
        state=state,
        source=source,
        instructions=(provision.instructions or "") if provision else "",
        required=one.required,
    )


def _path(
    one: SecretRequirement, given: Mapping[str, str], offered: Offered
) -> tuple[str, Source]:
    if one.name in given:
        return given[one.name], Source.YOU
    if one.name in offered.mapped:
        return offered.mapped[one.name], Source.TEAM
    if one.provision and one.provision.path:
        values = {
            "team": offered.team,
            "environment": offered.environment,
            "instance": offered.instance,
        }
        path = fill(one.provision.path, values)
        if _is_own(path, offered.team):
            return path, Source.CONNECTOR
    return "", Source.MISSING


def own_paths(given: Mapping[str, str], team: str) -> dict[str, str]:
    """Return the chosen paths of secrets, `""` for what is no place of the team.

    People paste the value of a secret where its path is meant. A plan is kept and shown, so it
    must not hold one.
    """
    return {name: path if _is_own(path, team) else "" for name, path in given.items()}


def _is_own(path: str, team: str) -> bool:
    """Whether a path is the team's: a connector's author must not reach another team's."""
    return path.startswith(f"teams/{team}/") and ".." not in path.split("/")


def _unknown(name: str, known: list[str]) -> Problem:
    hint = _meant(name, known, "it has no settings")
    return Problem("unknown-setting", f"there is no setting `{name[:80]}`", hint, "inputs")


def _unknown_secret(name: str, known: list[str]) -> Problem:
    hint = _meant(name, known, "it needs no secrets")
    return Problem("unknown-secret", f"there is no secret `{name[:80]}`", hint, "secrets")


def _meant(name: str, known: list[str], none: str) -> str:
    near = nearest(name, known)
    return (
        f"did you mean `{near}`?" if near else f"known: {', '.join(known)}" if known else none
    )


def _foreign(name: str) -> Problem:
    return Problem(
        "secret-path",
        f"what was given for {name[:80]} is not a place of this team",
        "use a path below the team's own `teams/<team>/`",
        f"secrets.{name}",
    )
