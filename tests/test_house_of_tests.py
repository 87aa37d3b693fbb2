"""The tests' own house: how long files and functions are outside the packages, and where a test waits on the clock."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.parsed import nodes_of, tree_of, trees_in
from tests.test_architecture import PACKAGES, ROOT
from tests.test_house import FILE_LINES, FUNCTION_LINES, Function, exceptions, name_of

STORIES = {  # each is a cluster from start to end, but for the last: a server with the class of its requests
    "tests/e2e/test_aws_cluster.py: test_spot_machines_come_are_reclaimed_and_go",
    "tests/e2e/test_fake_gpus.py: test_declared_gpus_come_when_asked_for_and_go",
    "tests/e2e/test_local_cluster.py: test_records_are_the_same_though_machines_fail",
    "tests/study/bad_network.py: proxy",
}
"""Functions of more than 50 lines that would not read better in parts, and why."""


def files() -> tuple[tuple[str, ast.Module], ...]:
    """What is not shipped: tests, benchmarks, programs of the documents."""
    return trees_in("tests", "benchmarks", "docs", "examples")


def test_no_file_and_no_function_is_long() -> None:
    assert [path for path, _ in files() if len((ROOT / path).read_text().splitlines()) > FILE_LINES] == []
    long = {
        f"{path}: {node.name}"
        for path, tree in files()
        for node in nodes_of(tree)
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
        for node in nodes_of(tree)
        if isinstance(node, ast.Call) and name_of(node.func) == "sleep"
    }
    assert found == set(CLOCKS)


PROGRAMS = {
    "tests/chaos/test_parts.py": "lives until a test ends it",
    "tests/e2e/ec2.py": "lists the machines of a cloud every second, for whoever looks at the list",
    "tests/e2e/s3.py": "looks whether a server answers, on another machine",
    "tests/e2e/test_fake_gpus.py": "is the trial's own work, and looks how many machines there are, as Ray does",
    "tests/e2e/gate.py": "looks whether its turn has come, on another machine",
    "tests/study/execution/ray_patches/test_idle_agent.py": "lives until a test ends it",
    "tests/study/execution/test_orphans.py": "lives until a test ends it",
    "tests/study/execution/test_pending_jobs_faults.py": "lives until a test ends it",
    "tests/study/execution/test_scheduler_watch.py": "looks whether a socket is there; hangs; starts slowly",
    "tests/study/execution/test_signals_ray.py": "ends as slowly as on a busy machine",
    "tests/study/execution/test_start_watch.py": "looks whether the watch has seen a process; then hangs, as Ray does",
    "tests/study/storage/test_lock.py": "holds a lock until a test ends it",
    "tests/test_house_of_tests.py": "is this test",
}
"""Where a program that a test starts sleeps, and what that is: its text stands in the test."""


def test_no_program_of_a_test_waits_on_the_clock_either() -> None:
    found = {
        path
        for path, tree in files()
        if path.startswith("tests/")
        for node in nodes_of(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "sleep(" in node.value
    }
    assert found == set(PROGRAMS)


CHECKS = ("raises", "warns", "fail", "assert_equal", "assert_array_equal", "assert_allclose")
"""What fails a test besides `assert`: pytest's and NumPy's."""


def test_every_test_asserts_something() -> None:
    """Itself, or by a function of the tests that it calls: what only runs is no test."""
    calls = {
        f"{path}: {node.name}": called_by(node)
        for path, tree in files()
        if path.startswith("tests/")
        for node in nodes_of(tree)
        if isinstance(node, Function)
    }
    names = {place: place.rpartition(": ")[2] for place in calls}
    checking = {"assert", *CHECKS}
    while more := {
        names[place]
        for place, called in calls.items()
        if called & checking and names[place] not in checking and not names[place].startswith("test_")
    }:
        checking |= more
    assert [place for place in calls if names[place].startswith("test_") and not calls[place] & checking] == []


def called_by(function: Function) -> set[str]:
    """What a function calls, by the last part of its name; `assert` is among them where it has one."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            found.add("assert")
        elif isinstance(node, ast.Call):
            found.add(name_of(node.func))
    return found


def modules() -> dict[str, str]:
    """The files of our packages and of the tests, by their dotted names."""
    paths = [p for folder in (*PACKAGES, "tests") for p in sorted((ROOT / folder).rglob("*.py"))]
    found = [path.relative_to(ROOT).as_posix() for path in paths]
    return {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in found}


def imported_by(path: str, known: dict[str, str]) -> set[str]:
    """The files of ours that a file imports, wherever in it."""
    found: set[str] = set()
    for node in nodes_of(tree_of(path)):
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
    assert {*known.values()} == {path for path, _ in trees_in(*PACKAGES, "tests")}
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
