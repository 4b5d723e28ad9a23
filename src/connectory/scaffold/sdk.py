"""The SDK's wheel, which ships with Connectory, so that no index is asked for it."""

from collections.abc import Mapping
from importlib import resources
from typing import ClassVar

from connectory.kernel.digest import digest_of
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.scaffold.layout import LOCK, WHEELS

SDK = "connectory-sdk"


class SdkWheelMissingError(ConnectoryError):
    """This installation of Connectory came without the wheel of the SDK."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "sdk-wheel-missing"

    def __init__(self, place: str) -> None:
        super().__init__(
            f"{place} has no wheel of {SDK}",
            hint="in a clone run `python tools/bundles.py`; elsewhere install Connectory again",
        )


def with_sdk(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the lock of the files with the SDK in it, and the SDK's wheel."""
    name, content = sdk_wheel()
    version = name.split("-")[1]
    line = f"{SDK}=={version} --hash={digest_of(content)}\n"
    lock = files.get(LOCK, b"")
    begun = lock + b"\n" if lock and not lock.endswith(b"\n") else lock
    return {LOCK: begun + line.encode(), f"{WHEELS}/{name}": content}


def sdk_wheel() -> tuple[str, bytes]:
    """Return the file name and content of the SDK's wheel, which ships with Connectory.

    Raises:
        SdkWheelMissingError: If it is not there.
    """
    place = resources.files("connectory") / WHEELS
    wheels = (
        [each for each in place.iterdir() if each.name.endswith(".whl")]
        if place.is_dir()
        else []
    )
    if not wheels:
        raise SdkWheelMissingError(str(place))
    return wheels[0].name, wheels[0].read_bytes()
