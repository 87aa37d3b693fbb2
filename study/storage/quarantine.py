"""Where what is damaged is moved to: `quarantine/`, in the results folder itself."""

from __future__ import annotations

from study.storage.durable_files import Folder


def move_to_quarantine(folder: Folder, name: str) -> None:
    """Move a file of a results folder into its quarantine."""
    folder.move(name, quarantined_name(folder, name))


def quarantined_name(folder: Folder, name: str) -> str:
    """Where a file of a results folder lies in its quarantine, beside what lies there already."""
    return folder.unused_name("quarantine/" + name.replace("/", "__"))
