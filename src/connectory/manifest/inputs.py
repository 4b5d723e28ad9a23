"""What a team provides to an instance, and what it gets from it."""

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from connectory.manifest.addresses import SecretPath
from connectory.manifest.input_schema import JsonSchema, typed
from connectory.manifest.parts import Part
from connectory.manifest.texts import Anything, Bool, JsonObject, ShortForm
from connectory.manifest.words import (
    NAME,
    Duration,
    EnvName,
    Line,
    MediaType,
    Name,
    Prose,
    Scope,
    Title,
)

ANY_TEXT: JsonObject = {"type": "string"}
Method = Literal["store", "dynamic", "oauth2", "workload_identity", "generated", "manual"]
OutputType = Literal["string", "integer", "number", "boolean", "object", "array", "file"]


class Input(Part):
    """A setting that a team chooses when it installs the connector."""

    name: Name
    """Name of the setting."""
    title: Title | None = None
    """Label in the form."""
    description: Prose | None = None
    """Help text in the form."""
    required: Bool = True
    """Whether a value is needed; when absent, it is needed unless there is a default."""
    default: Anything = None
    """Value when neither the team nor its defaults say otherwise."""
    json_schema: JsonSchema = Field(default_factory=lambda: dict(ANY_TEXT), alias="schema")
    """JSON Schema (2020-12) of the value; text when absent."""
    example: Anything = None
    """Value that shows what is meant."""
    env: EnvName | None = None
    """Environment variable of the value; `INPUT_<NAME>` when absent."""
    immutable: Bool = False
    """Whether the value is fixed once the instance exists."""

    @model_validator(mode="before")
    @classmethod
    def _settle(cls, given: object) -> object:
        """Decide `required`, and read `default` and `example` as the schema asks."""
        if not isinstance(given, dict):
            return given
        schema = typed_schema_of(given)
        values = {
            key: typed(given[key], schema) for key in ("default", "example") if key in given
        }
        return {"required": "default" not in given, **given, **values}

    @property
    def variable(self) -> str:
        """Name of the environment variable that carries the value."""
        return self.env or f"INPUT_{self.name.upper()}"

    @property
    def label(self) -> str:
        """Title, or the name in words."""
        return self.title or self.name.replace("_", " ").capitalize()


def typed_schema_of(given: JsonObject) -> JsonObject:
    """Return the schema of an input that is not validated yet; text if there is none."""
    schema = given.get("schema", ANY_TEXT)
    return schema if isinstance(schema, dict) else ANY_TEXT


class Provision(Part):
    """How the value of a secret comes into being."""

    method: Method
    """Who makes the value: a store has it, a broker issues it, or a person enters it."""
    path: SecretPath | None = None
    """Place in the store; `{team}`, `{environment}` and `{instance}` are filled in."""
    role: Line | None = None
    """Role that issues the value, for `dynamic` and `workload_identity`."""
    ttl: Duration | None = None
    """Life of an issued value: `1h`."""
    instructions: Prose | None = None
    """What a person does to get the value."""


class SecretRequirement(Part):
    """A secret that the connector needs. The manifest never has its value."""

    name: Name
    """Name of the secret."""
    description: Prose | None = None
    """What the secret opens."""
    required: Bool = True
    """Whether the connector works without it."""
    env: EnvName | None = None
    """Environment variable of the value; `SECRET_<NAME>` when absent."""
    provision: (
        Annotated[
            Provision, ShortForm("method", {"type": "string", "enum": list(get_args(Method))})
        ]
        | None
    ) = None
    """How a team gets the value."""
    rotation: Duration | None = None
    """Longest time until the value is replaced: `90d`."""
    scopes: tuple[Scope, ...] = Field(default=(), max_length=50)
    """Rights that the value carries."""

    @property
    def variable(self) -> str:
        """Name of the environment variable that carries the value."""
        return self.env or f"SECRET_{self.name.upper()}"


class Output(Part):
    """Something that the connector produces."""

    name: Name
    """Name of the output."""
    type: OutputType = "string"
    """Type of the value."""
    media_type: MediaType | None = None
    """Media type, for files."""
    sensitive: Bool = False
    """Whether the value is hidden in answers and logs."""
    json_schema: JsonSchema | None = Field(default=None, alias="schema")
    """JSON Schema (2020-12) of the value."""


InputOrName = Annotated[Input, ShortForm("name", NAME.schema())]
SecretOrName = Annotated[SecretRequirement, ShortForm("name", NAME.schema())]
OutputOrName = Annotated[Output, ShortForm("name", NAME.schema())]


def typed_examples(given: JsonObject) -> JsonObject:
    """Read the values of `examples[].inputs` as the inputs of those names ask.

    Args:
        given: A manifest that is not validated yet; odd shapes are left for the validation.
    """
    inputs, examples = given.get("inputs"), given.get("examples")
    if not isinstance(inputs, list) or not isinstance(examples, list):
        return given
    schemas = {f"{i.get('name')}": typed_schema_of(i) for i in inputs if isinstance(i, dict)}
    return given | {"examples": [_typed_example(each, schemas) for each in examples]}


def _typed_example(example: object, schemas: dict[str, JsonObject]) -> object:
    values = example.get("inputs") if isinstance(example, dict) else None
    if not isinstance(example, dict) or not isinstance(values, dict):
        return example
    read = {key: typed(value, schemas.get(key, ANY_TEXT)) for key, value in values.items()}
    return example | {"inputs": read}
