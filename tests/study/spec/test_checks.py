"""New study files are checked whole when they are read: what could never be answered, or means something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.statistics import looks
from study.spec import checks
from study.spec.registry import load_study
from trainables.config.errors import BadInput

HEAD = """name: falling
title: Does the loss fall
question: Does the training loss fall in every epoch?
knobs: [lr]
epochs: 4
base: {data: leaves, hidden: [16], optimizer: adam}
arms:
  - {name: fast, change: {lr: 0.003}}
  - {name: slow, change: {lr: 0.001}}
"""
CLAIM = "claims:\n  - id: c\n    statement: The loss falls.\n    parts:\n      - {}\n"
LEVEL = "form: level, quantity: {arm: fast, metric: val_accuracy}"


def lines(folder: Path, text: str) -> list[str]:
    """What is wrong in a file, a line each, without its path."""
    path = folder / "mine.yaml"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        load_study(str(path))
    found = str(caught.value).split("\n")
    assert all(line.startswith(f"{path}, line ") for line in found)
    return [line.removeprefix(f"{path}, ") for line in found]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (
            "title: Does the loss fall",
            "title: no",
            "line 2: title: got false (written no); expected text; write it in quotes",
        ),
        (
            "title: Does the loss fall",
            "title: 2026",
            'line 2: title: got 2026; expected text; write it in quotes: "2026"',
        ),
        ("title: Does the loss fall", "title: 2026-11-26", "line 2: title: got 2026-11-26; expected text; write it"),
        (
            "name: fast,",
            "name: off,",
            'line 8: arm 1, name: got false (written off); expected text; write it in quotes: "off"',
        ),
        ("name: slow,", "name: 16,", 'line 9: arm 2, name: got 16; expected text; write it in quotes: "16"'),
        ("0.003}}", "0.003}, note: 12}", "line 8: arm fast, note: got 12; expected text"),
        (
            "0.003}}",
            "0.003, seed: 2}}",
            "line 8: arm fast, change.seed: seeds come from --seeds, and every arm has the",
        ),
        ("0.003}}", "0.003, epochs: 2}}", "line 8: arm fast, change.epochs: leave it out; give epochs beside base, or"),
        (
            "0.001}}",
            "0.003}}",
            "line 9: arm slow: it is arm fast again, the same in every knob: change a knob, or leave",
        ),
        ("0.001}}", "3.0e-3, hidden: [16]}}", "line 9: arm slow, change.hidden: arm slow changes it, so it belongs in"),
        (
            "epochs: 4",
            "epochs: 4\neffect: {arm: slow, metric: val_loss, at: 5}",
            "line 6: effect.at: got 5; arm slow has 4",
        ),
        ("epochs: 4", "epoch: 4", "line 5: epoch: there is no such field; did you mean epochs?"),
        ("epochs: 4", "epochs: four", "line 5: epochs: got 'four'; expected a whole number from 1 to 1000000"),
        ("slow, change", "slow, changes", "line 9: arm slow, changes: there is no such field; did you mean change?"),
        (
            "optimizer: adam",
            "optimiser: adam",
            "line 6: base.optimiser: there is no such knob; did you mean optimizer?",
        ),
        ("optimizer: adam", "optimizer: adamm", "line 6: base.optimizer: got 'adamm'; expected one of sgd, adam"),
        ("optimizer: adam", "seeds: 3", "line 6: base.seeds: there is no such knob; seeds come from --seeds"),
        ("optimizer: adam", "lr: 10 %", "line 6: base.lr: got '10 %'; expected a number > 0"),
        ("optimizer: adam", "lr: -0.1", "line 6: base.lr: got -0.1; expected a number > 0"),
        ("knobs: [lr]", "knobs: [lr, lr]", "line 4: knobs[1]: got 'lr'; it stands there twice"),
        ("optimizer: adam", "seed: 42", "line 6: base.seed: got 42; seeds come from --seeds"),
        ("optimizer: adam", "epochs: 7", "line 6: base.epochs: got 7; leave it out; give epochs beside base"),
        (
            "arms:\n  - {name: fast, change: {lr: 0.003}}\n",
            "claims: none\narms:\n  - {name: fast, change: {lr: 0.003}}\n",
            "line 7: claims: got 'none'; expected a list of mappings: each begins with -",
        ),
        ("knobs: [lr]", "knobs: lr", "line 4: knobs: got 'lr'; expected a list of names"),
        ("knobs: [lr]", "knobs: [lr]\nfigures: [curve]", "line 5: figures[0]: got 'curve'; did you mean curves?"),
        (
            "knobs: [lr]",
            "knobs: [lr]\nbaseline: fats",
            "line 5: baseline: got 'fats'; expected one of the arms: fast, slow",
        ),
    ],
)
def test_a_field_that_is_not_what_it_should_be(before: str, after: str, says: str, tmp_path: Path) -> None:
    found = lines(tmp_path, HEAD.replace(before, after))
    assert any(line.startswith(says) for line in found), found


def test_epochs_as_a_knob_of_an_arm_are_told_where_they_belong(tmp_path: Path) -> None:
    text = HEAD.replace("knobs: [lr]", "knobs: [lr, epochs]").replace("{lr: 0.001}", "{lr: 0.001, epochs: 30}")
    (line,) = lines(tmp_path, text)
    assert line.startswith("line 9: arm slow, change.epochs: got 30; leave it out; give epochs beside base")


def test_all_mistakes_of_a_file_at_once_in_its_order(tmp_path: Path) -> None:
    text = HEAD.replace("title: Does the loss fall", "title: 1").replace("lr: 0.001}", "lr: fast}")
    text += (
        CLAIM.replace("{}", f"{{{LEVEL}, lwo: 1, high: 7}}") + "      - {form: trajectory, arm: fast, metric: loss}\n"
    )
    found = lines(tmp_path, text)
    assert [line.split(":")[0] for line in found] == ["line 2", "line 9", "line 14", "line 15"]
    wrong = "      - {form: trajectory, arm: fast, metric: loss}\n"
    other = HEAD + CLAIM.replace("{}", f"{{{LEVEL}, high: 7}}") + wrong
    other += (
        "  - {id: d, statement: D., parts: [{form: level, quantity: {arm: fast, metric: val_loss, at: 9}, low: 1}]}\n"
    )
    assert [line.split(":")[0] for line in lines(tmp_path, other)] == ["line 14", "line 15", "line 16"]


SEARCH = """name: rates
title: T
question: Q?
knobs: [lr, batch_norm]
epochs: 2
base: {data: leaves, hidden: [8], optimizer: sgd}
search:
  trials: 4
  seeds: 1
  searcher: tpe
  scheduler: none
  space:
    lr: {kind: choice, values: [1, 0.1, 0.01], ordered: true}
"""


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (
            "[1, 0.1, 0.01]",
            "[1, 1.0, 0.01]",
            "line 13: search.space.lr.values: got [1, 1.0, 0.01]; expected each value once",
        ),
        ("[1, 0.1, 0.01]", '["1", 0.1]', "line 13: search.space.lr.values[0]: got '1'; lr: expected a number > 0"),
        ("[1, 0.1, 0.01]", "fast", "line 13: search.space.lr.values: got 'fast'; expected a list"),
        (
            "values: [1, 0.1, 0.01], ordered: true",
            "vales: [1]",
            "line 13: search.space.lr.vales: there is no such field",
        ),
        ("lr: {kind: choice", "lr: {kind: choise", "line 13: search.space.lr.kind: got 'choise'; kind is one of"),
        (
            "kind: choice, values: [1, 0.1, 0.01], ordered: true",
            "kind: float, low: 1, high: 0.1, step: 2",
            "line 13: search.space.lr.step",
        ),
        (
            "    lr:",
            "    epochs: {kind: int, low: 1, high: 9}\n    lr:",
            "line 12: search.space: got 'epochs'; it cannot be searched",
        ),
        (
            "  trials: 4",
            "  trials: 4\n  warm_start: r0",
            "line 9: search.warm_start: got 'r0'; expected a list of names",
        ),
        (
            "  trials: 4",
            "  trials: 4\n  beat: 40",
            "line 9: search.beat: got 40; val_accuracy lies in 0 to 1; it is a share",
        ),
        (
            "    lr:",
            "    lrr: {kind: int, low: 1, high: 9}\n    lr:",
            "line 13: search.space.lrr: there is no such knob; did",
        ),
        (
            "    lr:",
            "    seed: {kind: int, low: 1, high: 9}\n    lr:",
            "line 12: search.space: got 'seed'; it cannot be searched",
        ),
        (
            "[1, 0.1, 0.01], ordered: true",
            "[1, 0.1, 0.01]}\n    l1: {kind: float, low: -1, high: 1",
            "line 14: search.space.l1.low: got -1",
        ),
        (
            "    lr:",
            "    step_size: {kind: float, low: 1, high: 9}\n    lr:",
            "line 13: search.space.step_size.kind: got 'float'; s",
        ),
        (
            "    lr:",
            "    hidden: {kind: choice, values: [[8]]}\n    lr:",
            "line 13: search.space.hidden: base fixes it as well",
        ),
        (
            "knobs: [lr",
            "knobs: [batch_norm",
            "line 13: search.space.lr: the search varies it, so lr belongs in knobs",
        ),
        (
            "  scheduler: none",
            "  scheduler: {name: asha, grace: 9}",
            "line 11: search.scheduler.grace: got 9; expected at",
        ),
        (
            "  scheduler: none",
            "  scheduler: {name: asha, keep: 4}",
            "line 11: search.scheduler.keep: got 4; it has no effect: halving alone takes it",
        ),
        (
            "  scheduler: none",
            "  scheduler: {name: none, brackets: 2}",
            "line 11: search.scheduler.brackets: got 2; it has no effect: asha, asha-stop take it",
        ),
        (
            "  searcher: tpe",
            "  searcher: tpe\n  grid_points: 9",
            "line 11: search.grid_points: got 9; it has no effect: grid alone takes it, and the searcher is tpe",
        ),
        (
            "ordered: true}",
            "ordered: true}\n    batch_norm: {kind: choice, values: [true, false], when: {lr: [1, 0.2]}}",
            "line 14: search.space.batch_norm.when.lr[1]: got 0.2; lr is never that; it is one of 1, 0.1, 0.01",
        ),
        (
            "kind: choice, values: [1, 0.1, 0.01], ordered: true}",
            "kind: float, low: 0, high: 1}\n    batch_norm: {kind: choice, values: [true], when: {lr: [1, 2]}}",
            "line 14: search.space.batch_norm.when.lr[1]: got 2; lr is never that; it is 0 to 1",
        ),
        (
            "  searcher: tpe",
            "  searcher: random\n  warm_start: [r0]",
            "line 11: search.warm_start: got ['r0']; random",
        ),
        ("  trials: 4", '  trials: "4"', "line 8: search.trials: got '4'; expected a whole number from 1"),
    ],
)
def test_a_search_that_means_something_else(before: str, after: str, says: str, tmp_path: Path) -> None:
    found = lines(tmp_path, SEARCH.replace(before, after))
    assert any(line.startswith(says) for line in found), found


def test_a_python_file_is_told_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    head = "from study.spec import Arm, Study\n"
    rest = (
        'study = Study(name="s", title="t", question="q", knobs=("lr",), epochs=2, '
        'base={"seed": 1}, arms=(Arm(name="a"),))\n'
    )
    path.write_text(head + "a = Arm(name=8)\n" + rest)
    with pytest.raises(BadInput, match=f"{path}, line 2: name: got 8; expected text"):
        load_study(str(path))
    path.write_text(head + rest)
    with pytest.raises(BadInput, match=f"{path}: base.seed: got 1; seeds come from --seeds"):
        load_study(str(path))
    path.write_text("from study.search_spec import Search\n")
    with pytest.raises(BadInput, match=r"study\.search_spec is study\.spec now: from study\.spec import Search"):
        load_study(str(path))


def test_what_could_never_be_decided_is_known_by_the_rules_own_level_and_first_look() -> None:
    assert looks.FIRST_LOOK_SEEDS == checks.FIRST_LOOK_SEEDS
    assert float(looks.ERROR_LEVEL) == checks.ERROR_LEVEL


TWO = "form: contrast, low: 0, a: {arm: fast, metric: val_accuracy%s}, b: {arm: slow, metric: val_accuracy%s}%s"


def test_arms_after_different_epochs_are_told_before_they_are_trained(tmp_path: Path) -> None:
    """Such a claim would get no verdict; one that means it says so."""
    odd = HEAD + CLAIM.format("{" + TWO % (", at: 2", ", at: 3", "") + "}")
    way = "write one epoch, or unequal_epochs: true"
    (said,) = lines(tmp_path, odd)
    assert said.endswith(f"claim c, part 1, b.at: got 3; a is after epoch 2 and b after 3: {way}")
    shorter = odd.replace("lr: 0.001}}", "lr: 0.001}, epochs: 3}").replace(", at: 2", "").replace(", at: 3", "")
    assert lines(tmp_path, shorter)[0].endswith(f"got 'last'; a is after epoch 4 and b after 3: {way}")
    for meant in (("", ", at: 4", ""), (", at: 2", ", at: 3", ", unequal_epochs: true")):
        (tmp_path / "mine.yaml").write_text(HEAD + CLAIM.format("{" + TWO % meant + "}"))
        assert load_study(str(tmp_path / "mine.yaml")).claims


def test_an_arm_of_the_study_itself_goes_by_its_own_name(tmp_path: Path) -> None:
    """As `STUDY/ARM` it would be taken for another study's, whose knobs, parts and selection are told elsewhere."""
    own = LEVEL.replace("arm: fast", "arm: falling/fast")
    (said,) = lines(tmp_path, HEAD + CLAIM.format("{" + own + ", low: 0.5}"))
    assert said == "line 14: claim c, part 1: got 'falling/fast'; it is an arm of this study: write fast"


def test_an_effect_on_the_baseline_is_refused(tmp_path: Path) -> None:
    """The first arm is the baseline where none is named; the run dropped the answer in silence."""
    text = HEAD + "effect: {arm: fast, metric: val_accuracy}\n"
    said = "effect.arm: got 'fast'; it is the baseline, which others are held against: name another arm"
    assert lines(tmp_path, text) == [f"line 10: {said}"]
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("arm: fast, metric", "arm: slow, metric"))
    assert load_study(str(path)).effect


def test_a_width_of_a_layer_exists_where_there_is_such_a_layer(tmp_path: Path) -> None:
    """What nobody wrote of hidden.2 is not held against hidden.count; what somebody wrote is."""
    space = "    hidden.count: {kind: int, low: 1, high: 2}\n    hidden.1: {kind: int, low: 8, high: 64}\n"
    second = "    hidden.2: {kind: int, low: 8, high: 64%s}\n"
    text = SEARCH.replace("hidden: [8], ", "").replace("knobs: [lr", "knobs: [hidden, lr") + space
    path = tmp_path / "mine.yaml"
    path.write_text(text + second % "")
    assert load_study(str(path)).search
    found = lines(tmp_path, text + second % ", when: {hidden.count: [2, 3]}")
    assert found == [
        "line 16: search.space.hidden.2.when.hidden.count[1]: got 3; hidden.count is never that; it is 1 to 2"
    ]


def test_two_arms_that_sentences_would_call_alike_are_refused(tmp_path: Path) -> None:
    """A page read "A rate diverged in 3 of 3 seeds. A rate ends at 34 %"."""
    text = HEAD.replace("0.003}}", "0.003}, say: a rate}").replace("0.001}}", "0.001}, say: A rate}")
    assert lines(tmp_path, text) == [
        "line 9: arm slow, say: got 'A rate'; arm fast is called so too; each arm has words of its own in sentences"
    ]
    (line,) = lines(tmp_path, HEAD.replace("0.003}}", "0.003}, say: slow}"))
    assert line.startswith("line 9: arm slow, name: got 'slow'; arm fast is called so too")


@pytest.mark.parametrize(
    "part",
    [
        "form: level, quantity: {arm: fast, metric: val_accuracy, reaches: 0.5}, high: 3, share: 0.9",
        "form: contrast, a: {arm: fast, metric: val_accuracy, reaches: 0.5}, "
        "b: {arm: slow, metric: val_accuracy, reaches: 0.5}, high: 0, share: 0.9",
    ],
)
def test_a_share_of_first_epochs_is_refused_for_it_would_be_ignored(part: str, tmp_path: Path) -> None:
    (line,) = lines(tmp_path, HEAD + CLAIM.format("{" + part + "}"))
    assert "claim c, part 1, share: got 0.9; first epochs are judged by more than half of seeds" in line
