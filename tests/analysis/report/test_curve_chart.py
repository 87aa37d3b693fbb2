"""Curves as the page draws them: all that is there, with what is not there said."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
from pathlib import Path

import pytest

from analysis import report
from analysis.data.arms import arm_epochs
from analysis.data.frames import from_records
from analysis.figures import curves
from analysis.report.curve_chart import METRICS, curve_chart, ends_words
from study.spec.study import Arm, Study
from tests import synthetic
from tests.analysis.stores import store_of
from tests.browser import tab

STUDY = Study(
    name="own",
    title="Own",
    question="Does it help?",
    knobs=("lr",),
    epochs=5,
    arms=(
        *(Arm(name=f"lr-{i}", change={"lr": 0.001 * i}) for i in range(1, 7)),
        Arm(name="long-" + "x" * 59, change={"lr": 0.5}, epochs=8, extra=True),
    ),
)


def test_every_arm_and_number_of_the_figure_is_in_the_chart() -> None:
    shift = {"lr-2": 0.1, "lr-3": -0.1, "lr-4": 0.2}
    epochs = arm_epochs(from_records(synthetic.records(STUDY, (0, 1, 2), shift=shift)), STUDY)
    chart = curve_chart(STUDY, epochs, ["own-curves"])
    assert chart is not None and chart.epochs == 8 and chart.csv == (("own-curves", "curves"),)
    data = json.loads(chart.data)
    assert [a["name"] for a in data["arms"]] == [a.name for a in chart.arms]
    assert {a["name"] for a in data["arms"]} == {a.name for a in STUDY.arms}
    assert [a.shown for a in chart.arms] == [True] * 4 + [False] * 3
    assert "Shown at first: 4 of 7 arms; the boxes show the others." in chart.note
    frame = curves.prepare(epochs, METRICS)
    for arm in data["arms"]:
        for metric, (values, lows, highs) in arm["lines"].items():
            rows = frame[(frame["arm"] == arm["name"]) & (frame["metric"] == metric)]
            for drawn, column in ((values, "value"), (lows, "low"), (highs, "high")):
                assert drawn == pytest.approx(rows[column].tolist(), rel=1e-3)


def test_an_arm_keeps_its_colour_whatever_has_epochs_yet() -> None:
    whole = arm_epochs(from_records(synthetic.records(STUDY, (0,))), STUDY)
    begun = whole[whole["arm"] != "lr-2"]
    chart, later = curve_chart(STUDY, begun, []), curve_chart(STUDY, whole, [])
    assert chart is not None and later is not None and len(later.arms) == len(chart.arms) + 1
    then = {a.name: a.colour for a in later.arms}
    assert all(then[a.name] == a.colour for a in chart.arms) and len(set(then.values())) == len(then)
    assert [a["colour"] for a in json.loads(chart.data)["arms"]] == [a.colour for a in chart.arms]


def test_what_a_claim_speaks_of_is_shown_at_first() -> None:
    claim = {"id": "own-1", "statement": "S.", "parts": [
        {"form": "level", "quantity": {"arm": "lr-6", "metric": "val_accuracy"}, "low": 0.5}]}  # fmt: skip
    study = Study.from_dict({**STUDY.to_dict(), "claims": [claim]})
    chart = curve_chart(study, arm_epochs(from_records(synthetic.records(study, (0,))), study), [])
    assert chart is not None and {a.name for a in chart.arms if a.shown} > {"lr-1", "lr-6"}


def test_the_learning_rate_is_a_curve_too_where_the_study_asks_for_it() -> None:
    study = dataclasses.replace(STUDY, figures=("curves", "lr"))
    epochs = arm_epochs(from_records(synthetic.records(study, (0, 1))), study)
    files = ["own-curves", "own-lr"]
    chart, plain = curve_chart(study, epochs, files), curve_chart(STUDY, epochs, files[:1])
    assert chart is not None and plain is not None
    assert chart.measures == (*plain.measures, "rate") and [name for name, _ in chart.csv] == files
    for arm in json.loads(chart.data)["arms"]:
        rates = epochs[(epochs["arm"] == arm["name"]) & (epochs["seed"] == 0)].sort_values("epoch")["lr"]
        assert arm["lines"]["lr"][0] == pytest.approx(rates.tolist(), rel=1e-3)
    assert all("lr" not in arm["lines"] for arm in json.loads(plain.data)["arms"])


def test_a_trial_that_diverged_is_a_line_with_its_end() -> None:
    records = synthetic.records(STUDY, (0, 1), endings={("lr-2", 1): ("diverged", 3)})
    chart = curve_chart(STUDY, arm_epochs(from_records(records), STUDY), ["own-curves"])
    assert chart is not None
    (arm,) = (a for a in json.loads(chart.data)["arms"] if a["name"] == "lr-2")
    ((end, lines),) = arm["ended"]
    assert end == "diverged" and len(lines["val_accuracy"]) == 3
    assert len(arm["lines"]["val_accuracy"][0]) == 5, "the other seed's mean goes on"


def test_one_seed_has_no_band_and_nothing_trained_no_chart() -> None:
    chart = curve_chart(STUDY, arm_epochs(from_records(synthetic.records(STUDY, (0,))), STUDY), [])
    assert chart is not None and set(json.loads(chart.data)["arms"][0]["lines"]["val_loss"][1]) == {None}
    assert "±" not in chart.arms[0].validation
    assert curve_chart(STUDY, arm_epochs(from_records([]), STUDY), []) is None


def test_the_script_asks_for_nothing_that_the_policy_forbids() -> None:
    folder = Path(curves.__file__).parents[1] / "report" / "assets"
    for script in folder.glob("*.js"):
        text = script.read_text()
        assert not any(word in text for word in ("eval(", "Function(", "innerHTML", "fetch(", "import(", ".style"))
    assert not any("style=" in page.read_text() for page in folder.glob("*.html"))


def test_of_many_arms_the_best_are_shown_at_first() -> None:
    epochs = arm_epochs(from_records(synthetic.records(STUDY, (0, 1, 2))), STUDY)
    ahead = epochs["arm"].isin(["lr-4", "lr-5", "lr-6"])
    epochs = epochs.assign(val_accuracy=epochs["val_accuracy"].where(~ahead, 0.99))
    chart = curve_chart(STUDY, epochs, [])
    assert chart is not None and {a.name for a in chart.arms if a.shown} > {"lr-1", "lr-4"}


def test_an_arm_that_the_heading_names_is_shown_at_first_and_named_on_a_phone() -> None:
    """Of batch norm the heading named the arm at 89.5 %, the one that was hidden: claims named four others."""
    claims = [
        {"id": f"own-{i}", "statement": "S.", "parts": [
            {"form": "level", "quantity": {"arm": f"lr-{i}", "metric": "val_accuracy"}, "low": 0.5}]}
        for i in (2, 3, 4)
    ]  # fmt: skip
    study = Study.from_dict({**STUDY.to_dict(), "claims": claims})
    epochs = arm_epochs(from_records(synthetic.records(study, (0, 1, 2))), study)
    for arm, value in (("lr-6", 0.995), ("lr-5", 0.01)):
        epochs = epochs.assign(val_accuracy=epochs["val_accuracy"].where(epochs["arm"] != arm, value))
    chart = curve_chart(study, epochs, [])
    assert chart is not None and "1.0\N{NO-BREAK SPACE}% (lr-5) and 99.5\N{NO-BREAK SPACE}% (lr-6)" in ends_words(chart)
    assert {a.name for a in chart.arms if a.shown} == {f"lr-{i}" for i in range(1, 7)}, "all are named"
    assert [a["name"] for a in json.loads(chart.data)["arms"] if a["named"]] == ["lr-1", "lr-6"]


def test_those_that_end_as_high_as_the_best_and_those_of_the_answer_are_shown_at_first_six_at_most() -> None:
    """Of arms tied for best one could be hidden, and the arm of the main effect that no claim names."""
    ends = {"lr-1": 0.8, "lr-2": 0.95, "lr-3": 0.1, "lr-4": 0.7, "lr-5": 0.6, "lr-6": 0.95}
    epochs = arm_epochs(from_records(synthetic.records(STUDY, (0, 1, 2))), STUDY)
    epochs = epochs.assign(val_accuracy=epochs["arm"].astype(str).map(ends).fillna(0.5))

    def shown(*about: str) -> set[str]:
        chart = curve_chart(STUDY, epochs, [], about)
        assert chart is not None and ("6 of 7 arms" in chart.note) == (len(about) > 1)
        return {a.name for a in chart.arms if a.shown}

    assert shown() == {"lr-1", "lr-2", "lr-3", "lr-6"}, "baseline, both of the best, the lowest"
    assert shown("lr-4") == {"lr-1", "lr-2", "lr-3", "lr-4", "lr-6"}
    assert shown("lr-4", "lr-5") == {f"lr-{i}" for i in range(1, 7)}


def test_a_mean_over_fewer_seeds_than_were_trained_says_so() -> None:
    records = synthetic.records(STUDY, (0, 1), endings={("lr-2", 1): ("diverged", 3)})
    chart = curve_chart(STUDY, arm_epochs(from_records(records), STUDY), [])
    assert chart is not None
    labels = {a["name"]: a["label"] for a in json.loads(chart.data)["arms"]}
    assert labels == {a.name: a.label for a in chart.arms}
    assert labels["lr-2"] == "lr-2 (1 of 2 seeds)" and labels["lr-3"] == "lr-3"


def test_its_heading_says_between_which_arms_accuracy_ends_where_two_have_one() -> None:
    epochs = arm_epochs(from_records(synthetic.records(STUDY, (0, 1), shift={"lr-2": 0.1, "lr-3": -0.1})), STUDY)
    chart, one = curve_chart(STUDY, epochs, []), curve_chart(STUDY, epochs[epochs["arm"] == "lr-1"], [])
    assert chart is not None and one is not None
    ends = {a["label"]: a["lines"]["val_accuracy"][0][-1] for a in json.loads(chart.data)["arms"]}
    low, high = min(ends, key=lambda a: ends[a]), max(ends, key=lambda a: ends[a])
    said = f"Validation accuracy ends between {ends[low]:.1f} % ({low}) and {ends[high]:.1f} % ({high})"
    assert ends_words(chart).replace("\N{NO-BREAK SPACE}", " ") == said and ends_words(one) == ""
    full = from_records(synthetic.records(STUDY, (0, 1), shift={"lr-2": 10.0, "lr-3": 10.0}))  # both end at 100 %
    tied = curve_chart(STUDY, arm_epochs(full, STUDY), [])
    assert tied is not None and ends_words(tied).endswith("and 100.0\N{NO-BREAK SPACE}% (2 arms)")


@pytest.mark.parametrize(
    ("seeds", "skip", "said"),
    [
        (1, (), "validation."),
        (2, (), "validation, with the range of its two seeds."),
        (3, (), "validation, with the 95 % interval of its mean."),
        (3, [("b", 2)], "validation, with the 95 % interval of its mean (of two seeds, their range)."),
    ],
)
def test_the_note_says_what_the_band_is(seeds: int, skip: list[tuple[str, int]], said: str) -> None:
    study = Study(
        name="s", title="t", question="q", knobs=("lr",), epochs=3,
        arms=(Arm(name="a"), Arm(name="b", change={"lr": 0.01})),
    )  # fmt: skip
    records = synthetic.records(study, range(seeds), skip=skip)
    found = curve_chart(study, arm_epochs(from_records(records), study), ())
    assert found is not None and said in found.note


def test_an_arm_that_runs_has_the_numbers_of_its_line_beside_the_curves(chromium: str, tmp_path: Path) -> None:
    """It had "-" at every epoch, though its line was drawn."""
    arms = (Arm(name="a"), Arm(name="b", change={"lr": 0.1}))
    study = Study(name="s", title="S", question="Q?", knobs=("lr",), epochs=3, arms=arms)
    store_of(tmp_path / "r", [study], (0,), endings={("b", 0): ("diverged", 2)})
    built = report.build(str(tmp_path / "r"), tmp_path / "out")
    text, ended = built.read_text(encoding="utf-8"), "&#34;ended&#34;:[[&#34;{}&#34;"
    built.write_text(text.replace(ended.format("diverged"), ended.format("running")), encoding="utf-8")

    async def read_out() -> str:
        async with tab(chromium, tmp_path) as shown:
            await shown.open(built.as_uri())
            await shown.unfold(all_of_them=True)
            names = await shown.ask("Array.from(document.querySelectorAll('.plot .lab')).map(t => t.textContent)")
            assert sorted(names) == ["a", "a, training", "b, running", "b, training"]
            width = "parseFloat(getComputedStyle(document.querySelector('.ln.ended.{}')).strokeWidth)"
            thick, thin = [await shown.ask(width.format(kind)) for kind in ("val", "train")]
            assert thick > thin, "validation is thick, also of a trial that runs"
            return str(
                await shown.ask(
                    "Array.from(document.querySelectorAll('.curves tbody td')).map(c => c.textContent).join('|')"
                )
            )

    first, second, *running = asyncio.run(read_out()).split("|")
    assert "…" not in first + second and len(running) == 2
    assert all(re.fullmatch(r"\d+\.\d …", cell) for cell in running), running


def test_of_two_seeds_table_and_script_write_their_range(chromium: str, tmp_path: Path) -> None:
    """It was "91.1 ± 2.4", half the range, above the interval "91.1 (60.7 to 100.0)"."""
    arms = (Arm(name="a"), Arm(name="b", change={"lr": 0.1}), Arm(name="c", change={"lr": 0.2}))
    study = Study(name="s", title="S", question="Q?", knobs=("lr",), epochs=3, arms=arms)
    store_of(tmp_path / "r", [study], (0, 1, 2), skip=[("b", 2), ("c", 1), ("c", 2)], noise=0.02)
    built = report.build(str(tmp_path / "r"), tmp_path / "out")

    async def read_out(page: Path, cells: str) -> list[str]:
        async with tab(chromium, tmp_path / "profile") as shown:
            await shown.open(page.as_uri())
            await shown.unfold(all_of_them=True)
            return str(await shown.ask(f"Array.from({cells}).map(c => c.textContent).join('|')")).split("|")

    still = built.with_name("still.html")
    still.write_text(re.sub(r"<script>.*?</script>", "", built.read_text(encoding="utf-8"), flags=re.DOTALL))
    cells = "document.querySelectorAll('.curves tbody td')"
    table, script = (asyncio.run(read_out(page, cells)) for page in (still, built))
    assert table == script
    kinds = (r"[\d.]+ ± [\d.]+", r"([\d.]+) to ([\d.]+)", r"[\d.]+")
    for i, kind in enumerate(kinds):
        assert all(re.fullmatch(kind, cell) for cell in table[2 * i : 2 * i + 2]), table
    chart = curve_chart(study, arm_epochs(from_records(synthetic.records(study, (0, 1), noise=0.02)), study), ())
    assert chart is not None and all(" to " in a.validation and "±" not in a.validation for a in chart.arms)
