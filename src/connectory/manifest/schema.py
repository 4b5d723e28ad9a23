"""The JSON Schema (2020-12) of manifests and of `deploy.yaml`, made from the models.

Editors use it to complete and check while typing. It says as much as JSON Schema can; the
loader checks more (two inputs of one name, a default that its own schema refuses).
"""

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from connectory.manifest.deploy import Deploy
from connectory.manifest.model import Manifest
from connectory.manifest.parts import Part
from connectory.manifest.texts import JsonObject

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MANIFEST_ID = "https://connectory.dev/schemas/manifest/v1.json"
DEPLOY_ID = "https://connectory.dev/schemas/deploy/v1.json"


class _Writer(GenerateJsonSchema):
    """Leaves out what says nothing to authors: titles made of field names, and null.

    A field that may be absent is None in Python; in a file it is absent and never null.
    """

    schema_dialect = DIALECT

    def field_title_should_be_set(self, schema: object) -> bool:
        del schema
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        written = super().dict_schema(schema)
        if "patternProperties" in written:
            written["additionalProperties"] = False
        return written

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        written = super().default_schema(schema)
        if written.get("default", ...) is None:
            del written["default"]
        return written


def schema() -> JsonObject:
    """Return the JSON Schema of `manifest.yaml`."""
    return _written(Manifest, MANIFEST_ID)


def deploy_schema() -> JsonObject:
    """Return the JSON Schema of `deploy.yaml`."""
    return _written(Deploy, DEPLOY_ID)


def _written(model: type[Part], address: str) -> JsonObject:
    body = model.model_json_schema(schema_generator=_Writer)
    return {"$schema": DIALECT, "$id": address, **body}
