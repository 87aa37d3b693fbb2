"""The documents tell the truth: their links lead somewhere, and the commands that they show exist."""

from __future__ import annotations

import json
import re
import runpy
import shlex
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer

from study.cli import main as cli
from study.spec import registry

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").rglob("*.md")})

LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+\s+(.+?)\s*#*$", re.MULTILINE)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(text: str) -> str:
    """The text without what is code."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """The headings of a document, spelt as links to them are."""
    kept = (
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(FENCE.sub("", text))
    )
    return set(kept)


def dead_links(document: Path) -> list[str]:
    dead = []
    for target in LINK.findall(prose(document.read_text())):
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (document.parent / path) if path else document
        if not place.exists() or (anchor and place.suffix == ".md" and anchor not in anchors(place.read_text())):
            dead.append(target)
    return dead


def commands(text: str) -> Iterator[str]:
    """The lines of shell blocks, continued lines joined, without prompts and remarks."""
    for language, block in FENCE.findall(text):
        if language in ("bash", "sh", "shell", "console"):
            for line in block.replace("\\\n", " ").splitlines():
                for part in re.split(r"&&|;|\|", line.strip().removeprefix("$ ").split(" #")[0]):
                    yield part.strip()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_what_is_to_be_pasted_has_no_remarks(document: Path) -> None:
    """In zsh, macOS's shell, `#` is a word at the prompt: it ran the `make install` of a remark on `pip install .`."""
    blocks = [block for language, block in FENCE.findall(document.read_text()) if language in ("bash", "sh", "shell")]
    assert [line for block in blocks for line in block.splitlines() if re.search(r"(^|\s)#", line)] == []


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_no_dead_links(document: Path) -> None:
    assert dead_links(document) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_make_commands_exist(document: Path) -> None:
    asked = {
        word
        for command in commands(document.read_text())
        if command.split()[:1] == ["make"]
        for word in shlex.split(command)[1:]
        if "=" not in word and not word.startswith("-")
    }
    assert asked - make_targets() == set()


def test_newcomers_commands_are_in_the_readme() -> None:
    said = set(commands((ROOT / "README.md").read_text()))
    assert {"make demo", "make test", "make check"} <= said


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 150


def test_study_commands_exist() -> None:
    """Every `study ...` in a shell block, or in a sentence, is a command with options that it has."""
    asked = {(d, c) for d in DOCUMENTS for c in commands(d.read_text()) if c.split()[:1] == ["study"]}
    told = (d for d in DOCUMENTS if d.name != "CHANGELOG.md")  # which names what is gone
    asked |= {(d, c) for d in told for c in re.findall(r"`(study [^`\n]*)`", FENCE.sub("", d.read_text()))}
    known = typer.main.get_command(cli.app)
    wrong = {f"{name(d)}: {c}" for d, c in asked if not _fits(known, shlex.split(c)[1:])}
    assert wrong == set()


def _fits(command: object, words: list[str]) -> bool:
    """Whether the words name a subcommand, and only options that it has."""
    while words and (subcommands := getattr(command, "commands", None)):
        if words[0] not in subcommands:
            return words[0] in ("--help", "--version")
        command, words = subcommands[words[0]], words[1:]
    options = {option for p in command.params for option in (*p.opts, *p.secondary_opts)} | {"--help"}  # type: ignore[attr-defined]
    return all(word.split("=")[0] in options for word in words if word.startswith("--"))


def snippets(document: Path, language: str) -> list[str]:
    return [block for kind, block in FENCE.findall(document.read_text()) if kind == language]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_study_files_in_documents_are_studies(document: Path, tmp_path: Path) -> None:
    for block in snippets(document, "yaml"):
        if re.search(r"^(arms|search):", block, re.MULTILINE):
            (tmp_path / "study.yaml").write_text(block)
            registry.load_study(str(tmp_path / "study.yaml"))


def test_the_lines_for_pandas_and_duckdb_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    script = tmp_path / "lines.py"
    script.write_text("\n".join(snippets(ROOT / "docs/guides/pandas.md", "python")))
    names = runpy.run_path(str(script))
    trials, epochs = names["trials"], names["epochs"]
    assert len(trials) >= 140 and set(trials["lr"]) > {0.001}
    assert len(epochs) == trials["epochs_done"].sum()
    assert epochs["epoch"].max() == trials["epochs_done"].max() >= 100 and epochs["val_accuracy"].between(0, 1).all()
    best, rates = names["best"], names["rates"]
    assert best.groupby("id")["best"].max().to_dict() == epochs.groupby("id")["val_accuracy"].max().to_dict()
    assert rates["n"].sum() == len(trials) and set(rates["lr"].astype(float)) == set(trials["lr"])
    last = names["ends"].set_index(["study", "arm", "seed"])["val_accuracy"]
    assert last.index.is_unique
    assert sum(last["dropout", "none", seed][29] for seed in range(5)) / 5 == pytest.approx(0.8922, abs=2e-4)


def test_the_lines_on_what_a_search_tried_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    script = tmp_path / "lines.py"
    *before, shown = "\n".join(snippets(ROOT / "docs/guides/search.md", "python")).strip().splitlines()
    script.write_text("\n".join([*before, f"best = {shown}"]))
    best = runpy.run_path(str(script))["best"]
    assert list(best["part"]) == ["adam", "sgd", "sgd", "adam"] and best["value"].is_monotonic_decreasing


WRITTEN = {"NAME", "study", "demo", "digits"}
"""By commands that are given no folder."""
EXAMPLES = {"a", "b", "all", "x"}
"""Stand for any folder."""
FOLDER = re.compile(r"(?<![\w/.-])(?:\./)?results/([\w-]+)")
MADE = re.compile(r"(?:--results|--into|cp -r \S+)[ =]results/([\w-]+)")


def folders_not_here(document: str, made: set[str]) -> set[str]:
    """The results folders that a text speaks of and nobody has.

    In prose, code and settings only what is kept here is there; in commands that are shown, what such a one makes too.
    """
    kept = {path.name for path in (ROOT / "results").iterdir() if path.is_dir() and _committed(path)}
    shown = FENCE.findall(document)
    commands_alone = " ".join([*(block for _, block in shown), *re.findall(r"`(study [^`\n]*)`", document)])
    others = re.sub(r"`study [^`\n]*`", "", FENCE.sub("", document))
    lacking = set(FOLDER.findall(others)) - kept - WRITTEN - EXAMPLES
    return lacking | set(FOLDER.findall(commands_alone)) - kept - WRITTEN - EXAMPLES - made


def test_the_results_that_texts_name_are_here() -> None:
    """A figure that rests on a folder that nobody has cannot be checked. What commands write is not meant."""
    folders = ("trainables", "study", "analysis", "benchmarks", "examples", "docs", "cluster")
    kinds = (".md", ".py", ".yaml", ".yml", ".toml", ".ipynb", ".json", ".js", ".cfg")
    below = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in kinds)
    texts = [*DOCUMENTS, *below, *ROOT.glob("*.toml"), *ROOT.glob("*.y*ml"), ROOT / "Makefile"]
    read = {name(path): path.read_text(encoding="utf-8") for path in texts}
    made = {folder for text in read.values() for _, block in FENCE.findall(text) for folder in MADE.findall(block)}
    assert {path: lacking for path, text in read.items() if (lacking := folders_not_here(text, made))} == {}


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("It reached 90.74 % (results/search-all).", {"search-all"}),
        ("See `results/search-all`, [there](results/search-all/report), ./results/gone.", {"search-all", "gone"}),
        ('"""Read from results/gone."""\nstudy.open("results/chapter")', {"gone"}),
        ('{"source": ["open(\'results/gone\')"]}', {"gone"}),
        ("```bash\nstudy run x --results results/mine\nstudy report results/mine\n```", set()),
        ("```bash\nstudy report results/gone\n```", {"gone"}),
        ("`study report results/mine` and `study report results/gone`", {"gone"}),
        ("https://x.org/results/gone and build/results/gone", set()),
    ],
)
def test_a_results_folder_that_nobody_has_is_found_wherever_it_is_named(text: str, lacking: set[str]) -> None:
    assert folders_not_here(text, {"mine"}) == lacking


def _committed(folder: Path) -> bool:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    return f"!/results/{folder.name}/" in ignored


@pytest.mark.parametrize("document", sorted((ROOT / "docs/decisions").glob("*.md")), ids=name)
def test_a_decision_says_since_when_and_what_it_costs(document: Path) -> None:
    text = document.read_text()
    assert re.match(r"# .+\n\nDate: \d{4}-\d\d-\d\d\b", text)
    assert re.search(r"^(\*\*|## )Cost", text, re.MULTILINE)


@pytest.mark.parametrize("place", ["local", "aws", "gcp", "kuberay"])
def test_a_guide_to_a_cluster_says_what_the_network_keeps_away_and_how_tls_is_set_up(place: str) -> None:
    text = (ROOT / f"docs/guides/cluster-{place}.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"^## What the network must keep away\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    ray = find_spec("ray")
    assert ray and ray.origin
    rays = Path(ray.origin).parent / "_common" / "tls_utils.py"
    for name in ("RAY_USE_TLS", "RAY_TLS_SERVER_CERT", "RAY_TLS_SERVER_KEY", "RAY_TLS_CA_CERT"):
        assert name in said and name in rays.read_text(encoding="utf-8")
    assert re.search(r"not tested|never on a cluster", said), "nothing is promised that no test holds"


def test_the_pictures_of_the_chapter_are_of_the_records_that_its_documents_tell_of() -> None:
    """`make pictures` keeps the sentence below the title, with its counts; it was 5 networks short of the text."""
    said = json.loads((ROOT / "docs/pictures/pages.json").read_text(encoding="utf-8"))
    report = (ROOT / "docs/chapter/report.md").read_text(encoding="utf-8")
    assert all(said[picture] in report for picture in ("page-light", "page-dark", "page-phone")), "make pictures"


def test_every_listed_task_has_a_line_of_help() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: (\S+)", makefile, re.MULTILINE))
    told = set(re.findall(r"^([a-z0-9-]+):[^\n]*## \S", makefile, re.MULTILINE))
    assert phony == told


def test_no_machine_paths() -> None:
    """Nothing in the documents names a folder that only one machine has."""
    for document in DOCUMENTS:
        assert not re.search(r"(?<![\w.])/(work|root|home/\w+)/", document.read_text()), name(document)


def test_version_is_in_the_changelog() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert f"## {version}" in changes


def test_images_that_are_built_and_pushed_have_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for path in (ROOT / "cluster/kuberay.yaml", ROOT / "docs/guides/cluster-kuberay.md"):
        named = re.findall(r"/study:([\d.]+\d)", path.read_text())
        assert len(named) >= 2 and set(named) == {version}, name(path)


def test_the_paths_in_contributing_exist() -> None:
    """Whoever carries on is sent to files that are there."""
    named = re.findall(r"`((?:trainables|study|analysis|tests|docs)/[\w./-]+)`", (ROOT / "CONTRIBUTING.md").read_text())
    assert len(named) > 15
    assert [path for path in named if not (ROOT / path).exists()] == []
