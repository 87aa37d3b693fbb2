"""What of one's own a submission takes along, from the laptop to the head, and what is refused on the way."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from study.app.plan_studies import plan_submission
from study.cluster import head_entry, inputs, submit
from study.cluster.cluster_file import read_first_document
from study.cluster.preflight import Submission, study_words
from study.storage.durable_files import Folder
from tests.study import own
from trainables.config.errors import BadInput, DataError, StorageRefused, StoreError

STUDY = {
    "name": "mine",
    "title": "Mine",
    "question": "Does it travel?",
    "knobs": ["lr"],
    "epochs": 2,
    "base": {"data": "patterns", "hidden": [4], "batch_size": 20},
    "arms": [{"name": "a"}, {"name": "b", "change": {"lr": 0.01}}],
}
PYTHON = "from beside.values import VALUES\nfrom study.spec import Study\nstudy = Study.from_dict(VALUES)\n"


@pytest.fixture
def mine(laptop: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A laptop with a study of its own, in YAML and Python, data of its own, and a cluster that mounts a folder."""
    config = read_first_document(Path(__file__).parents[3] / "cluster/local.yaml")
    config["metadata"]["study"]["python"] = head_entry.versions().python
    config["setup_commands"] = []
    (laptop / "local.yaml").write_text(yaml.safe_dump(config))
    for name in ("data", "mounted", "head", "beside"):
        (laptop / name).mkdir()
    own.data(laptop / "data", "patterns", 60, 30)
    (laptop / "mine.yaml").write_text(yaml.safe_dump(STUDY))
    (laptop / "mine.py").write_text(PYTHON)
    (laptop / "beside/__init__.py").write_text("")
    (laptop / "beside/values.py").write_text(f"VALUES = {STUDY!r}\n")
    monkeypatch.setattr("study.cluster.submit._run", lambda *args: None)
    yield laptop
    assert not list((laptop / "data").glob("*.part"))


def asked(folder: Path, name: str = "mine.yaml", url: str = "") -> Submission:
    where = None if url else folder / "data"
    return Submission((name,), "local.yaml", str(folder / "mounted/run"), 1, data_dir=where, data_url=url)


def said(request: Submission, *, dry_run: bool = False) -> str:
    lines: list[str] = []
    submit.submit(request, plan_submission, dry_run=dry_run, say=lines.append)
    return "\n".join(lines)


def found(request: Submission) -> inputs.OwnData:
    data = inputs.own_data(plan_submission(request), request.data_dir, request.data_url, request.results)
    assert data is not None
    return data


# --------------------------------------------------------------------------------------------------------------- data


def test_own_data_are_packed_by_content_and_sent_once(mine: Path) -> None:
    text = said(asked(mine), dry_run=True)
    assert f"patterns.npz (5.0 kB): packed into {mine}/mounted/run/inputs" in text
    assert not (mine / "mounted/run").exists(), "a dry run writes nothing"
    assert "sent       patterns.npz, 5.0 kB" in said(asked(mine))
    assert "sent " not in said(asked(mine)), "its content is there"
    (packed,) = (mine / "mounted/run/inputs").iterdir()
    assert packed.read_bytes() == (mine / "data/patterns.npz").read_bytes()
    assert packed.stem == inputs.sha256_of(packed)


def test_the_head_fetches_them_once_into_a_folder_of_its_own(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, head = found(asked(mine)), mine / "head"
    inputs.pack_data(data, mine / "data")
    monkeypatch.setattr("pathlib.Path.home", lambda: head)
    ran: list[tuple[str, str, list[str]]] = []
    monkeypatch.setattr(
        "os.execvp", lambda name, words: ran.append((str(Path.cwd()), os.environ["STUDY_DATA_DIR"], words))
    )
    monkeypatch.setenv("STUDY_DATA_DIR", "/another")
    words = ["--expect", head_entry.versions().to_json(), "--data", data.to_json(), "--", "study", "run", "mine.yaml"]
    assert head_entry.main(words) == 0
    ((where, folder, command),) = ran
    assert command == ["study", "run", "mine.yaml"] and Path(where).is_relative_to(head / "study-files")
    assert inputs.sha256_of(Path(folder) / "patterns.npz") == data.sha256
    assert [oct(p.stat().st_mode & 0o777) for p in (Path(folder), Path(folder).parent)] == ["0o700", "0o700"]
    shutil.rmtree(mine / "mounted")
    assert str(head_entry.place_data(data, head)) == folder, "a second run fetches nothing"


def test_what_is_at_a_url_is_read_there(mine: Path) -> None:
    url = (mine / "data").as_uri()
    text = said(asked(mine, url=url), dry_run=True)
    assert f"patterns.npz (5.0 kB): the head reads it from {url}, handed once to each node" in text
    said(asked(mine, url=url))
    assert not (mine / "mounted/run").exists(), "nothing is sent"
    data = inputs.own_data(plan_submission(asked(mine)), mine / "data", url, "/nowhere")
    assert data is not None and head_entry.place_data(data, mine / "head") == mine / "data"
    own.data(mine / "data", "patterns", 90, 30)
    with pytest.raises(BadInput, match="on the head it is another file than on the laptop"):
        head_entry.place_data(data, mine / "head")
    (mine / "data/patterns.npz").unlink()
    with pytest.raises(BadInput, match=r"patterns\.npz'; it is not on the head"):
        head_entry.place_data(data, mine / "head")


@pytest.mark.parametrize("name", ["sp ace", "grün", "per%20cent", "a+b"])
def test_a_folder_may_be_called_as_people_call_theirs(mine: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (mine / "data").rename(mine / name)
    (mine / "data").symlink_to(name)
    monkeypatch.chdir(mine)
    for folder in (Path(name), mine / name, Path("data")):
        request = dataclasses.replace(asked(mine), data_dir=folder)
        assert f"packed into {mine}/mounted/run/inputs" in said(request, dry_run=True)
    for url in ((mine / name).as_uri(), (mine / name).as_uri().replace("file:///", "file://localhost/")):
        assert f"the head reads it from {url}" in said(asked(mine, url=url), dry_run=True)
        assert inputs.folder_of_file_url(url) == mine / name


def test_the_same_content_under_two_names_is_sent_once(mine: Path) -> None:
    shutil.copy(mine / "data/patterns.npz", mine / "data/twin.npz")
    (mine / "twin.yaml").write_text((mine / "mine.yaml").read_text().replace("patterns", "twin"))
    assert "sent       patterns.npz" in said(asked(mine)) and "sent " not in said(asked(mine, "twin.yaml"))
    data = found(asked(mine, "twin.yaml"))
    assert (head_entry.place_data(data, mine / "head") / "twin.npz").is_file()
    assert (head_entry.place_data(found(asked(mine)), mine / "head") / "patterns.npz").is_file()


def test_built_in_data_do_not_travel() -> None:
    assert inputs.input_lines({}, None) == ["data       fashion-mnist: the head finds or fetches it; nothing travels"]


def test_what_cannot_travel_is_said_in_a_line(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = mine / "data/patterns.npz"
    whole = file.read_bytes()
    with monkeypatch.context() as small:
        small.setattr(inputs, "MAX_DATA_BYTES", 4_000)
        with pytest.raises(BadInput, match=r"5\.0 kB; at most 4\.0 kB travel"):
            said(asked(mine))
    file.unlink()
    with pytest.raises(Exception, match=r"there is no patterns\.npz in .*; data sets in that folder: none"):
        said(asked(mine))
    file.mkdir()
    with pytest.raises(DataError, match=r"patterns\.npz is no file"):
        said(asked(mine))
    file.rmdir()
    (mine / "elsewhere").write_bytes(whole)
    file.symlink_to(mine / "elsewhere")
    assert "sent " in said(asked(mine)), "of a link, what it means"
    assert not (mine / "mounted/run/inputs" / f"{inputs.sha256_of(file)}.npz").is_symlink()
    with pytest.raises(BadInput, match=r"--data-dir: got 'nowhere://x'; this storage cannot be used"):
        said(asked(mine, url="nowhere://x"))
    for url in ("http://127.0.0.1:1/data", "https://example.org/data"):
        with pytest.raises(BadInput, match=r"nothing is read from the web: fetch the file and name the folder"):
            said(asked(mine, url=url))
    for url in ("file://data", "file://data/deeper", "file://", "file:///"):
        with pytest.raises(BadInput, match=r"expected file:///PATH, three strokes"):
            said(asked(mine, url=url))
    monkeypatch.setattr(inputs, "Folder", lambda url: Folder(mine / "mounted"))
    with pytest.raises(BadInput, match=r"--data-dir: got 's3://b/data'; there is no patterns\.npz in it"):
        said(asked(mine, url="s3://b/data"))


def test_data_that_change_are_never_taken_for_those_that_were_read(mine: Path) -> None:
    data = found(asked(mine))
    own.data(mine / "data", "patterns", 90, 30)
    with pytest.raises(BadInput, match="it changed while it was being sent"):
        inputs.pack_data(data, mine / "data")
    assert list((mine / "mounted/run/inputs").iterdir()) == []
    data = found(asked(mine))
    inputs.pack_data(data, mine / "data")
    packed = mine / "mounted/run" / data.file
    packed.write_bytes(packed.read_bytes()[:-1] + b"x")
    assert not inputs.pack_data(data, mine / "data"), "by its name and size it is there"
    with pytest.raises(BadInput, match="it was damaged, and is removed; the same `study submit` packs it again"):
        head_entry.place_data(data, mine / "head")
    assert not list((mine / "head").rglob("*.npz"))
    assert inputs.pack_data(data, mine / "data") and inputs.sha256_of(packed) == data.sha256
    packed.unlink()
    with pytest.raises(BadInput, match="it is gone; the same `study submit` packs it again"):
        head_entry.place_data(data, mine / "head")


def test_no_link_in_the_results_folder_is_followed(mine: Path) -> None:
    data = found(asked(mine))
    inputs.pack_data(data, mine / "data")
    packed = mine / "mounted/run" / data.file
    packed.rename(mine / "outside")
    packed.symlink_to(mine / "outside")
    with pytest.raises(StoreError, match="is a link to another place"):
        head_entry.place_data(data, mine / "head")


def test_a_head_without_room_says_so(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = found(asked(mine))
    monkeypatch.setattr("shutil.disk_usage", lambda path: shutil._ntuple_diskusage(9_000, 8_900, 100))
    with pytest.raises(StorageRefused, match=r"patterns\.npz has 5\.0 kB, and 100 bytes are free on the head"):
        head_entry.place_data(data, mine / "head")


# -------------------------------------------------------------------------------------------------------- study files


def test_a_study_in_python_takes_along_what_it_imports(mine: Path) -> None:
    files = inputs.study_files(["mine.py", "dropout"])
    assert sorted(files) == ["beside/__init__.py", "beside/values.py", "mine.py"]
    text = said(asked(mine, "mine.py"), dry_run=True)
    assert re.search(
        r"files +mine\.py \(\d+ bytes\), beside/__init__\.py \(0 bytes\), beside/values\.py \(\d+ bytes\): with", text
    )
    folder = head_entry.place_files(files, mine / "head")
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    there = dataclasses.replace(asked(mine), names=(str(folder / "mine.py"),))
    assert plan_submission(there).trials == plan_submission(asked(mine)).trials
    other = head_entry.place_files({"mine.yaml": b""}, mine / "head")
    assert other != folder and [p.name for p in other.iterdir()] == ["mine.yaml"], "no file of another submission"


def test_a_link_to_a_study_in_python_is_what_it_means(mine: Path) -> None:
    (mine / "link.py").symlink_to(mine / "mine.py")
    request = asked(mine, "link.py")
    assert study_words(request)[2] == "mine.py" and "mine.py" in inputs.study_files(request.names)


def test_a_study_that_needs_more_than_travels_is_refused_here(mine: Path) -> None:
    (mine / "rates.csv").write_text("0.1\n")
    (mine / "mine.py").write_text(
        "from pathlib import Path\nRATE = float((Path(__file__).parent / 'rates.csv').read_text())\n" + PYTHON
    )
    with pytest.raises(
        BadInput, match=r"only the Python files that it imports are sent with it, .* FileNotFoundError"
    ) as caught:
        said(asked(mine, "mine.py"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("names", "wrong"),
    [
        (["big.yaml"], "at most 60000 bytes"),
        (["a/mine.py", "mine.py"], "another of these studies has a file beside/values.py too"),
        (["gone.yaml"], None),
    ],
)
def test_study_files_that_cannot_travel(mine: Path, names: list[str], wrong: str | None) -> None:
    (mine / "big.yaml").write_text("#" * 70_000)
    shutil.copytree(mine / "beside", mine / "a/beside")
    (mine / "a/mine.py").write_text(PYTHON)
    (mine / "a/beside/values.py").write_text(f"VALUES = { ({**STUDY, 'name': 'other'})!r}\n")
    if wrong is None:
        assert inputs.study_files(names) == {}, "the plan says that there is none"
        return
    with pytest.raises(BadInput, match=wrong):
        inputs.study_files(names)


@pytest.mark.parametrize("name", ["../out.py", "/out.py", "a//b.py", "."])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="within the folder"):
        inputs.write_files({name: b""}, tmp_path / "in")


def test_files_are_put_where_another_run_reads_them(tmp_path: Path) -> None:
    """What is there already is left alone, and what is not whole is replaced: no one meets an empty file."""
    files = {"mine.yaml": b"name: mine\n", "data/code.py": b"x = 1\n"}
    folder = head_entry.place_files(files, tmp_path)
    os.utime(folder / "mine.yaml", ns=(0, 0))
    (folder / "data/code.py").write_bytes(b"x")
    os.link(folder / "data/code.py", tmp_path / "as it is read")
    assert head_entry.place_files(files, tmp_path) == folder
    assert (folder / "mine.yaml").stat().st_mtime_ns == 0
    assert (folder / "data/code.py").read_bytes() == b"x = 1\n" and (tmp_path / "as it is read").read_bytes() == b"x"
    assert [f.name for f in (tmp_path / "study-files").iterdir()] == [folder.name]
