"""Make the connector, and the SDK in wheels/, importable for the tests."""

import sys
from pathlib import Path

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE / "src"), *map(str, (HERE / "wheels").glob("connectory_sdk-*.whl"))]
