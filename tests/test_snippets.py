"""Every command and snippet of the documents is executed by a test, or a list says why it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_docs import DOCUMENTS, name
from tests.test_guides import ELSEWHERE, GUIDES, elsewhere, lines

ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
COMMANDS_RUN = "tests/test_guides.py::test_its_commands_run"
TUTORIAL = "tests/test_tutorial.py::test_its_files_and_commands_work_in_an_empty_folder"
STUDIES = "tests/test_docs.py::test_study_files_in_documents_are_studies"
BLOCKS = {
    ("docs/tutorial.md", "bash|python|yaml"): TUTORIAL,
    ("docs/guides/own-table.md", "python|yaml"): COMMANDS_RUN,
    ("docs/guides/data.md", "python"): "tests/test_tutorial.py::test_folders_of_images_become_a_data_set",
    ("docs/guides/python.md", "python"): "tests/test_tutorial.py::test_the_lines_of_the_guide_to_python_run",
    ("docs/guides/exports.md", "python"): "tests/test_tutorial.py::test_the_lines_for_other_trackers_run",
    ("docs/guides/pandas.md", "python"): "tests/test_docs.py::test_the_lines_for_pandas_and_duckdb_run",
    ("docs/guides/own-study.md", "yaml"): STUDIES,
    ("docs/guides/search.md", "yaml"): STUDIES,
    ("docs/guides/search.md", "python"): "tests/test_docs.py::test_the_lines_on_what_a_search_tried_run",
    ("docs/verdicts.md", "yaml"): STUDIES,
    ("docs/contributing/add-*.md", "text"): "tests/test_contributing.py::test_what_a_page_shows_is_all_that_is_needed",
    ("docs/performance.md", "text"): "tests/benchmarks/test_clocks.py::test_what_the_documents_say_is_on_record",
    ("docs/guides/cluster-*.md", "text"): "not run: it sets up an account of a cloud, or a secret in the home",
}
"""Blocks by document and language: the test that executes them whole, or why none does."""
TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")


def blocks() -> Iterator[tuple[str, str, str]]:
    """Every block of every document: where, in which language, its text."""
    for document in DOCUMENTS:
        for language, text in FENCE.findall(document.read_text(encoding="utf-8")):
            yield name(document), language, text


def by_block(document: str, language: str) -> str:
    """Who executes the blocks of a document in a language whole; empty where nobody does."""
    known = (
        who for (where, what), who in BLOCKS.items() if Path(document).match(where) and re.fullmatch(what, language)
    )
    return next(known, "")


def executed_by_nobody(document: str, language: str, text: str) -> list[str]:
    """What of a block no test executes and no reason excuses."""
    if by_block(document, language):
        return []
    if language != "bash":
        return [text.partition("\n")[0]]
    return [line for line in lines(text) if document not in GUIDES and not elsewhere(line)]


def test_every_block_is_executed_or_says_why_not() -> None:
    found = list(blocks())
    assert len(found) > 70
    left = {where: nobody for where, *block in found if (nobody := executed_by_nobody(where, *block))}
    assert left == {}, "add the document to GUIDES, or a line to ELSEWHERE or BLOCKS"


@pytest.mark.parametrize(
    ("document", "language", "text", "left"),
    [
        ("README.md", "bash", "study list\nmake demo\n", []),
        ("docs/limits.md", "bash", "# a remark\nstudy list\nmake demo\n", ["study list"]),
        ("docs/limits.md", "python", "import study\n", ["import study"]),
        ("docs/guides/own-table.md", "python", "import study\n", []),
        ("docs/limits.md", "", "who knows\n", ["who knows"]),
    ],
)
def test_what_nobody_executes_is_found(document: str, language: str, text: str, left: list[str]) -> None:
    assert executed_by_nobody(document, language, text) == left


def test_who_is_named_is_there_and_no_reason_is_left_over() -> None:
    found = list(blocks())
    said = [line for _, language, text in found if language == "bash" for line in lines(text)]
    assert [how for how in ELSEWHERE if not any(re.match(how, line) for line in said)] == []
    used = {by_block(where, language) for where, language, _ in found}
    assert set(BLOCKS.values()) <= used
    assert [d for d in GUIDES if not any(where == d and language == "bash" for where, language, _ in found)] == []
    for who in (*BLOCKS.values(), *ELSEWHERE.values(), COMMANDS_RUN):
        tests = TEST.findall(who)
        assert tests or who.startswith("not run: "), who
        for path, function in tests:
            assert f"def {function}(" in (ROOT / path).read_text(encoding="utf-8"), who
