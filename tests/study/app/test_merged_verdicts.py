"""A merge that changes a decided verdict says so."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from study.app.merged_verdicts import DecidedClaim, changed_verdicts, decided_claims
from study.cli.folder_commands import merge
from study.spec.claims import Claim, Contrast, Quantity
from study.spec.study import Arm, Family, Study
from study.storage.results_folder import ResultsFolder
from tests import synthetic

A, B = (Quantity(arm=arm, metric="val_accuracy") for arm in "ab")
STUDY = Study(
    name="s", title="t", question="q", knobs=("lr",), epochs=2, family=Family(name="f", places=6),
    arms=(Arm(name="a"), Arm(name="b", change={"lr": 0.002})),
    claims=(Claim(id="c", statement="s.", parts=(Contrast(a=A, b=B, low=0.0),)),),
)  # fmt: skip


def folder(
    where: Path, *, host: str, ended: float, ahead: float, seeds: Sequence[int] = range(9), study: Study = STUDY
) -> str:
    """A results folder in which arm `a` is so far ahead of arm `b`, in shares."""
    store = ResultsFolder(where, create=True)
    store.studies.freeze(study)
    for seed in seeds:
        for one in synthetic.records(study, [seed], shift={"a": ahead + 0.001 * (seed % 3)}, host=host):
            store.write(dataclasses.replace(one, provenance={**one.provenance, "ended": ended}))
    return str(where)


def test_a_decided_verdict_that_older_records_change_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = folder(tmp_path / "ours", host="x", ended=2.0, ahead=0.1)
    theirs = folder(tmp_path / "theirs", host="y", ended=1.0, ahead=-0.1)
    into = str(tmp_path / "both")
    merge(ours, theirs, into, wait=False)
    said = capsys.readouterr().out.splitlines()
    assert said[1:] == [f"s/c was supported in {ours} and is refuted in {into}"]


def test_what_stays_is_not_spoken_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours = folder(tmp_path / "ours", host="x", ended=1.0, ahead=0.1)
    theirs = folder(tmp_path / "theirs", host="y", ended=2.0, ahead=-0.1, seeds=range(3))
    merge(ours, theirs, ours, wait=False)
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert decided_claims([theirs, ours, str(tmp_path / "nowhere")]) == [DecidedClaim(ours, "s", "c", "supported")]


def test_a_claim_that_is_gone_is_named_too(tmp_path: Path) -> None:
    ours = folder(tmp_path / "ours", host="x", ended=1.0, ahead=0.1)
    before = [DecidedClaim("there", "s", "other", "refuted")]
    assert changed_verdicts(before, ours) == [f"s/other was refuted in there and is no longer there in {ours}"]


@pytest.mark.parametrize(("places", "said"), [(6, "has not enough seeds"), (1, "has no place")])
def test_a_claim_that_was_replaced_in_one_folder_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], places: int, said: str
) -> None:
    """It read "was supported in ours and is no place in both", as if the decided claim itself had lost its verdict."""
    first = dataclasses.replace(STUDY, family=Family(name="f", places=places))
    ours = folder(tmp_path / "ours", host="x", ended=1.0, ahead=0.1, study=first)
    theirs = folder(tmp_path / "theirs", host="x", ended=1.0, ahead=0.1, study=first)
    (claim,) = STUDY.claims
    part = Contrast(a=A, b=B, low=0.02)
    second = dataclasses.replace(first, claims=(dataclasses.replace(claim, parts=(part,), from_seed=9),))
    ResultsFolder(theirs).studies.freeze(second)
    into = str(tmp_path / "both")
    merge(ours, theirs, into, wait=False)
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"s/c was supported in {ours} and a later version of it {said} in {into}"
    ]
