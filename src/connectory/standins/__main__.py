"""Runs stand-ins in the foreground: `python -m connectory.standins slack --port 7701`.

`all` runs every one of them on free ports, and writes one JSON object with the inputs and the
secrets that lead there.
"""

import argparse
import json
import signal
import sys
import tempfile
import threading
from pathlib import Path

from connectory.standins import NAMES, SECRETS, run_all, vendor
from connectory.standins.serving import Server


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m connectory.standins", description=__doc__)
    parser.add_argument("name", choices=[*NAMES, "all"])
    parser.add_argument("--port", type=int, default=0, help="0, the default, is a free one")
    parser.add_argument("--file", type=Path, help="where the CRM keeps its leads and webhooks")
    chosen = parser.parse_args()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if chosen.name == "all":
        _serve_all(stop)
    else:
        _serve(chosen.name, chosen.port, chosen.file, stop)


def _serve(name: str, port: int, file: Path | None, stop: threading.Event) -> None:
    server = Server(vendor(name, file), port)
    _say(f"{name} at {server.url}")
    stop.wait()
    server.stop()


def _serve_all(stop: threading.Event) -> None:
    with tempfile.TemporaryDirectory() as folder:
        standins = run_all(Path(folder), {})
        _say(json.dumps({"inputs": standins.inputs, "secrets": dict(SECRETS)}))
        stop.wait()
        standins.stop()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
