"""Check `image`: it is whole, runs as nobody special, and says what is in it."""

from collections.abc import Iterator

from connectory.checks import installed, secrets
from connectory.checks.dockerfile_user import is_root
from connectory.checks.image_files import PASSWORDS
from connectory.checks.oci import INCOMPLETE, UNREADABLE, WRONG, Image, ImageRefusedError
from connectory.checks.rules import Finding, within
from connectory.checks.subject import Vetted
from connectory.kernel.errors import Problem
from connectory.scaffold.layout import IMAGE, IMAGE_TAR

LARGE = 1_000_000_000  # bytes, unpacked
REBUILD = "write it anew, with `docker buildx build --output type=oci,dest=image.tar .`"
HINTS = {
    UNREADABLE: f"{REBUILD}; layers are tars, gzipped or not",
    INCOMPLETE: f"{REBUILD}; all of its layers have to be in it",
    WRONG: f"{REBUILD}; somebody or something has changed it since",
}
USUAL = frozenset(
    [
        *(
            f"usr/bin/{name}"
            for name in ("chage", "chfn", "chsh", "expiry", "gpasswd", "mount")
        ),
        *(f"usr/bin/{name}" for name in ("newgrp", "passwd", "su", "umount", "wall", "write")),
        *("bin/mount", "bin/ping", "bin/su", "bin/umount", "sbin/unix_chkpwd", "bin/bbsuid"),
        *("usr/sbin/unix_chkpwd", "usr/lib/openssh/ssh-keysign", "usr/bin/ssh-agent"),
    ]
)
"""What Debian and Alpine themselves let run as somebody else."""


def applies(vetted: Vetted) -> str:
    """Say why there is nothing to check, if there is not."""
    there = brings_image(vetted.subject.names)
    return "" if there else f"it brings no image in {IMAGE}/ or {IMAGE_TAR}"


def brings_image(names: frozenset[str]) -> bool:
    """Whether a package has an image."""
    return any(name == IMAGE_TAR or name.startswith(f"{IMAGE}/") for name in names)


def run(vetted: Vetted) -> Iterator[Finding]:
    """Find what is untrue, unreadable, or more powerful than it has to be."""
    subject = vetted.subject
    place = subject.named(place_of(subject.names))
    try:
        images = subject.images
    except ImageRefusedError as refused:
        problem = Problem(refused.code, f"the image: {refused}", HINTS[refused.code])
        yield Finding(place, problem)
        return
    for image in images:
        yield from within(place, (*_user(image), *_programs(image), *_contents(image)))


def place_of(names: frozenset[str]) -> str:
    """Return where a package has its image."""
    return IMAGE_TAR if IMAGE_TAR in names else IMAGE


def _user(image: Image) -> Iterator[Problem]:
    name = image.user.partition(":")[0]
    numbers = {
        fields[0]: fields[2]
        for line in image.files.kept.get(PASSWORDS, b"").decode("utf-8", "replace").splitlines()
        if len(fields := line.split(":")) > 2  # noqa: PLR2004  name, password, number
    }
    number = name if name.isascii() and name.isdigit() else numbers.get(name, "")
    if is_root(image.user) or (number and not number.strip("0")):
        yield Problem(
            "image-runs-as-root",
            f"the image runs as root (its user is {image.user[:40]!r})",
            "add `USER 65532:65532` to its Dockerfile, before ENTRYPOINT",
        )
    elif not number:
        yield Problem(
            "image-user-unknown",
            f"the image runs as {image.user[:40]!r}, whom its /etc/passwd does not know",
            "name the user by number, such as `USER 65532:65532`",
        )


def _programs(image: Image) -> Iterator[Problem]:
    own = sorted(image.files.set_id - USUAL)
    if own:
        yield Problem(
            "image-setuid",
            f"in the image, programs run as somebody else: {_listed(own)}",
            "take the bits away in its Dockerfile: `RUN chmod a-s` and their names",
        )
    usual = sorted(image.files.set_id & USUAL)
    if usual:
        yield Problem(
            "image-setuid",
            f"its base image has {_listed(usual)}, which run as somebody else",
            "use a base image without a shell and tools, or `RUN chmod a-s` and their names",
            severity="warning",
        )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""  # noqa: PLR2004
    return ", ".join(f"/{name[:80]}" for name in names[:5]) + more


def _contents(image: Image) -> Iterator[Problem]:
    for _, what in secrets.found(image.said):
        message = f"in the environment or history of the image is what looks like {what}"
        hint = (
            "replace it where it was issued; pass secrets to builds with `--mount=type=secret`"
        )
        yield Problem("secret-found", message, hint)
    if image.files.size > LARGE:
        yield Problem(
            "image-large",
            f"its files have {image.files.size // 1_000_000:,} MB, unpacked",
            "build in one stage and copy the result into a small base image",
            severity="warning",
        )
    said = installed.release(image.files)
    if said and not installed.has_list(image.files):
        yield Problem(
            "image-packages-unknown",
            f"nobody can say what {said.get('ID', 'its system')[:40]} has installed in it",
            "use a base image of Debian or Alpine that keeps its list of packages",
        )
