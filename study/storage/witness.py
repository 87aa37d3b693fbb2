"""What tells a results folder without its header from a stranger's: a file that this program wrote, still sound."""

from __future__ import annotations

from study.storage.durable_files import Folder
from study.storage.integrity import GATHERED_NAME, parse_study, to_object, why_unsound
from study.storage.trials import RecordedTrials
from trainables.config.errors import StudyError


def sound_file(folder: Folder) -> str:
    """The name of a file that this program wrote and whose checksum fits; empty where there is none."""
    trials = RecordedTrials(folder)
    for name in folder.names("trials"):
        data = b"" if GATHERED_NAME.fullmatch(name) else folder.read(name) or b""
        if trials.saved_records(name) if not data else not why_unsound(name, data):
            return name
    for name in folder.names("studies", deep=True):
        if name.endswith((".json", ".copy")) and _is_frozen_study(folder.read(name) or b"", name):
            return name
    return ""


def _is_frozen_study(data: bytes, name: str) -> bool:
    try:
        parse_study(data, name)
        return "checksum" in to_object(data, name)
    except StudyError:
        return False
