"""Which results folder is meant where none is named: the one that the last run from this working folder wrote."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path

from trainables.config.errors import BadInput

MAX_FOLDERS = 200
"""Working folders that are remembered."""


def _place() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or str(Path("~/.local/state").expanduser())
    return Path(base) / "hyperparameter-study" / "last-results.json"


def _known() -> dict[str, str]:
    try:
        values = json.loads(_place().read_text())
        return {str(k): str(v) for k, v in values.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def remember(folder: str) -> None:
    """A run from this working folder writes there; a home that cannot be written is no fault."""
    with contextlib.suppress(OSError, RuntimeError):
        here = str(Path.cwd())
        known = {k: v for k, v in _known().items() if k != here}
        kept = dict(list(known.items())[-MAX_FOLDERS:]) | {here: folder}
        place = _place()
        place.parent.mkdir(parents=True, exist_ok=True)
        aside = place.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps(kept))
        aside.replace(place)


def given_or_last(folder: str | None) -> str:
    """The folder that was named, else the last one; says which.

    Raises:
        BadInput: there is none.
    """
    if folder is not None:
        return folder
    last = last_folder()
    if last is None:
        raise BadInput("DIR", None, "no run has written results from here yet; name a results folder")
    print(f"results of the last run: {last}", file=sys.stderr)
    return last


def last_folder() -> str | None:
    """The last one, if there is any: what is remembered, else the newest in `results`."""
    last = _known().get(str(Path.cwd()))
    if last is None or ("://" not in last and not Path(last).is_dir()):
        made = [p.parent for p in Path("results").glob("*/study-results.json")]
        last = str(max(made, key=_time)) if made else None
    return last


def _time(folder: Path) -> float:
    return max((p.stat().st_mtime for p in (folder, *folder.glob("runs/*"))), default=0.0)
