"""The files that let a repository of connectors vet and publish by itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from connectory.manifest.writer import scalar
from connectory.scaffold.files import PLACE

BOTH = {".yamllint": "yamllint.tpl", ".pre-commit-config.yaml": "precommit.yaml.tpl"}
FILES: Mapping[str, Mapping[str, str]] = {
    "github": {
        ".github/workflows/connectors.yml": "github.yml.tpl",
        ".github/CODEOWNERS": "codeowners.tpl",
        **BOTH,
    },
    "gitlab": {
        ".gitlab-ci.yml": "gitlab.yml.tpl",
        ".gitlab/CODEOWNERS": "codeowners.tpl",
        **BOTH,
    },
}
"""The template of each file, by host."""
WATCHED = {"github": "/.github/", "gitlab": "/.gitlab-ci.yml"}
MAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository of connectors: `connectors/<id>/manifest.yaml`, `policies/`.

    `owners` gives the owner in each manifest by the name of its folder; `guardian` is who
    agrees to changes of everything else, `""` for nobody.
    """

    host: str  # github or gitlab
    branch: str
    url: str  # of the marketplace
    version: str  # of Connectory
    guardian: str
    owners: Mapping[str, str]


def files_for(repository: Repository) -> dict[str, bytes]:
    """Return the content of each file by its path."""
    values = {
        "branch": repository.branch,
        "url": scalar(repository.url),
        "version": repository.version,
        "owners": _owners(repository),
    }
    root = resources.files("connectory.scaffold") / "templates" / "pipelines"
    return {
        path: PLACE.sub(lambda name: values[name[1]], (root / file).read_text("utf-8")).encode()
        for path, file in FILES[repository.host].items()
    }


def _owners(repository: Repository) -> str:
    """Return the lines of CODEOWNERS; owners that are no mail address are nobody to a host."""
    guardian = repository.guardian
    kept = [f"{path} {guardian}" for path in ("*", "/policies/") if guardian]
    mine = [
        f"/connectors/{folder}/ {owner}"
        for folder, owner in sorted(repository.owners.items())
        if MAIL.fullmatch(owner)
    ]
    last = [f"{WATCHED[repository.host]} {guardian}"] if guardian else []
    return "\n".join([*kept, *mine, *last])
