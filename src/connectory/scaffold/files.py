"""A new connector's files, filled in from the templates that ship with Connectory."""

import keyword
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from connectory.manifest.writer import scalar
from connectory.scaffold.sdk import sdk_wheel, with_sdk

TEMPLATES: Mapping[str, str] = {
    "blank": "greets whoever it is told about, by webhook or by hand",
    "webhook-to-slack": "posts what it is told by webhook to a Slack channel",
    "schedule": "looks at a page at regular intervals",
}
"""What each template does, by name; the first one is the usual one."""
SHARED = "shared"  # files that every template has
ENDING = ".tpl"
PLACE = re.compile("<<([a-z]+)>>")
RENAMED = {"gitignore": ".gitignore"}  # a hidden file in the templates would act on them


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to start. An empty namespace leaves it to the publish."""

    id: str
    template: str
    owner: str
    namespace: str = ""
    title: str = ""

    @property
    def name(self) -> str:
        """The name for people: the title, or the id in words."""
        words = self.id.replace("-", " ")
        return self.title or words[:1].upper() + words[1:]

    @property
    def module(self) -> str:
        """The Python module; never one that would hide another."""
        name = self.id.replace("-", "_")
        is_taken = keyword.iskeyword(name) or name in sys.stdlib_module_names
        return f"{name}_connector" if is_taken else name

    @property
    def version(self) -> str:
        """The first version; an id that ends with `-v2` has the major 2."""
        major = re.search("-v([1-9][0-9]*)$", self.id)
        return f"{major[1]}.0.0" if major else "0.1.0"


def files_of(wish: Wish) -> dict[str, bytes]:
    """Return the content of each file by its path in the folder, wheel and lock included.

    Raises:
        SdkWheelMissingError: If the SDK did not come with this installation.
    """
    wheel, _ = sdk_wheel()
    values = {
        "id": wish.id,
        "module": wish.module,
        "name": wish.name,
        "namespace": f"namespace: {scalar(wish.namespace)}\n" if wish.namespace else "",
        "owner": scalar(wish.owner),
        "sdk": wheel.split("-")[1],
        "version": wish.version,
    }
    root = resources.files("connectory.scaffold") / "templates"
    texts = dict([*_texts(root / SHARED), *_texts(root / wish.template)])
    found = {
        _place(path, wish): PLACE.sub(lambda name: values[name[1]], text).encode()
        for path, text in texts.items()
    }
    return found | with_sdk({})


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files into a folder that is there."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _texts(folder: Traversable, above: str = "") -> Iterator[tuple[str, str]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _texts(each, f"{above}{each.name}/")
        elif each.name.endswith(ENDING):
            yield above + each.name.removesuffix(ENDING), each.read_text("utf-8")


def _place(path: str, wish: Wish) -> str:
    parts = [
        wish.module if part == "module" else RENAMED.get(part, part) for part in path.split("/")
    ]
    return "/".join(parts)
