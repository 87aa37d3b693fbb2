"""Stands where Ray starts an agent of a node that nobody here asks: `python idle_agent.py PORTS ...`.

Ray's scheduler waits until it is told the agent's ports, and ends when the agent does. So this tells it that there are
none, and does nothing until the scheduler ends. See `docs/decisions/lean-ray.md`.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

NONE = "-1"


def main(ports: str, *rays: str) -> None:
    """Write each of the comma-separated ports as none where Ray looks for it, and wait.

    Args:
        ports: names of the ports, as Ray calls the files.
        rays: what Ray says to its agent, of which the session's folder and the node's name are used.
    """
    scheduler = os.getppid()
    said = dict(part[2:].split("=", 1) for part in rays if part.startswith("--") and "=" in part)
    for name in ports.split(","):
        path = Path(said["session-dir"], f"{name}_{said['node-id']}")
        part = path.with_name(f".{path.name}.{os.urandom(8).hex()}.part")
        with part.open("x", encoding="utf-8") as stream:  # under a name that nobody could put a link at before
            stream.write(NONE)
        part.replace(path)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for output in (1, 2):  # the scheduler does not end while they are open
        os.dup2(nowhere, output)
    sys.stdin.buffer.read()  # a pipe that ends with the scheduler, where Ray gives one
    while os.getppid() == scheduler:
        time.sleep(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
