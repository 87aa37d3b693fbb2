"""A results folder's header, `study-results.json`, written anew where it is damaged or lost: by `study repair` alone.

A folder is known for ours by what lies in it: a record or a frozen study whose checksum fits, which no chance makes.
A header that names a newer version stays: whether a bit of it flipped or a newer program wrote it, nobody can tell.
"""

from __future__ import annotations

from study.storage.durable_files import Folder
from study.storage.integrity import (
    FORMAT,
    HEADER_FILE,
    UNFINISHED_COPY,
    VERSION,
    if_it_was_one,
    to_json,
    to_plain,
)
from study.storage.quarantine import move_to_quarantine
from study.storage.results_folder import OTHER_FOLDER, ResultsFolder
from study.storage.witness import sound_file
from trainables.config.errors import StoreError


def folder_to_repair(where: str) -> Folder:
    """The folder that `study repair` may mend: a results folder, or one that lacks nothing but a sound header.

    Raises:
        StoreError: it is none, or of a newer version.
    """
    folder = Folder(where)
    if _what_is_wrong(folder) and sound_file(folder):
        return folder
    try:
        return ResultsFolder(where).folder
    except StoreError as error:
        hint = f"; {if_it_was_one(where)}"
        if "is not a results folder" not in str(error) or HEADER_FILE not in str(error):  # of a newer version, or gone
            raise
        why = "no sound record and no sound study in it says that it was one, so nothing was changed"
        raise StoreError(f"{str(error).removesuffix(hint).removesuffix(OTHER_FOLDER)}; {why}") from None


def mend_header(folder: Folder) -> list[str]:
    """Write the header anew where it is damaged or lost and the folder is ours; says so. Holds the lock."""
    why, witness = _what_is_wrong(folder), ""
    if not why or not (witness := sound_file(folder)):
        return []
    if folder.read(HEADER_FILE) is not None:
        move_to_quarantine(folder, HEADER_FILE)
        why += ", and was moved to quarantine/"
    folder.write(HEADER_FILE, to_json({"format": FORMAT, "version": VERSION}))
    return [f"{HEADER_FILE} {why}; it was written anew, for {witness} is sound and of this program (version {VERSION})"]


def _what_is_wrong(folder: Folder) -> str:
    """Why a folder's header does not count; empty where it does, or is known."""
    if (data := folder.read(HEADER_FILE)) is None:
        return "is not there"
    try:
        head = to_plain(data, HEADER_FILE)
    except StoreError as error:
        return str(error).removeprefix(f"{HEADER_FILE} ")
    form = head.get("format") if isinstance(head, dict) else None
    if form == UNFINISHED_COPY or (form == FORMAT and type(head.get("version")) is int):
        return ""
    return "is damaged (it says something else)"
