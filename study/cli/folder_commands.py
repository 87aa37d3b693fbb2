"""Commands that look after results folders: diff, verify, repair, merge; the work itself is `study.storage`'s."""

from __future__ import annotations

import sys
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from study.app.wrapping import say
from study.cli.last_folder import given_or_last
from study.cli.options import Folder, LastFolder, Wait
from study.cli.paths import folder_option
from trainables.config.errors import StoreError, StudyError
from trainables.config.plurals import counted

if TYPE_CHECKING:
    from study.storage.repair import SoundnessReport


class FoldersDiffer(StudyError):
    """Two folders differ."""


def diff(
    a: Folder,
    b: Folder,
    common: Annotated[bool, typer.Option("--common", help="Compare only the trials that both folders have.")] = False,
) -> None:
    """Show what differs between two results folders, except times and provenance. Exit code 0 if nothing does."""
    from study.storage import diff as compare

    found = compare.diff(a, b, common=common)
    for difference in found[: compare.MAX_DIFFERENCES_SHOWN]:
        say(difference.what, sys.stdout)
    if found:
        raise FoldersDiffer(f"{counted(len(found), 'difference')} between {a} and {b}")
    say(f"equal: {a} and {b} differ in nothing but measured times and provenance", sys.stdout)


def verify(folder: LastFolder = None) -> None:
    """Check every record against its checksum and identity. Changes nothing."""
    from study.storage import repair as upkeep

    _say_report(upkeep.verify(given_or_last(folder)))


def repair(folder: Folder, wait: Wait = False) -> None:
    """Move what is damaged to quarantine/, save what is sound in it, and say what the next run trains again."""
    from study.storage import lock
    from study.storage import repair as upkeep
    from study.storage.header_repair import folder_to_repair

    with lock.hold(folder_to_repair(folder), wait=wait):
        _say_report(upkeep.repair(folder))


def _say_report(report: SoundnessReport) -> None:
    for line in report.lines[:-1]:
        say(line, sys.stdout)
    if not report.sound:
        raise StoreError(report.lines[-1])
    say(report.lines[-1], sys.stdout)


def merge(
    a: Folder,
    b: Folder,
    into: Annotated[str, folder_option("--into", "The results folder to make, or to add to.")],
    wait: Wait = False,
) -> None:
    """Unite two results folders. Where they contradict each other, nothing is written."""
    from study.app.merged_verdicts import changed_verdicts, decided_claims
    from study.app.places import refuse_lost_places
    from study.storage import lock
    from study.storage.merge import Merge
    from study.storage.results_folder import ResultsFolder

    merging = Merge(a, b)
    merging.check(into)  # refused before anything is made
    refuse_lost_places((into, a, b))
    decided = decided_claims((a, b, into))
    with lock.hold(ResultsFolder(into, create=True).folder, wait=wait):
        merging = Merge(a, b) if wait else merging  # a run that was waited for may have added to them
        trials, shared = merging.write(into)
    say(f"{into}: {counted(trials, 'trial')}, {shared} of them in both folders and equal there", sys.stdout)
    for line in changed_verdicts(decided, into):
        say(line, sys.stdout)


def upgrade(
    folder: Folder, into: Annotated[str, folder_option("--into", "The folder of the copy. It must not be there yet.")]
) -> None:
    """Copy a results folder to the newest format. The folder itself stays as it is."""
    from study.storage import upgrade as upgrading

    records = upgrading.upgrade(folder, into)
    say(
        f"{into}: {counted(records, 'record')} in format 2; `study diff {quote(folder)} {quote(into)}` compares them",
        sys.stdout,
    )
