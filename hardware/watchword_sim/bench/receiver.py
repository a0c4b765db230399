"""paho alone, counting: `python -m watchword_sim.bench.receiver URL USER PASSWORD COUNT_FILE TOPIC...`."""

from __future__ import annotations

import mmap
import sys
import threading
from pathlib import Path
from typing import Any

from watchword_core.frames import UP_BYTES

from watchword_sim.bench.bare_mqtt import connect
from watchword_sim.bench.taps import COUNT


def main() -> None:
    """Until standard input ends."""
    url, user, password, count_file, *topics = sys.argv[1:]
    with Path(count_file).open("r+b") as file:
        shared = mmap.mmap(file.fileno(), COUNT.size)
    lock = threading.Lock()
    received = 0

    def on_message(_client: Any, _user: Any, message: Any) -> None:
        nonlocal received
        with lock:
            received += len(message.payload) // UP_BYTES
            COUNT.pack_into(shared, 0, received)

    client = connect(url, "bench-receiver", user, password, tuple(topics), on_message)
    print("ready", flush=True)
    for _line in sys.stdin:  # each line begins a phase
        received = 0
        COUNT.pack_into(shared, 0, 0)
        print("begun", flush=True)
    client.disconnect()


if __name__ == "__main__":
    main()
