"""Everything a connector needs, from the standard library alone.

A connector imports from this module only; the submodules are its inside.
"""

from connectory_sdk.app import App
from connectory_sdk.calls import JsonApi
from connectory_sdk.environment import (
    MissingSecretError,
    SettingsError,
    hook_url,
    read_settings,
    secret,
)
from connectory_sdk.events import Event, RefusedError, TryLaterError
from connectory_sdk.health import Health
from connectory_sdk.logs import log
from connectory_sdk.masking import Secret
from connectory_sdk.metrics import Counter, Gauge, Histogram, counter, gauge, histogram

__all__ = [
    "App",
    "Counter",
    "Event",
    "Gauge",
    "Health",
    "Histogram",
    "JsonApi",
    "MissingSecretError",
    "RefusedError",
    "Secret",
    "SettingsError",
    "TryLaterError",
    "counter",
    "gauge",
    "histogram",
    "hook_url",
    "log",
    "read_settings",
    "secret",
]
