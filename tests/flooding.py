"""A marketplace in which every text that somebody may write is an attack.

The fields are found in the OpenAPI document and in the manifest that uses all of its fields, so
a new field is flooded without a change here.
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from httpx2 import Response

from connectory.kernel.errors import ConnectoryError
from connectory.manifest import loader
from marketplaces import Marketplace
from payloads import FORMULAS, MARKDOWN, PATHS, TERMINAL, TEXTS
from walks import LEADS, install

SHORT = (*TEXTS.values(), *FORMULAS.values(), *PATHS.values(), *TERMINAL.values())
EVERY = (*SHORT, *MARKDOWN.values())
FULL = Path(__file__).parent / "manifest/examples/full.yaml"
NAMESPACE, CONNECTOR, VERSION = "bizops", "flooded-v1", "1.0.0"
JSON = "application/json"

Json = dict[str, Any]
At = tuple[str | int, ...]


def hostile_manifest(payload: str) -> bytes:
    """Return a valid manifest that says `payload` wherever it may say anything."""
    known: Json = yaml.safe_load(FULL.read_text())
    known |= {"namespace": NAMESPACE, "id": CONNECTOR, "version": VERSION}
    for at in list(_texts(known)):
        changed = copy.deepcopy(known)
        _put(changed, at, payload)
        if _is_manifest(changed):
            known = changed
    return yaml.safe_dump(known, allow_unicode=True).encode()


def _is_manifest(known: Json) -> bool:
    try:
        loader.load(yaml.safe_dump(known, allow_unicode=True).encode())
    except ConnectoryError:
        return False
    return True


def _texts(value: object, at: At = ()) -> Iterator[At]:
    if isinstance(value, str):
        yield at
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part, (*at, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _texts(part, (*at, number))


def _put(whole: Json, at: At, text: str) -> None:
    inside: Any = whole
    for step in at[:-1]:
        inside = inside[step]
    inside[at[-1]] = text


def hostile_bodies(document: Json, payload: str) -> Iterator[tuple[str, str, Json]]:
    """Yield method, path and body of each JSON call: all texts are `payload`, then each alone.

    The other fields have the smallest value that their type allows.
    """
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            content = call.get("requestBody", {}).get("content", {})
            if JSON in content:
                schema = _resolved(document, content[JSON]["schema"])
                fields = schema.get("properties", {})
                texts = [name for name, of in fields.items() if _takes_text(of)]
                for chosen in (texts, *([one] for one in texts)):
                    smallest = _needed(document, schema)
                    yield method, path, smallest | dict.fromkeys(chosen, payload)


def _resolved(document: Json, schema: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Json = document["components"]["schemas"][name] if name else schema
    return found


def _takes_text(schema: Json) -> bool:
    kinds = (schema, *schema.get("anyOf", ()))
    return any(kind.get("type") == "string" and "enum" not in kind for kind in kinds)


def _needed(document: Json, schema: Json) -> Json:
    return {
        name: _smallest(_resolved(document, schema["properties"][name]))
        for name in schema.get("required", ())
    }


def _smallest(schema: Json) -> object:
    if "enum" in schema:
        return schema["enum"][0]
    return {"object": {}, "array": [], "integer": 1, "boolean": False}.get(
        schema.get("type", "string"), "leads"
    )


def flood(shop: Marketplace) -> list[Response]:
    """Write the attacks into every field; return all answers."""
    answers = [_publish(shop, "\n\n".join(EVERY))]
    shop.client.patch(
        f"/api/v1/connectors/{NAMESPACE}/{CONNECTOR}/versions/{VERSION}/status",
        json={"status": "approved", "message": " ".join(EVERY)},
        headers=shop.as_("admin"),
    )
    answers.append(install(shop))
    document = shop.client.get("/openapi.json").json()
    known = {"team": "payments", "name": "leads", "account": "bob", "namespace": NAMESPACE}
    known |= {"connector": CONNECTOR, "version": VERSION, "operation": "op_0"}
    for payload in SHORT:
        for method, path, body in hostile_bodies(document, payload):
            answers.append(
                shop.client.request(
                    method, at(path, known), json=body, headers=shop.as_("admin")
                )
            )
    write_log(shop, shop.client.get(LEADS, headers=shop.as_("max")).json()["id"])
    shop.follow()
    return answers


def at(path: str, known: Mapping[str, str]) -> str:
    """Fill the placeholders of a path."""
    return re.sub(r"{(\w+)}", lambda found: known.get(found[1], "none"), path)


def _publish(shop: Marketplace, text: str) -> Response:
    files = {
        "manifest": hostile_manifest(TEXTS["script"]),
        "readme": text.encode(),
        "runbook": text.encode(),
    }
    return shop.client.post("/api/v1/connectors", files=files, headers=shop.as_("ana"))


def write_log(shop: Marketplace, instance: str) -> None:
    """Let an instance have printed the attacks."""
    folder = shop.state.settings.data / "instances" / instance / "log"
    folder.mkdir(parents=True, exist_ok=True)
    ts = "2026-11-24T12:00:00Z"
    lines = [{"ts": ts, "level": "error", "msg": text, "fact": text} for text in EVERY]
    (folder / "0.ndjson").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
