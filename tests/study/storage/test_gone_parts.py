"""What was deleted from `studies/`, `runs/` or `searches/`, or not copied along, is said by every command."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from study.storage.gone_parts import absent_runs_said, gone_files, gone_parts, gone_studies
from study.storage.repair import verify
from study.storage.results_folder import ARMS, ResultsFolder
from study.storage.survey import survey
from tests.study.cli.test_main_next import STUDY
from tests.study.storage.test_lost_study import command  # noqa: F401
from tests.test_architecture import ROOT

Read = Callable[..., tuple[int, str]]
GONE = "study rates is gone, which runs/ or arms.parquet names; put studies/rates/ back. Without it"


def test_a_folder_whose_studies_are_gone_is_not_called_sound(command: Read) -> None:  # noqa: F811
    """It was "all sound", with no claims; only the next run said something, and not why."""
    shutil.rmtree("r/studies")
    store = ResultsFolder("r")
    assert gone_studies(store) == ("rates",) and gone_files(store) == ("studies/rates/1.json",)
    for words, code in (("status", 0), ("verify", 4), ("claims", 4), ("repair", 4), ("verify", 4)):
        ended, said = command(words)
        said = " ".join(said.split())
        assert ended == code and GONE in said, (words, said)
        assert "all sound" not in said and "no claims in this folder" not in said
    assert command("report")[0] == 0
    page = Path("r/report/index.html").read_text()
    assert GONE in page and "Results without a study" in page and "puts one there" not in page
    code, said = command("run", "rates.yaml", "--seeds", "2")
    assert code == 2 and "(studies/rates/1.json, which said when it was, is gone): put it back, or give" in said
    Path("rates.yaml").write_text(STUDY.replace("    parts:", "    from_seed: 2\n    parts:"))
    assert command("run", "rates.yaml", "--seeds", "2")[0] == 0 and gone_parts(store) == ()


def test_of_several_studies_and_versions_the_one_that_is_gone_is_named(command: Read) -> None:  # noqa: F811
    Path("rates.yaml").write_text(STUDY.replace("title: The", "title: One"))
    assert command("run", "rates.yaml", "--seeds", "2")[0] == 0
    Path("other.yaml").write_text(STUDY.replace("rates", "other"))
    assert command("run", "other.yaml", "--seeds", "2")[0] in (0, 2)
    store = ResultsFolder("r")
    whole = {name: store.folder.read(name) or b"" for name in store.folder.names("studies", deep=True)}
    for number in (1, 2):
        store.folder.delete(f"studies/rates/{number}.json")
        (said,) = gone_parts(store)
        assert said == f"studies/rates/{number}.json is gone; `study repair r` puts its copy in its place"
        store.folder.delete(f"studies/rates/{number}.copy")
        (said,) = gone_parts(store)
        assert said.startswith(f"studies/rates/{number}.json is gone, which") and "put it back" in said
        assert gone_studies(store) == ()
        for end in ("json", "copy"):
            name = f"studies/rates/{number}.{end}"
            store.folder.write(name, whole[name])
    assert gone_parts(store) == ()


def test_what_repair_put_aside_is_not_gone_too(command: Read) -> None:  # noqa: F811
    for end in ("json", "copy"):
        Path(f"r/studies/rates/1.{end}").write_bytes(b"x")
    assert command("repair")[0] == 0 and gone_parts(ResultsFolder("r")) == () and verify("r").sound


def test_runs_that_are_gone_are_said_and_the_same_command_mends_it(command: Read) -> None:  # noqa: F811
    shutil.rmtree("r/runs")
    store = ResultsFolder("r")
    for words, code in (("status", 0), ("verify", 4), ("claims", 0), ("repair", 4)):
        ended, said = command(words)
        assert ended == code and "runs/ is gone, which says what seeds" in " ".join(said.split()), (words, said)
    code, said = command("run", "rates.yaml", "--seeds", "2")
    assert code == 0 and "nothing to train" in said and gone_parts(store) == () and verify("r").sound


def test_one_of_several_runs_without_its_file_is_said_and_fails_nothing(command: Read) -> None:  # noqa: F811
    """A folder that was put together had trials of three runs whose files were not copied, and nobody said so."""
    assert command("run", "rates.yaml", "--seeds", "3")[0] == 0 and absent_runs_said(ResultsFolder("r")) == ()
    first, second = sorted(Path("r/runs").glob("*.json"))
    kept = first.read_bytes()
    first.unlink()
    trained = len(ResultsFolder("r").trials.on_record()) * 2 // 3
    said = f"runs/ has no file of 1 run that trained {trained} trials ({first.name}): verdicts count these trials"
    for words, end in (("status", "next study"), ("verify", "all sound")):
        code, shown = command(words)
        assert code == 0 and said in (line := " ".join(shown.split())) and end in line, shown
    assert command("claims")[0] == 0 and gone_parts(ResultsFolder("r")) == ()
    first.write_bytes(b"x")
    assert command("repair")[0] == 0 and absent_runs_said(ResultsFolder("r")) == (), "it was told of when it was moved"
    first.write_bytes(kept)
    second.unlink()
    assert "1 run that trained" in absent_runs_said(ResultsFolder("r"))[0]


def test_a_search_whose_events_are_gone_is_named(tmp_path: Path) -> None:
    where = tmp_path / "search"
    shutil.copytree(ROOT / "tests/fixtures/v0.1/search/results", where)
    assert gone_parts(ResultsFolder(where)) == ()
    shutil.rmtree(where / "searches")
    (said,) = survey(ResultsFolder(where)).gone
    assert said.startswith("searches/seeking/ is gone, which has how seeking.answer was chosen")
    assert not verify(str(where)).sound


def test_a_table_of_arms_that_cannot_be_read_names_nothing(command: Read) -> None:  # noqa: F811
    store = ResultsFolder("r")
    for damage in (b"", b"no table", (store.folder.read(ARMS) or b"")[:-9]):
        store.folder.write(ARMS, damage)
        assert gone_parts(store) == ()
