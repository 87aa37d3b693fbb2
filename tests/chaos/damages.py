"""What is done to a results folder in which nothing runs: damaged files, links, what other programs leave there."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from study.storage.integrity import to_plain
from study.storage.reported_values import contradicted
from study.storage.results_folder import ResultsFolder
from study.storage.search_log import _write_checksummed, search_parts
from tests.chaos.processes import kill
from tests.waiting import ended_within
from trainables.config.errors import StudyError

FILES = {
    "record": "trials/*.json",
    "gathered": "trials/*.parquet",
    "checkpoint": "checkpoints/*/*.ckpt",
    "study": "studies/*/*.json",
    "search": "searches/*/*/*.json",
    "run": "runs/*.json",
    "link": "trials/*.json",
    "truncate": "trials/*",
}
OTHER = (
    "leftover", "pipe", "folder", "linked-folder", "file-for-folder", "newer", "contradiction", "told-otherwise",
    "header", "report-killed", "page-emptied",
)  # fmt: skip
DAMAGE = (*FILES, "record", "checkpoint", *OTHER)
PATIENCE = 900.0
YEAR = 3.15e7


@dataclass(frozen=True)
class DamageCase:
    """What is damaged.

    Args:
        folder: the results.
        second: starts a run on the folder.
        wrong: told what should not have been.
        report: starts making the page of the folder, in another one.
        repair: starts `study repair` on the folder.
    """

    folder: Path
    second: Callable[..., subprocess.Popen[str]]
    wrong: Callable[[str], None]
    report: Callable[[Path], subprocess.Popen[str]]
    repair: Callable[[], subprocess.Popen[str]]

    def do(self, kind: str, chance: random.Random) -> bool:
        """Do one thing; whether it could be done."""
        if not (self.folder / "study-results.json").exists():
            return False
        if kind not in FILES:
            (self.folder / "trials").mkdir(exist_ok=True)
            acts: dict[str, Callable[[], bool]] = {
                "leftover": self._leftover,
                "pipe": self._pipe,
                "folder": self._folder,
                "linked-folder": self._linked_folder,
                "file-for-folder": self._file_for_folder,
                "newer": self._newer,
                "header": lambda: self._header(chance),
                "contradiction": lambda: self._contradiction(chance),
                "told-otherwise": self._told_otherwise,
                "report-killed": lambda: self._report_killed(chance),
                "page-emptied": self._page_emptied,
            }
            return acts[kind]()
        if kind in ("record", "link") and not any(self.folder.glob(FILES[kind])):
            scatter(self.folder)
        files = sorted(p for p in self.folder.glob(FILES[kind]) if p.is_file())
        if files and kind == "link":  # as a stranger's folder may have them: what it means is not to be touched
            file = chance.choice(files)
            outside = self.folder.with_name(f"outside-{file.name}")
            file.rename(outside)
            file.symlink_to(outside)
        elif files:
            spoil(chance.choice(files), kind == "truncate", chance)
        return bool(files)

    def _leftover(self) -> bool:
        (self.folder / "trials" / ".x.json.0123abcd.tmp").write_bytes(b"half a rec")
        return True

    def _pipe(self) -> bool:
        """A reader that opened it would wait for ever."""
        os.mkfifo(self.folder / "trials" / f"{'0' * 20}-000003-finished.json")
        return True

    def _folder(self) -> bool:
        (self.folder / "trials" / f"gathered-{'0' * 64}.parquet").mkdir()
        return True

    def _linked_folder(self) -> bool:
        """Where a sub-folder is a link, nothing is read, written or removed: refused."""
        trials, outside = self.folder / "trials", self.folder.with_name("outside-trials")
        trials.rename(outside)
        trials.symlink_to(outside)
        self._refused("a folder with a linked sub-folder")
        trials.unlink()
        outside.rename(trials)
        return True

    def _file_for_folder(self) -> bool:
        """What a trial gives could not be kept: refused before any is trained."""
        way = self.folder / "failures"
        if free := not way.exists():
            way.write_text("not a folder")
            self._refused("a file where a folder belongs")
            way.unlink()
        return free

    def _told_otherwise(self) -> bool:
        """A search was told other numbers than its trials have on record: refused; one command mends it."""
        with contextlib.suppress(StudyError):
            store = ResultsFolder(self.folder)
            for file in (name for part in search_parts(store) for name in part.files(0)):
                before = store.folder.read(file) or b""
                for event in (events := to_plain(before, file)["events"]):
                    if event["kind"] == "reported" and event["curves"].get("val_accuracy"):
                        event["curves"]["val_accuracy"][0] += 0.01
                _write_checksummed(store, file, {"events": events})
                if any(contradicted(store, search_parts(store))):
                    self._refused("a search that was told other numbers")
                    if (code := self.repair().wait(PATIENCE)) != 0:
                        self.wrong(f"the repair of what a search was told ended with {code}")
                    return True
                store.folder.write(file, before)  # nothing on record says otherwise yet
        return False

    def _newer(self) -> bool:
        head = self.folder / "study-results.json"
        old = head.read_bytes()
        head.write_bytes(re.sub(rb'"version": \d+', b'"version": 99', old))
        self._refused("a newer folder")
        head.write_bytes(old)
        return True

    def _header(self, chance: random.Random) -> bool:
        """What says whose folder it is was cut short: refused; one command writes it anew, once a study lies there."""
        head, there = self.folder / "study-results.json", any(self.folder.glob(FILES["study"]))
        if there:
            head.write_bytes(head.read_bytes()[: chance.randrange(20)])
            self._refused("a damaged header")
            if (code := self.repair().wait(PATIENCE)) != 0:
                self.wrong(f"the repair of a header ended with {code}")
        return there

    def _refused(self, what: str) -> None:
        if (code := self.second().wait(PATIENCE)) != 4:
            self.wrong(f"{what} was not refused: {code}")

    def _contradiction(self, chance: random.Random) -> bool:
        """Another result of a trial, as two folders put together by hand have it: refused; one command mends it."""
        with contextlib.suppress(StudyError):
            store = ResultsFolder(self.folder)
            records = [r for r in store.trials.records() if r.status == "finished"]
            if records:
                old = chance.choice(records)
                rates = old.epochs.replace(lr=(0.123, *old.epochs["lr"][1:]))
                later = float(old.provenance.get("ended") or 0) + YEAR
                store.trials.write_gathered(
                    [dataclasses.replace(old, epochs=rates, provenance={**old.provenance, "ended": later})]
                )
                self._refused("a contradiction")
                if (code := self.repair().wait(PATIENCE)) != 0:
                    self.wrong(f"the repair of a contradiction ended with {code}")
                return True
        return False

    def _page_emptied(self) -> bool:
        """A page that was emptied is no finished one: the next is whole."""
        page = self.folder.with_name("page-emptied")
        made = self.report(page).wait(PATIENCE) == 0
        if made:
            (page / "index.html").write_text("")
            if (code := self.report(page).wait(PATIENCE)) != 0 or not whole(page):
                self.wrong(f"a report over an emptied page ended with {code}")
        shutil.rmtree(page, ignore_errors=True)
        return made

    def _report_killed(self, chance: random.Random) -> bool:
        """The making of a page is killed; the next one is whole, and what the first had started is gone."""
        page = self.folder.with_name("page-killed")
        first = self.report(page)
        early = not ended_within(first, chance.uniform(0.5, 8.0))
        kill(first.pid)
        first.wait()
        if (code := self.report(page).wait(PATIENCE)) != 0 or not whole(page):
            self.wrong(f"a report after one that was killed ended with {code}")
        shutil.rmtree(page, ignore_errors=True)
        return early


def scatter(folder: Path) -> None:
    """The records of one gathered file lie loose again, as a run that was cut short leaves them."""
    with contextlib.suppress(StudyError):
        trials = ResultsFolder(folder).trials
        for name in trials.gathered()[:1]:
            for record in list(trials.gathered_records(name)):
                trials.write(record)
            (folder / name).unlink()


def spoil(path: Path, cut: bool, chance: random.Random) -> None:
    """Half of a file is lost, or one bit of it turns."""
    data = bytearray(path.read_bytes())
    if cut or not data:
        path.write_bytes(bytes(data[: len(data) // 2]))
        return
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(data))


def whole(page: Path) -> bool:
    """Whether a page is there from beginning to end."""
    file = page / "index.html"
    return file.is_file() and file.read_text(errors="replace").rstrip().endswith("</html>")
