"""What a results folder holds."""

from __future__ import annotations

from collections import Counter

from study.storage.results_folder import ResultsFolder


def status(folder: str) -> None:
    """Print what a results folder holds."""
    store = ResultsFolder(folder)
    held = store.trials.on_record()
    counts = Counter(h.status for h in held.values())
    total = sum(h.epochs for h in held.values())
    print(f"{folder}: {len(held)} trials on record, {total} epochs")
    for name in ("finished", "stopped", "diverged"):
        if counts[name]:
            print(f"  {name:9s} {counts[name]}")
    waiting = {n.split("/")[1] for n in store.folder.names("checkpoints", deep=True)} - set(held)
    if waiting:
        print(f"  unfinished, with a checkpoint: {len(waiting)}")
    for study in store.studies.latest():
        versions = len(store.studies.versions(study.name))
        changed = f", {versions} versions of its claims or arms" if versions > 1 else ""
        print(f"  study {study.name}: {len(study.arms)} arms, {len(study.claims)} claims{changed}")
