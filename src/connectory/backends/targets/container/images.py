"""One image per package: the Python of this machine below, the package and its wheels above."""

import shutil
from pathlib import Path, PurePosixPath

from connectory.backends.targets import InstanceSpec, TargetFailedError
from connectory.backends.targets.container import bottom
from connectory.backends.targets.container.podman import Podman, said
from connectory.backends.targets.local import locks
from connectory.backends.targets.local.environment import Environment
from connectory.backends.targets.local.records import write_whole
from connectory.gates import images
from connectory.gates.images import Made, Piece

INSIDE = Environment(Path("/opt/connector"))
HOME = Path("/home/connector")
LABEL = "connectory.package"
LAYOUT, LAYER, ID = "layout", "layer.tar", "id"
LAYER_OF_BASE = ".tar"


class Images:
    """The images of all packages, with a small folder for each, named by the digest."""

    def __init__(self, root: Path, podman: Podman) -> None:
        self._root = root
        self._podman = podman

    def id_of(self, digest: str) -> str:
        """Return the id of the image of a package; nothing if there is none."""
        file = self._place(digest) / ID
        return file.read_text() if file.exists() else ""

    def build(self, spec: InstanceSpec, environment: Environment) -> None:
        """Build the image of a package if it is not there.

        Raises:
            TargetFailedError: If podman does not take it.
            ContainersMissingError: If this machine cannot run containers.
            StorageFullError: If the disk is full.
        """
        place = self._place(spec.digest)
        with locks.held(place):
            known = self.id_of(spec.digest)
            if not known or self._podman.run("image", "exists", known).returncode != 0:
                self._build(place, spec, environment)

    def collect(self, keep: frozenset[str]) -> None:
        """Delete the images of all packages whose digests are not in `keep`, with layers."""
        kept = {digest.removeprefix("sha256:") for digest in keep}
        for place in self._root.glob("*"):
            if place.is_dir() and place.name not in kept:
                with locks.held(place):
                    self._discard(place)
            elif place.suffix == LAYER_OF_BASE and place.stem != bottom.key():
                place.unlink()

    def _place(self, digest: str) -> Path:
        return self._root / digest.removeprefix("sha256:")

    def _build(self, place: Path, spec: InstanceSpec, environment: Environment) -> None:
        self._discard(place)
        place.mkdir(mode=0o700)
        lowest = self._base()
        images.write_layer(place / LAYER, _of_package(environment))
        labels = {LABEL: spec.digest}
        images.write_image(place / LAYOUT, (lowest, place / LAYER), labels)
        pulled = self._podman.run("pull", "--quiet", f"oci:{LAYOUT}", cwd=place)
        if pulled.returncode != 0:
            raise TargetFailedError(
                spec.label,
                f"podman does not take its image: {said(pulled)}",
                "see what `podman info` says on the machine of the server",
            )
        shutil.rmtree(place / LAYOUT)
        (place / LAYER).unlink()
        write_whole(place / ID, pulled.stdout.strip())

    def _base(self) -> Path:
        """Return the lowest layer, which is written once for each Python."""
        layer = self._root / f"{bottom.key()}{LAYER_OF_BASE}"
        with locks.held(layer):
            if not layer.exists():
                aside = layer.with_suffix(".aside")
                images.write_layer(aside, bottom.parts())
                aside.rename(layer)
        return layer

    def _discard(self, place: Path) -> None:
        if known := self.id_of(place.name):
            self._podman.run("rmi", "--force", known)
        shutil.rmtree(place, ignore_errors=True)


def _of_package(environment: Environment) -> list[Piece | Made]:
    """Say what is in the layer of a package."""
    files = sorted(
        one for one in environment.place.rglob("*") if one.is_symlink() or one.is_file()
    )
    return [
        Made(PurePosixPath(HOME)),
        *(
            Piece(one, PurePosixPath(INSIDE.place / one.relative_to(environment.place)))
            for one in files
        ),
    ]
