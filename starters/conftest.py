"""Make the SDK and the connectors importable for the tests of the starters."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
for source in (HERE.parent / "sdk/src", *HERE.glob("*/src")):
    sys.path.insert(0, str(source))
