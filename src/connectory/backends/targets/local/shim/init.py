"""The first process in a container: starts the connector, and ends when its supervisor does.

Its text is handed to the Python of the image, so it needs nothing but the standard library. On
standard input it gets one line of JSON: what to run, with which environment. Nothing else ever
comes there; its end means that the supervisor is gone. When this process ends, the system ends
all others in the container.
"""

import json
import os
import threading

BY_SIGNAL = 128  # added to the signal that ended the connector


def main() -> None:
    """Run the connector to its end, and end as it did."""
    with open(0, "rb", buffering=0, closefd=False) as told:
        task = json.loads(told.readline())
    nothing = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    argv = task["argv"]
    connector = os.posix_spawn(argv[0], argv, task["environment"], file_actions=[nothing])
    del task
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    ended, status = os.wait()
    while ended != connector:  # an orphan
        ended, status = os.wait()
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else BY_SIGNAL - code)


def _end_with_supervisor() -> None:
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
