"""The report: whole, honest about what is missing, the same each time, and safe against text from outside."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from analysis import report
from analysis.chapter import sections
from analysis.claims import recorded
from analysis.figures import missing
from analysis.report import overview
from analysis.report import study_section as studies
from study.cli.main import app
from study.planning.protocol import Protocol
from study.spec import registry
from study.spec.claims import Claim, Level, Quantity
from study.spec.study import Arm, Study
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from tests.analysis.stores import store_of
from trainables.config.errors import BadInput, StoreError

SCALING, DROPOUT = registry.load_study("scaling"), registry.load_study("dropout")
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _few_figures(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Figures have tests of their own and cost seconds: they are drawn only in tests whose name says so."""
    without_figures(monkeypatch, all_of_them="drawn" not in request.node.name)


def without_figures(patch: pytest.MonkeyPatch, *, all_of_them: bool) -> None:
    patch.setattr(sections, "all_concepts", lambda *_: [])
    if all_of_them:
        patch.setattr(studies, "_figures", lambda *_: [])
        patch.setattr(overview, "claims_overview", lambda _: missing("claims", "Verdicts", "left out here"))


class Reader(HTMLParser):
    """What a page consists of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.tags if t == tag]

    @property
    def ids(self) -> list[str]:
        return [i for _, a in self.tags if (i := a.get("id"))]


Made = tuple[str, str, Path]


def made(folder: Path, *studies: Study, **how: Any) -> Made:
    """Page, Markdown and folder of a report."""
    store_of(folder / "results", studies, **how)
    return built(folder)


def built(folder: Path) -> Made:
    page = report.build(str(folder / "results"), folder / "out", markdown=True)
    assert page == folder / "out" / "index.html"
    return page.read_text(), (folder / "out" / "report.md").read_text(), folder / "out"


@pytest.fixture(scope="module")
def scaling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with pytest.MonkeyPatch.context() as patch:
        without_figures(patch, all_of_them=False)
        yield made(tmp_path_factory.mktemp("scaling"), SCALING)


def words(page: str) -> str:
    """The page's text."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", re.sub(r"<(script|style)>.*?</\1>", "", page, flags=re.DOTALL)))


def test_every_claim_has_its_verdict_in_a_sentence(scaling: Made) -> None:
    page, twin, _ = scaling
    for claim in SCALING.claims:
        assert f">{claim.id}</a>" in page and claim.id in twin
    assert "<strong>4</strong> supported" in page or "supported" in words(page)
    assert re.search(r"\([\d.-]+ to [\d.-]+\)[^.]*\. Claimed: .*Seen in 3 seeds\.", words(page))
    assert SCALING.question in words(page)


def test_needs_nothing_from_outside(scaling: Made) -> None:
    page = Reader(scaling[0])
    for tag, attributes in page.tags:
        for name in ("src", "href", "srcset", "action"):
            value = attributes.get(name) or ""
            beside = (scaling[2] / value).is_file() if re.fullmatch(r"(figures|tables)/[\w.-]+\.csv", value) else False
            assert value == "" or value.startswith(("#", "data:")) or beside, f"{tag} {name}={value[:60]}"
    assert not page.all("iframe") and [a for a in page.all("script") if a] == []
    assert "url(" not in scaling[0].split("</style>")[0] and "@import" not in scaling[0]


def test_sane_for_keyboard_and_screen_reader(scaling: Made) -> None:
    page = Reader(scaling[0])
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("main")) == len(page.all("h1")) == len(page.all("nav")) == len(page.all("footer")) == 1
    assert page.all("a")[0] == {"class": "skip", "href": "#content"}
    assert all(a.get("alt") for a in page.all("img"))
    assert all(a.get("aria-label") for _, a in page.tags if a.get("role") == "img")
    assert all(a.get("scope") in ("col", "row") for a in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    levels = [int(t[1]) for t, _ in page.tags if re.fullmatch("h[1-6]", t)]
    assert levels[0] == 1 and all(after - before <= 1 for before, after in pairwise(levels))


def test_places_are_unique_and_links_lead_somewhere(scaling: Made) -> None:
    page = Reader(scaling[0])
    assert len(page.ids) == len(set(page.ids))
    targets = {str(a["href"])[1:] for a in page.all("a") if str(a["href"]).startswith("#")}
    assert targets <= set(page.ids)
    assert {a["aria-labelledby"] for _, a in page.tags if "aria-labelledby" in a} <= set(page.ids)


def test_claims_that_are_spelled_alike_have_places_and_files_of_their_own(tmp_path: Path) -> None:
    """All that leads to a claim leads to its own, from the first screen on."""
    level = Level(quantity=Quantity(arm="b", metric="val_accuracy"), low=0.1)
    claims = tuple(Claim(id=i, statement=f"It is {i}.", parts=(level, level)) for i in ("c_1", "c-1", "C-1"))
    study = Study(name="own", title="t", question="q?", knobs=("lr",), epochs=3, arms=(Arm(name="b"),), claims=claims)
    page, _, folder = made(tmp_path, study)
    ids = Reader(page).ids
    targets = {str(a["href"])[1:] for a in Reader(page).all("a") if str(a["href"]).startswith("#")}
    assert len(ids) == len(set(ids)) and targets <= set(ids)
    places = re.findall(r'<a[^>]* href="#(claim-[^"]*)"[^>]*>(?:<[^>]*>)*([cC][_-]1)\b', page)
    assert len({place for place, _ in places}) == len({claim for _, claim in places}) == 3
    assert ("claim-own-c-1", "c_1") in places, "the first keeps the name that people have linked"
    assert len(list((folder / "tables").glob("*-parts*.md"))) == 3


def test_a_count_of_seeds_leads_to_its_trials(scaling: Made) -> None:
    """Every number of the page did but this one."""
    compared = scaling[0].split('id="scaling-compared"')[1].split("</table>")[0]
    places = re.findall(r'<a href="#(trials-scaling--\d+)">3</a></td>', compared)
    assert len(places) == len(set(places)) == len(SCALING.arms) and set(places) <= set(Reader(scaling[0]).ids)


def test_the_numbers_of_the_parts_of_a_claim_lead_to_the_trials_behind_it(scaling: Made) -> None:
    """The sentence of the claim did, and its parts did not."""
    ids = Reader(scaling[0]).ids
    shown = re.findall(r'<caption>Parts of .*?</table>(?=.*?id="(claim-[^"]*-trials)")', scaling[0], re.S)
    parts = re.findall(r"<caption>Parts of .*?</table>", scaling[0], re.S)
    assert parts and len(parts) == len(shown)
    for part, behind in zip(parts, shown, strict=True):
        places = set(re.findall(r'<th scope="row">[^\n]*?<a href="#([^"]*)">', part))
        assert places == {behind} <= set(ids)


def test_markdown_twin_links_its_figures(scaling: Made) -> None:
    _, twin, folder = scaling
    linked = re.findall(r"\]\((figures/[^)]+)\)", twin)
    assert linked and all((folder / path).is_file() for path in linked)
    for path in linked:
        stem = folder / path.removesuffix(".svg")
        assert stem.with_suffix(".csv").is_file() and not stem.with_suffix(".png").exists()


def test_tables_as_files(scaling: Made) -> None:
    tables = scaling[2] / "tables"
    assert "scaling-1" in (tables / "claims.csv").read_text()
    for name in ("claims", "overfitting", "runs", "scaling-overfitting"):
        assert "\\begin{tabular}" in (tables / f"{name}.tex").read_text()
        assert (tables / f"{name}.md").read_text().startswith("**")


def test_the_same_bytes_each_time_drawn(tmp_path: Path) -> None:
    store_of(tmp_path / "results", [SCALING], seeds=(0, 1))
    contents = []
    for name in ("a", "b"):
        report.build(str(tmp_path / "results"), tmp_path / name)
        files = sorted((tmp_path / name).rglob("*.*"))
        contents.append({p.relative_to(tmp_path / name): p.read_bytes() for p in files})
    assert contents[0] == contents[1] and len(contents[0]) > 20


def test_the_report_within_the_results_folder_does_no_harm(tmp_path: Path) -> None:
    store_of(tmp_path, [SCALING], seeds=(0, 1))
    page = report.build(str(tmp_path))
    assert page == tmp_path / "report" / "index.html"
    assert report.build(str(tmp_path)).read_text() == page.read_text()
    assert len(list(ResultsFolder(tmp_path).trials.records())) == 4


# ------------------------------------------------------------------------------------------------- what is not there


def test_reduced_results_are_marked(tmp_path: Path) -> None:
    page, twin, _ = made(tmp_path, Protocol((0, 1, 2), quick=True).study(SCALING))
    assert 'class="banner"' in page and "Reduced run" in twin
    shown = words(page)
    findings = page.count('<div class="claim reduced"')
    assert findings == len(SCALING.claims) and page.count('<div class="claim ') == findings
    assert shown.count("In full, on record: supported.") == findings and "not judged (reduced); on record: " in shown
    assert f"{findings} not judged (reduced)" in shown and f"**{findings}** not judged (reduced)" in twin
    head, row = page.split('<section id="answers"')[0], page.split('<li class="q"')[1].split("</li>\n</ol>")[0]
    strip = head.split('<ul class="strip" aria-label="Verdicts">')[1].split("</ul>")[0]
    assert "6,000 training examples" in shown
    assert words(strip).split() == f"{findings} not judged (reduced)".split(), "it counts what there is"
    counts = Counter(r.verdict for r in recorded.published().verdicts if r.study == "scaling")
    for verdict, count in counts.items():
        assert f"{count} {verdict}" in words(head), "on the first screen, beside what was not judged"
    (full,) = (a for a in recorded.published().answers if a.study == "scaling")
    assert f"In full, on record: {full.answer}" in words(row), "the answer to the same question"
    assert f"in full, on record: {full.number}" in words(row) and " points " in full.number, "beside the reduced one"
    assert all(f"{r.id}: {r.verdict}" in words(row) for r in recorded.published().verdicts if r.study == "scaling")
    assert "reduced runs, which judge no claim" in shown or "checked each claim" not in shown
    assert f"On record in full, and not of this run: **{counts['supported']}** supported" in twin
    assert f"In full, on record: {full.answer} *{full.number}.*" in twin


def test_a_full_protocol_is_not_marked_as_reduced(scaling: Made) -> None:
    assert "Reduced" not in words(scaling[0]) and "Reduced" not in scaling[1]


def test_claims_that_name_absent_studies(tmp_path: Path) -> None:
    page, _, _ = made(tmp_path, DROPOUT)
    assert "there is no study annealing here" in words(page)


@pytest.mark.parametrize("damage", ["trial", "study", "run"])
def test_damage_is_named_and_the_rest_reported(tmp_path: Path, damage: str) -> None:
    store = store_of(tmp_path / "results", [SCALING, DROPOUT], seeds=(0, 1))
    name = {
        "trial": store.trials.gathered()[0],
        "study": "studies/dropout/1.json",
        "run": "runs/20260101T000000-000000.json",
    }[damage]
    path = tmp_path / "results" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    shown = words(built(tmp_path)[0])
    assert "Could not be read" in shown and "damaged" in shown
    assert "Scaling the input" in shown


def test_nothing_at_all(tmp_path: Path) -> None:
    ResultsFolder(tmp_path / "results", create=True)
    page, twin, _ = built(tmp_path)
    assert "no study in this folder" in words(page) and "no study in this folder" in twin


def test_no_number_that_is_none(tmp_path: Path) -> None:
    endings = {("scaled", s): ("diverged", 1) for s in (0, 1, 2)}
    page, twin, _ = made(tmp_path, SCALING, endings=endings)
    for text in (words(page), twin):
        assert not re.search(r"\bnan\b|\binf\b|\bNone\b|\bNaT\b", text)


def hostile(folder: Path) -> Study:
    arms = (Arm(name="a", note=EVIL), Arm(name="b", change={"lr": 0.01}, note="$x_{y}$ | `c` ](javascript:x)"))
    claim = Claim(
        id=f"{EVIL} id",
        statement=f'"><img src=x onerror=alert(1)> {EVIL}',
        parts=(Level(quantity=Quantity(arm="a", metric="val_accuracy"), low=0.1),),
        note=EVIL,
    )
    return Study(
        name="own", title=f"{EVIL}&amp;", question=f"{EVIL}?", knobs=("lr",), epochs=3, arms=arms, claims=(claim,)
    )


def test_text_from_outside_is_text(tmp_path: Path) -> None:
    study = hostile(tmp_path)
    store = store_of(tmp_path / "results", [study], seeds=(0, 1), host=EVIL)
    said = RunRecord(command=("study", EVIL), studies=(EVIL,), seeds=(0,), versions={EVIL: EVIL}, python=EVIL)
    write_run(store.folder, "zz", said)
    page, twin, _ = built(tmp_path)
    assert EVIL not in page and EVIL not in twin
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    reader = Reader(page)
    assert len(reader.all("script")) == 1 and not [a for _, a in reader.tags if "onerror" in a]
    assert not re.search(r"(?<!\\)\]\(javascript", twin)


def test_bad_input_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no results"):
        report.build(str(tmp_path / "nothing"), tmp_path / "out")
    store_of(tmp_path / "results", [SCALING], seeds=(0, 1))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be written"):
        report.build(str(tmp_path / "results"), tmp_path / "file")


# -------------------------------------------------------------------------------------------------------- the commands


@pytest.fixture
def study_command(tmp_path: Path) -> Callable[..., Any]:
    return lambda *words: CliRunner().invoke(app, [*words], catch_exceptions=True)


def test_claims_as_text_and_json(tmp_path: Path, study_command: Callable[..., Any]) -> None:
    store_of(tmp_path, [SCALING])
    shown = study_command("claims", str(tmp_path))
    assert shown.exit_code == 0 and "4 claims:" in shown.stdout
    found = json.loads(study_command("claims", str(tmp_path), "--json").stdout)
    assert [v["id"] for v in found] == [c.id for c in SCALING.claims]
    assert {"id", "verdict", "estimate", "low", "high", "n", "trials"} <= found[0].keys()
    assert found[0]["n"] == 3 and len(found[0]["trials"]) == 3


def test_claims_that_cannot_be_judged_end_otherwise(tmp_path: Path, study_command: Callable[..., Any]) -> None:
    store_of(tmp_path, [SCALING], skip=[("scaled", 0), ("scaled", 1), ("scaled", 2)])
    ended = study_command("claims", str(tmp_path), "--json")
    assert ended.exception.exit_code == 7 and "scaling-3, scaling-4" in str(ended.exception)
    assert len(json.loads(ended.stdout)) == 4


def test_figures_and_tables_as_files(tmp_path: Path, study_command: Callable[..., Any]) -> None:
    store_of(tmp_path / "results", [SCALING], seeds=(0, 1))
    for command, file in (("figures", "claims.svg"), ("tables", "claims.tex")):
        done = study_command("export", str(tmp_path / "results"), "--to", command, "--out", str(tmp_path / command))
        assert done.exit_code == 0, done.output
        assert (tmp_path / command / file).is_file()


def test_results_elsewhere_need_a_place(tmp_path: Path) -> None:
    store_of(tmp_path / "results", [SCALING], seeds=(0, 1))
    with pytest.raises(BadInput, match="name a folder on this machine"):
        report.tables(f"file://{tmp_path}/results")
