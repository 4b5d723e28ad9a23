"""The SDK is a distribution of its own: make it importable for its tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "sdk/src"))
