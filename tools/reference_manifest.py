"""docs/reference/manifest.md: every field of a manifest."""

from collections.abc import Iterator
from typing import cast

from markdown_table import code, sentence, table

from connectory.manifest.schema import schema

Schema = dict[str, object]

HEAD = """\
# Manifest

The fields of `manifest.yaml`. Only `id`, `name`, `version`, `description`, `owner` and
`runtime.type` are required. `x-*` keys and `annotations` are free; any other unknown key is
refused with the nearest known one. The JSON Schema is served at `/schemas/manifest/v1.json`;
name it in the first line of a manifest to complete and check while typing:

```yaml
# yaml-language-server: $schema=https://connectory.dev/schemas/manifest/v1.json
```

A list entry written as a bare text is the short form of an object with that name:
`secrets: [crm_api_key]`.

"""


KINDS = {"string": "text", "object": "map", "boolean": "true or false", "None": "anything"}


def manifest_page() -> str:
    """Return the page, nested fields by their path."""
    whole = cast(Schema, schema())
    rows = [
        (
            code(path),
            _kind(whole, field),
            _default(field),
            sentence(str(field.get("description", ""))),
        )
        for path, field in fields(whole, whole, "")
    ]
    return HEAD + table(("field", "kind", "default", "meaning"), rows)


def fields(whole: Schema, part: Schema, prefix: str) -> Iterator[tuple[str, Schema]]:
    """Yield path and schema of each field below `part`, depth first."""
    properties = cast(dict[str, Schema], part.get("properties", {}))
    for name, field in properties.items():
        path = f"{prefix}{name}"
        yield path, field
        inner, is_list = _object(whole, field)
        if inner is not None:
            yield from fields(whole, inner, f"{path}[]." if is_list else f"{path}.")


def _object(whole: Schema, field: Schema) -> tuple[Schema | None, bool]:
    """Return the object that a field holds, directly or as a list's entries."""
    found = _resolved(whole, field)
    if "properties" in found:
        return found, False
    if "items" in found:
        return _object(whole, cast(Schema, found["items"]))[0], True
    for choice in cast(list[Schema], found.get("anyOf", found.get("oneOf", []))):
        inner, is_list = _object(whole, choice)
        if inner is not None:
            return inner, is_list
    return None, False


def _resolved(whole: Schema, field: Schema) -> Schema:
    reference = field.get("$ref")
    if not isinstance(reference, str):
        return field
    definitions = cast(dict[str, Schema], whole["$defs"])
    return definitions[reference.rsplit("/", 1)[1]]


def _kind(whole: Schema, field: Schema) -> str:
    found = _resolved(whole, field)
    if "enum" in found:
        return ", ".join(code(str(one)) for one in cast(list[object], found["enum"]))
    if "const" in found:
        return code(str(found["const"]))
    choices = cast(list[Schema], found.get("anyOf", found.get("oneOf", [])))
    if choices:
        return " or ".join(dict.fromkeys(_kind(whole, choice) for choice in choices))
    if found.get("type") == "array":
        return f"list of {_kind(whole, cast(Schema, found.get('items', {})))}"
    return {"string": "text", "object": "map"}.get(
        str(found.get("type")), str(found.get("type"))
    )


def _default(field: Schema) -> str:
    return code(str(field["default"])) if field.get("default") not in (None, [], {}) else ""
