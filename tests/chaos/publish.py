"""What a whole campaign came to, as the guide to faults says it.

make chaos                                            # leaves build/chaos.json
python -m tests.chaos.publish build/chaos.json        # keeps it beside the guide, and writes the paragraph anew
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tests.chaos.campaign import Place
from trainables.config.errors import BadInput

GUIDE, KEPT = Path("docs/guides/faults.md"), Path("docs/guides/fault-campaign.json")
BEGIN = "<!-- campaign: written by `python -m tests.chaos.publish` from docs/guides/fault-campaign.json -->"
END = "<!-- end of campaign -->"
WORDS = {
    "raise": "errors raised",
    "kill": "trials' processes killed",
    "exit": "trials' processes that end",
    "hang": "trials that hang",
    "hang-start": "trials that hang at the start",
    "torn": "torn checkpoints",
    "clock": "trials' clocks that jump",
    "driver-clock": "the driver's clock",
    "memory": "memory eaten until Ray's monitor steps in",
    "full": "a trial's disk full",
    "driver-full": "the driver's disk full",
    "readonly": "disks that become read-only",
    "diskerror": "disks that fail",
    "worker": "Ray's workers killed",
    "raylet": "raylets killed",
    "gcs": "Ray's servers (GCS) killed",
    "reaper": "the process that tidies up, killed",
    "machine": "the whole machine",
    "sigkill": "the driver by SIGKILL",
    "sigterm": "SIGTERM",
    "sigterm-repeated": "SIGTERM twice at once",
    "sigint": "SIGINT",
    "sigint-twice": "SIGINT twice",
    "second-run": "a second run",
    "second-waits": "a second run that waits",
    "vanish": "a folder that vanishes",
    "stranger": "a stranger's calls",
    "report-meanwhile": "a page made meanwhile",
    "report-killed": "a page whose making is killed",
    "page-emptied": "a page that was emptied",
    "record": "damaged records",
    "gathered": "damaged gathered files",
    "checkpoint": "damaged checkpoints",
    "study": "damaged studies",
    "search": "damaged events of a search",
    "run": "damaged notes of runs",
    "truncate": "files cut in half",
    "link": "links in place of files",
    "linked-folder": "a link in place of a sub-folder",
    "file-for-folder": "a file in place of a sub-folder",
    "pipe": "pipes in place of files",
    "folder": "folders called like a record",
    "leftover": "leftovers",
    "contradiction": "records that contradict each other",
    "told-otherwise": "a search that was told other numbers",
    "newer": "a newer version's folder",
    "header": "a header that was cut short",
}
"""Every kind of fault, in the order in which the guide tells them."""


def paragraph(ran: Mapping[str, Any]) -> str:
    """What a campaign came to, in words."""
    day = date.fromisoformat(ran["day"])
    minutes, seconds = divmod(int(ran["seconds"]), 60)
    kinds = ", ".join(f"{words} {ran['kinds'][kind]}" for kind, words in WORDS.items() if ran["kinds"].get(kind))
    missing = ", ".join(words for kind, words in WORDS.items() if not ran["kinds"].get(kind))
    left = f"{ran['orphans']} rounds left processes behind" if ran["orphans"] else "no process was left behind"
    lines = [
        f"**Last whole run** ({day.day} {day:%B %Y}, seed {ran['seed']}, {ran['cores']} cores; {ran['rounds']} rounds, "
        f"{minutes} min {seconds} s): **{ran['injected']} faults injected, {ran['survived']} survived, {ran['lost']} "
        f"lost, {ran['differing']} differing; {left}**.",
        f"By kind: {kinds}.",
        *([f"Added since, and not in that run: {missing}."] if missing else []),
    ]
    return "\n".join(textwrap.fill(line, 140, break_on_hyphens=False) for line in lines)


def written(guide: str, ran: Mapping[str, Any]) -> str:
    """The guide with what is between its marks written anew.

    Raises:
        BadInput: the marks are not there.
    """
    if BEGIN not in guide or END not in guide:
        raise BadInput(str(GUIDE), "no marks", f"expected the lines {BEGIN!r} and {END!r}")
    head, _, rest = guide.partition(BEGIN)
    return f"{head}{BEGIN}\n\n{paragraph(ran)}\n\n{END}{rest.partition(END)[2]}"


def all_kinds() -> set[str]:
    """Every kind that a campaign deals."""
    return set(Place(Path()).missing)


def main(source: Path, root: Path = Path()) -> None:
    """Keep a campaign's outcome, and write the guide from it."""
    ran = json.loads(source.read_text(encoding="utf-8"))
    (root / KEPT).write_text(json.dumps(ran, indent=1) + "\n", encoding="utf-8")
    (root / GUIDE).write_text(written((root / GUIDE).read_text(encoding="utf-8"), ran), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
