"""What `study diff`, `verify`, `repair` and `merge` do and print; the work itself is `compare`'s and `upkeep`'s."""

from __future__ import annotations

from study.storage import diff as compare
from study.storage import lock
from study.storage import merge as merge_module
from study.storage import repair as upkeep
from study.storage.merge import check_merge
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StoreError, StudyError


class FoldersDiffer(StudyError):
    """Two folders differ."""


def diff(a: str, b: str, common: bool) -> None:
    """Print what differs between two results folders."""
    found = compare.diff(a, b, common=common)
    for difference in found[: compare.SHOWN]:
        print(difference.what)
    if found:
        raise FoldersDiffer(f"{len(found)} differences between {a} and {b}")
    print(f"equal: {a} and {b} differ in nothing but measured times and provenance")


def verify(folder: str) -> None:
    """Print what is not sound in a results folder."""
    _say_report(upkeep.verify(folder))


def repair(folder: str, wait: bool) -> None:
    """Put aside what is not sound, and print what that means."""
    with lock.hold(ResultsFolder(folder).folder, wait=wait):
        _say_report(upkeep.repair(folder))


def _say_report(report: upkeep.SoundnessReport) -> None:
    for line in report.lines[:-1]:
        print(line)
    if not report.sound:
        raise StoreError(report.lines[-1])
    print(report.lines[-1])


def merge(a: str, b: str, into: str, wait: bool) -> None:
    """Unite two folders in a third."""
    check_merge(a, b, into)  # refused before anything is made
    with lock.hold(ResultsFolder(into, create=True).folder, wait=wait):
        trials, shared = merge_module.merge(a, b, into)
    print(f"{into}: {trials} trials, {shared} of them in more than one folder and equal there")
