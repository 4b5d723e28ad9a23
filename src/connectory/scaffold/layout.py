"""What a connector's folder has at its top, and what of it belongs into a package."""

from pathlib import PurePath

MANIFEST, README, RUNBOOK, DEPLOY = "manifest.yaml", "README.md", "runbook.md", "deploy.yaml"
LOCK, SOURCES, WHEELS = "requirements.lock", "src", "wheels"
IMAGE, IMAGE_TAR = "image", "image.tar"
PACKED = frozenset(
    [
        *(MANIFEST, README, RUNBOOK, DEPLOY, LOCK, SOURCES, WHEELS),
        *("Dockerfile", "LICENSE", "examples", "terraform", IMAGE, IMAGE_TAR),
        *("pyproject.toml", "uv.lock", "poetry.lock", "pylock.toml", "Pipfile.lock"),
        *("package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock"),
        *("pnpm-lock.yaml", "requirements.txt", "go.mod", "go.sum"),
    ]
)
"""What a package has at its top; tests, notes and hidden files stay at home."""
PROVIDER_LOCK = ".terraform.lock.hcl"
PAYLOADS = (f"{SOURCES}/", "terraform/", f"{IMAGE}/", IMAGE_TAR)
"""What is worth a package: a manifest with papers alone has none."""


def is_packed(relative: PurePath) -> bool:
    """Say whether a file of the folder goes into the package."""
    named = (part for part in relative.parts if part != PROVIDER_LOCK)
    is_hidden = any(part.startswith(".") or part == "__pycache__" for part in named)
    return relative.parts[0] in PACKED and not is_hidden and relative.suffix != ".pyc"
