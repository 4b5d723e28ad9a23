"""Runs one stand-in in the foreground: `python -m connectory.standins slack --port 7701`."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from connectory.standins.crm import Crm
from connectory.standins.serving import Server
from connectory.standins.slack import Slack


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m connectory.standins", description=__doc__)
    parser.add_argument("name", choices=["slack", "crm"])
    parser.add_argument("--port", type=int, default=0, help="0, the default, is a free one")
    parser.add_argument("--file", type=Path, help="where the CRM keeps its leads and webhooks")
    chosen = parser.parse_args()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    vendor = Slack() if chosen.name == "slack" else Crm(chosen.file)
    server = Server(vendor, chosen.port)
    sys.stdout.write(f"{chosen.name} at {server.url}\n")
    sys.stdout.flush()
    stop.wait()
    server.stop()


if __name__ == "__main__":
    main()
