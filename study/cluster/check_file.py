"""Would a cluster file work? Everything that can be known without an account and before a machine is paid for.

Each check yields its mistakes as values; `find_problems` gathers them. Ray's own schema and the clouds' own API models
are read as data from the packages that ship them. Nothing here imports Ray or calls a cloud.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from study.cluster.check_ray_up import ray_up_faults
from study.cluster.check_rayjob import rayjob_faults
from study.cluster.cluster_file import is_rayjob, read_cluster
from study.cluster.file_lines import lines_of, nearest_line
from study.spec.faults import BadValues, Fault, fault_line


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where, and what would be right."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"

    @classmethod
    def of(cls, fault: Fault) -> Problem:
        """A mistake in words."""
        where, _, what = fault_line(fault, None).partition(": ")
        return cls(where, what)


def find_problems(path: str | Path, *, root: Path | None = None, ray_flags: bool = True) -> list[Problem]:
    """List all that is wrong with a cluster file; nothing where it would work.

    Args:
        path: the file.
        root: the folder that relative mounts are taken from; where `ray up` will run.
        ray_flags: ask `ray start` itself whether it knows its flags; takes some seconds.

    Raises:
        BadInput: the file is missing or not YAML.
    """
    found, rayjob = list[Problem](), is_rayjob(path)
    try:
        read_cluster(path)
    except BadValues as error:  # of what we read ourselves; the rest is looked at all the same
        found = [Problem.of(fault) for fault in error.faults]
    said = {problem.where for problem in found}  # what is said of the same value by others is not said again
    faults = rayjob_faults(path) if rayjob else ray_up_faults(path, root or Path.cwd(), ray_flags=ray_flags)
    return [*found, *(p for p in map(Problem.of, faults) if p.where not in said)]


def refuse_problems(path: str | Path, *, root: Path | None = None, ray_flags: bool = True) -> None:
    """Refuse a cluster file that would not work.

    Raises:
        BadValues: names every problem, with file and line.
    """
    if found := find_problems(path, root=root, ray_flags=ray_flags):
        lines = lines_of(path)
        placed = [(nearest_line(lines, p.where), p) for p in found]
        placed.sort(key=lambda pair: pair[0])
        faults = [Fault((p.where,), None, p.what, absent=True) for _, p in placed]
        raise BadValues(faults, [f"{path}, line {line}: {p}" for line, p in placed])
