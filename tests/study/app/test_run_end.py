"""What a run says at its end, and the command that is next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from analysis.statistics.power import Need
from study.app import run_end
from study.app.live_view import UNICODE
from study.app.needed_studies import NeededStudy, still_needed
from study.app.run_end import needed_elsewhere, next_commands
from study.app.status import status_of
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.spec import registry
from study.spec.claims import Claim, Contrast, Quantity
from study.spec.study import Arm
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis import stores
from tests.study.app.test_status import SMALL


def test_what_a_claim_needs_of_another_study_is_known() -> None:
    from study.spec import registry

    assert needed_elsewhere([registry.load_study("dropout")]) == {"annealing": ("overfit-1",)}
    assert needed_elsewhere([registry.load_study(n) for n in ("dropout", "annealing")]) == {}


def test_seeds_that_a_verdict_lacks_are_one_command_away() -> None:
    scaling = registry.load_study("scaling")
    few = [verdict_of("not-enough-seeds", "scaling", "scaling-1")]
    asked = (["run", "scaling", "--seeds=3", "--results", "r"], ["scaling"], "r", (0, 1, 2))
    found = next_commands(asked, [scaling], few)  # type: ignore[arg-type]
    assert found[1] == ("study run scaling --results r --seeds 5", "a verdict takes 5 seeds")
    assert len(next_commands(asked, [scaling], ())) == 1
    reduced = Protocol((0,), quick=True).study(scaling)
    typed = (["run", "scaling", "--quick", "--seeds=3", "--results", "r"], *asked[1:])
    assert next_commands(typed, [reduced], few)[1][0] == "study run scaling --results r"  # type: ignore[arg-type]
    assert len(next_commands(([], *asked[1:]), [scaling], few)) == 1, "of Python nothing was typed"  # type: ignore[arg-type]


def claim_of(other: str, name: str = "c1", from_seed: int = 0) -> Claim:
    a, b = (Quantity(arm=arm, metric="val_accuracy") for arm in ("a", other))
    return Claim(id=name, statement="S.", parts=(Contrast(a=a, b=b, low=0.0),), from_seed=from_seed)


def verdict_of(word: str, study: str, claim: str = "c1") -> SimpleNamespace:
    settled = word == "supported"
    return SimpleNamespace(
        verdict=word, study=study, id=claim, settled=settled, fills=(), for_good=False, need=None, path=(0,)
    )


def test_seeds_before_the_first_that_counts_are_not_offered_for_a_verdict() -> None:
    """The command that had just run was offered once more, for seeds 0 to 4 of a claim that counts from seed 6 on."""
    study = replace(SMALL, claims=(claim_of("b", from_seed=6),))
    typed = ["run", "fs.yaml", "--results", "r"]

    def offered(asked: tuple[int, ...], claims: tuple[Claim, ...] = study.claims) -> tuple[tuple[str, str], ...]:
        verdicts = [verdict_of("not-enough-seeds", "small", c.id) for c in claims]
        return next_commands((typed, ["fs.yaml"], "r", asked), [replace(study, claims=claims)], verdicts)[1:]  # type: ignore[arg-type]

    said = "a verdict takes 5 seeds, of seeds from 6 on"
    assert offered((0, 1, 2, 3, 4)) == (("study run fs.yaml --results r --seeds 6-10", said),)
    assert offered((6, 7, 8, 9, 10)) == (), "all of them were asked for: one gives no number, and more do not help"
    both = (*study.claims, claim_of("b", "c2"))
    assert offered((0, 1), both) == (("study run fs.yaml --results r --seeds 0-4,6-10", "a verdict takes 5 seeds"),)


def test_the_end_of_a_run_names_the_command_that_fills_a_gap() -> None:
    v = SimpleNamespace(verdict="open", study="small", id="c1", settled=False, fills=tuple(range(22)), path=(0,))
    asked = (["run", "s.yaml", "--seeds", "20-21"], ["s.yaml"], "r", (20, 21))
    found = next_commands(asked, [replace(SMALL, claims=(claim_of("b"),))], [v])  # type: ignore[list-item]
    assert found[1] == ("study run s.yaml --seeds 22", "fills the gap in the seeds: later ones wait")
    v.path = ()
    found = next_commands(asked, [replace(SMALL, claims=(claim_of("b"),))], [v])  # type: ignore[list-item]
    assert found[1][1].endswith("; study merge does too, with a folder that has the first ones")


def test_the_end_of_a_run_names_the_command_that_may_decide_an_open_claim() -> None:
    """A newcomer whose claim was open after five seeds was sent to the page alone, and knew of no `study decide`."""

    def needs(chance: float) -> Need:
        return Need(7, 15, 0.8, 1 - chance, 80, tuple([0.0] * 5 + [chance] * 75))

    def offered(*verdicts: SimpleNamespace) -> tuple[tuple[str, str], ...]:
        typed = ["run", "s.yaml", "--seeds", "5", "--data-dir", "d", "--checkpoint-seconds", "9"]
        asked = (typed, ["s.yaml"], "r", (0, 1, 2, 3, 4))
        return next_commands(asked, [replace(SMALL, claims=(claim_of("b"),))], verdicts)[1:]  # type: ignore[arg-type]

    v = verdict_of("open", "small")
    v.need = needs(0.9)
    command = "study decide s.yaml --data-dir d"
    assert offered(v) == ((command, "more seeds, where they decide c1"),)
    assert offered(v, v) == ((command, "more seeds, where they decide one of 2 open claims"),)
    v.need = needs(0.05)
    assert offered(v) == (), "`study decide` would buy none"
    v.need, v.for_good = needs(0.9), True
    assert offered(v) == () == offered(verdict_of("open", "small")) == offered(verdict_of("supported", "small"))


def test_a_study_that_no_command_finds_is_not_offered() -> None:
    study = replace(SMALL, claims=(claim_of("three/x"), claim_of("four/x", "c2")))
    asked = (["run", "two.yaml", "--results", "r"], ["two.yaml"], "r", (0, 1, 2, 3, 4))
    assert len(next_commands(asked, [study], ())) == 1
    found = next_commands(asked, [study], (), {"four": ""})
    assert found[1] == ("study run two.yaml four --results r", "what c2 needs")


def test_what_a_claim_needs_is_told_though_one_of_another_study_is_called_alike() -> None:
    one, two = (replace(SMALL, name=n, claims=(claim_of(arm),)) for n, arm in (("one", "b"), ("two", "dropout/none")))
    verdicts = [verdict_of("supported", "one"), verdict_of("missing", "two")]
    assert needed_elsewhere([one, two], verdicts) == {"dropout": ("two/c1",)}  # type: ignore[arg-type]
    need = NeededStudy("dropout", ("two/c1",), None)  # type: ignore[arg-type]
    assert still_needed([need], verdicts, [one, two]) == (need,)  # type: ignore[arg-type]
    assert still_needed([need], [verdict_of("supported", "two")], [one, two]) == ()  # type: ignore[list-item]


def test_of_several_studies_a_broken_arm_is_named_with_its_own(tmp_path: Path) -> None:
    stores.store_of(tmp_path / "r", [SMALL, replace(SMALL, name="other", base={"lr": 0.3})], (0,))
    boards = status_of(str(tmp_path / "r")).boards
    for board in boards:
        name = f"{board.plan.studies[0].name}/a"
        board.broken[name] = "it stands still"
    said = " ".join(run_end.broken_lines(boards, 100))
    assert "small/a is possibly broken" in said and "other/a is possibly broken" in said
    assert run_end.broken_lines(boards[:1], 100)[1].startswith("a is possibly")
    boards[0].broken |= {f"small/x{n}": "it ends no better than guessing" for n in range(39)}
    assert " ".join(run_end.broken_lines(boards[:1], 100)).strip() == (
        "40 arms are possibly broken (the loss stands still, or accuracy is not clearly better than guessing): "
        "a, x0, x1, x2 and 36 more; the page says why"
    )


def test_an_arm_that_selects_on_the_validation_part_is_named_at_the_end(tmp_path: Path) -> None:
    study = replace(
        SMALL, arms=(*SMALL.arms, Arm(name="cut", change={"schedule": "plateau"})), knobs=("lr", "schedule")
    )
    stores.store_of(tmp_path / "r", [study], (0, 1), gather=False)
    (board,) = status_of(str(tmp_path / "r")).boards
    said = " ".join(run_end.ending_lines(run_end.RunEnding(board, (), ()), 100))
    assert said.endswith("in pairs by seed; selected on val: cut"), "and of no interval: two seeds have none"
    stores.store_of(tmp_path / "plain", [SMALL], (0, 1), gather=False)
    (board,) = status_of(str(tmp_path / "plain")).boards
    assert "selected" not in " ".join(run_end.ending_lines(run_end.RunEnding(board, (), ()), 100))


def test_the_words_of_the_interval_stay_in_one_line(tmp_path: Path) -> None:
    stores.store_of(tmp_path / "r", [SMALL], (0, 1, 2), gather=False)
    (board,) = status_of(str(tmp_path / "r")).boards
    for width in range(60, 100):
        lines = run_end.ending_lines(run_end.RunEnding(board, (), ()), width)
        assert sum("±: 95 % interval" in line for line in lines) == 1, width


def test_a_study_without_claims_has_an_answer_too(tmp_path: Path) -> None:
    store = stores.store_of(tmp_path / "r", [replace(SMALL, claims=())], (0, 1, 2))
    verdicts, answers = run_end.verdicts_and_answers(store, [replace(SMALL, claims=())])
    assert verdicts == () and "validation accuracy" in answers[SMALL.name]


def test_a_table_of_fewer_seeds_than_are_on_record_says_so(tmp_path: Path) -> None:
    store = stores.store_of(tmp_path / "r", [SMALL], range(5), gather=False)
    verdicts, answers = run_end.verdicts_and_answers(store, [SMALL])

    def said(seeds: int) -> str:
        protocol = Protocol(tuple(range(seeds)))
        plan = plan_trials([SMALL], protocol, synthetic.CHECKSUM, store.trials.on_record(), synthetic.FASHION)
        board = run_end.board_of(plan, synthetic.CHECKSUM, store, 1)
        return " ".join(run_end.ending_lines(run_end.RunEnding(board, verdicts, (), None, answers), 100))

    assert "The table is of the 3 seeds that were asked for. What follows is of all on record, up to 5 an arm." in said(
        3
    )
    assert "The table is of" not in said(5)
    assert "The table is of the 1 seed that was asked for." in said(1)


def test_what_is_on_record_in_full_is_not_cut_off_in_a_window_of_80_columns() -> None:
    """The last words of a line were "In full, on ..."."""
    text = "Scaled input ends 56.6 points (55.2 to 58.1) above unscaled input in training accuracy after 3 epochs. "
    text += "Claimed: more than 60 points above. In full, on record: supported."
    found = SimpleNamespace(verdict="reduced", study="scaling", id="scaling-4", recorded=True, short=text)
    lines = run_end.verdict_lines([found], 80, UNICODE)  # type: ignore[list-item]
    assert lines[0] == "- not judged (reduced)  scaling-4" and len(lines) == 4 and max(map(len, lines)) <= 80
    assert " ".join(" ".join(lines[1:]).split()) == text


def test_the_end_of_a_finding_is_not_cut_off_in_a_window_of_80_columns() -> None:
    """Its last words were "a trial diverged or failed, which counts as ..."."""
    text = "A huge rate ends below a low rate in validation accuracy after 3 epochs in 5 of 5 seeds. Claimed: in the "
    text += (
        "mean. A trial diverged or failed, so there is no mean and the claim must be met in more than half of seeds."
    )
    found = SimpleNamespace(verdict="open", study="s", id="d-1", recorded=None, short=text)
    lines = run_end.verdict_lines([found], 80, UNICODE)  # type: ignore[list-item]
    assert max(map(len, lines)) <= 80 and " ".join(" ".join(lines).split()) == f"? open d-1 {text}"


def test_claims_of_two_studies_that_are_called_alike_have_the_name_of_their_study() -> None:
    def found(study: str, claim: str) -> SimpleNamespace:
        return SimpleNamespace(verdict="open", study=study, id=claim, recorded=None, short="It is.")

    verdicts = [found("a", "one"), found("b", "one"), found("b", "two")]
    lines = run_end.verdict_lines(verdicts, 80, UNICODE)  # type: ignore[arg-type]
    assert [line.split()[2] for line in lines] == ["a/one", "b/one", "two"]


def test_the_board_of_a_run_goes_on_from_the_checkpoints_in_its_folder(tmp_path: Path) -> None:
    store = ResultsFolder(str(tmp_path / "r"), create=True)
    plan = plan_trials([SMALL], Protocol((0,)), "c" * 32, {}, synthetic.FASHION)
    first = plan.missing[0]
    store.save_checkpoint(first.id, 1, b"a state")
    board = run_end.board_of(plan, "c" * 32, store, 1)
    assert board.trials[first.id].done == 1 == board.epochs[0]


def test_a_claim_that_is_decided_no_more_is_named() -> None:
    was = {("s", "c1"): "supported", ("s", "c2"): "refuted", ("s", "c3"): "open"}
    same = [verdict_of("supported", "s", "c1"), verdict_of("refuted", "s", "c2"), verdict_of("supported", "s", "c3")]
    assert list(run_end.kept_lines(was, same)) == ["2 claims decided before are as they were."]  # type: ignore[arg-type]
    now = [same[0], verdict_of("open", "s", "c2"), same[2]]
    assert list(run_end.kept_lines(was, now)) == [  # type: ignore[arg-type]
        "1 claim decided before is as it was.",
        "s/c2 was refuted and is open now.",
    ]
