"""The tests' own house: how long files and functions are outside the packages, and where a test waits on the clock."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.test_architecture import PACKAGES, ROOT
from tests.test_house import FILE_LINES, FUNCTION_LINES, Function, exceptions, name_of

STORIES = {  # each is a cluster from start to end, but for the last: a server with the class of its requests
    "tests/e2e/test_aws_cluster.py: test_spot_machines_come_are_reclaimed_and_go",
    "tests/e2e/test_fake_gpus.py: test_declared_gpus_come_when_asked_for_and_go",
    "tests/e2e/test_local_cluster.py: test_records_are_the_same_though_machines_fail",
    "tests/study/bad_network.py: proxy",
}
"""Functions of more than 50 lines that would not read better in parts, and why."""


def files() -> Iterator[tuple[str, ast.Module]]:
    """What is not shipped: tests, benchmarks, programs of the documents."""
    for folder in ("tests", "benchmarks", "docs", "examples"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def test_no_file_and_no_function_is_long() -> None:
    assert [path for path, _ in files() if len((ROOT / path).read_text().splitlines()) > FILE_LINES] == []
    long = {
        f"{path}: {node.name}"
        for path, tree in files()
        for node in ast.walk(tree)
        if isinstance(node, Function) and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    }
    assert long == STORIES


CLOCKS = {
    "tests/waiting.py": "looks again and again whether another process is that far",
    "tests/study/bad_network.py": "is the slow network that a test asks for",
    "tests/study/execution/test_signals_ray.py": "is the moment after Ray's start at which a signal comes",
    "tests/chaos/driver.py": "looks for the next fault to suffer, beside the run that suffers it",
    "tests/chaos/faulty.py": "is the hang, the slowness, the process that outlives its parent: the faults themselves",
    "tests/chaos/harm.py": "is how long a folder is away, and how fast signals follow each other",
}
"""Where a test sleeps, and what that is."""


def test_no_test_waits_on_the_clock_where_an_event_can_be_awaited() -> None:
    found = {
        path
        for path, tree in files()
        if path.startswith("tests/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name_of(node.func) == "sleep"
    }
    assert found == set(CLOCKS)


def modules() -> dict[str, str]:
    """The files of our packages and of the tests, by their dotted names."""
    paths = [p for folder in (*PACKAGES, "tests") for p in sorted((ROOT / folder).rglob("*.py"))]
    found = [path.relative_to(ROOT).as_posix() for path in paths]
    return {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in found}


def imported_by(path: str, known: dict[str, str]) -> set[str]:
    """The files of ours that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {known[name] for name in found & known.keys()}


BY_NAME = ("study/catalog/", "analysis/chapter/")
"""Reached by entry points, which no import shows."""


def test_each_modules_test_is_found_by_its_path_or_in_the_list() -> None:
    """`study/storage/lock.py` has `test_lock.py` in `tests/study/storage`; of a part `tested-elsewhere.txt` says."""
    known = modules()
    imports = {path: imported_by(path, known) for path in known.values()}
    elsewhere = dict(line.split(": ") for line in exceptions("tested-elsewhere"))
    ours = [path for path in known.values() if not path.startswith("tests/") and "__" not in path]
    found = {path for path in ours if not own_tests(path)}
    assert found == set(elsewhere), "a module without a test of its own, or one that has got one"
    for module, test in elsewhere.items():
        reached, left = set[str](), [test]
        while left:
            new = imports[left.pop()] - reached
            reached |= new
            left += new
        assert module in reached or module.startswith(BY_NAME), f"{test} does not come to {module}"


def own_tests(path: str) -> list[Path]:
    """The tests that are called after a module, or after a part of what it does: `test_lock.py`, `test_lock_s3.py`."""
    folder, name = ROOT / "tests" / Path(path).parent, Path(path).stem
    return [*folder.glob(f"test_{name}.py"), *folder.glob(f"test_{name}_*.py")]
