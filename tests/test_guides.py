"""The commands of README and guides run as they are written, line by line, in a folder that has what they speak of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_tutorial import BLOCK

ROOT = Path(__file__).parent.parent
GUIDES = (
    "README.md",
    "docs/findings-search.md",
    "docs/index.md",
    "docs/gallery.md",
    "docs/guides/deciding.md",
    "docs/guides/exports.md",
    "docs/guides/faults.md",
    "docs/guides/own-study.md",
    "docs/guides/own-table.md",
    "docs/guides/reading-the-report.md",
    "docs/guides/resuming.md",
)
ELSEWHERE = {
    r"make (install|test|check|coverage|e2e)\b": "tests/test_workflow.py::test_it_calls_what_there_is",
    r"make format\b": "not run: it changes the checkout; `make check` holds it against the same rule",
    r"make demo\b": "not run: 3 minutes; tests/study/cli/test_demo_command.py::"
    "test_the_digits_are_trained_judged_and_shown",
    r"make chapter\b": "not run: hours; its records are in results/chapter",
    r"make gpu\b": "not run: it needs a GPU; tests/benchmarks/gpu/test_ready.py::test_a_rehearsal_runs_all_of_it",
    r"python3 -m benchmarks.gpu --pack": "tests/benchmarks/gpu/test_ready.py::test_a_rehearsal_runs_all_of_it",
    r"pip install \.": "not run: gigabytes; tests/test_architecture.py::"
    "test_what_lies_beside_the_code_is_installed_with_it",
    r"source ": "not run: it changes the shell of who types it",
    r"tensorboard ": "tests/study/app/test_export_tensorboard.py::test_tensorboard_itself_shows_it",
    r"optuna-dashboard ": "tests/study/app/test_export_optuna.py::test_optuna_dashboard_itself_shows_arms_and_a_search",
    r"study live ": "tests/study/cli/test_live_command.py::test_the_address_alone_goes_to_standard_output",
    r"study submit .* --dry-run": "tests/study/cluster/test_preflight.py::"
    "test_a_dry_run_says_what_it_would_take_and_starts_nothing",
    r"study submit |ray (up|down) |study (status|report) (s3|gs)://": "not run: money; on machines of the tests: "
    "tests/e2e/test_aws_cluster.py::test_spot_machines_come_are_reclaimed_and_go "
    "tests/e2e/test_local_cluster.py::test_records_are_the_same_though_machines_fail",
    r"kubectl ": "not run: there is no Kubernetes; the guide says so",
}
"""Lines that no test types as they stand: how they begin, and the test that does the same, or why there is none."""
SHORTER = (
    (r"(study run (?:dropout|activation\.yaml)) --seeds 5", r"\1 --seeds 1 --quick"),
    (r"study run search-all --seeds 5", "study run search-all --seeds 1 --quick"),
    (r"(study decide dropout .*)--hours \d+", r"\1--dry-run"),
    (r"study show --data fashion-mnist --fetch", "study show --data fashion-mnist"),
)
"""What would train for minutes, or fetch, and what is run in its place."""


def elsewhere(line: str) -> str:
    """Who executes a line that is not typed here, or why nobody does; empty of one that is typed here."""
    return next((who for how, who in ELSEWHERE.items() if re.match(how, line)), "")


def lines(block: str) -> list[str]:
    """The commands of a shell block, without remarks, continued lines joined."""
    whole = (line.strip() for line in block.replace("\\\n", " ").splitlines())
    return [line for line in whole if line and not line.startswith("#")]


def commands(document: str) -> Iterator[str]:
    """The lines of a document's shell blocks that are run here."""
    for language, _, block in BLOCK.findall((ROOT / document).read_text()):
        for line in lines(block) if language == "bash" else ():
            if not elsewhere(line):
                for long, short in SHORTER:
                    line = re.sub(long, short, line)
                yield line


def done(line: str, folder: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    command = ["bash", "-euc", line]
    end = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert end.returncode == 0, f"{line}\n{end.stdout}{end.stderr}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tutorial's files and results, the demo's, and the committed results."""
    there = tmp_path_factory.mktemp("guides")
    for document in ("docs/tutorial.md", "docs/guides/own-study.md", "docs/guides/own-table.md"):
        blocks = BLOCK.findall((ROOT / document).read_text())
        for language, title, block in blocks:
            if title or language == "yaml":
                (there / (title or f"{block.partition('name: ')[2].split()[0]}.yaml")).write_text(block)
    for name in ("chapter", "search-sgd-adam", "curves"):
        shutil.copytree(ROOT / "results" / name, there / "results" / name)
    done("python digits.py", there)
    done("study run width.yaml --seeds 5 --data-dir . --results results/width --quiet", there)
    for name in ("a", "b"):
        shutil.copytree(there / "results/width", there / "results" / name)
    return there


@pytest.mark.ray
@pytest.mark.e2e
@pytest.mark.parametrize("document", GUIDES)
def test_its_commands_run(document: str, folder: Path) -> None:
    said = list(commands(document))
    assert said, "nothing to run"
    for line in said:
        done(line, folder)
