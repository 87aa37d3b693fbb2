"""Where what is damaged is moved to: `quarantine/`, in the results folder itself."""

from __future__ import annotations

import hashlib
import os

from study.storage.durable_files import Folder

MAX_NAME_BYTES = 200
"""Of a name in `quarantine/`, before what tells it from others."""


def move_to_quarantine(folder: Folder, name: str) -> None:
    """Move a file of a results folder into its quarantine."""
    folder.move(name, quarantined_name(folder, name))


def quarantined_name(folder: Folder, name: str) -> str:
    """Where a file of a results folder lies in its quarantine, beside what lies there already."""
    flat = name.replace("/", "__")
    if len(os.fsencode(flat)) > MAX_NAME_BYTES:  # of any disk at most 255, with what makes it unused or temporary
        digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
        flat = f"{os.fsencode(flat)[:MAX_NAME_BYTES].decode(errors='ignore')}-{digest}"
    return folder.unused_name("quarantine/" + flat)
