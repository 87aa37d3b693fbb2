"""What `study run --json` says of a run's end: an object an arm, an answer and a verdict, and last what the run did."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from trainables.config.errors import StudyError

if TYPE_CHECKING:
    from analysis.claims.verdicts import Verdict
    from study.app.run_end import RunEnding
    from study.app.run_view import RunView
    from study.storage.trials import TrialOnRecord

OTHER_ERROR, CTRL_C = 1, 130
"""Exit codes of what is no error of ours."""


@dataclass(frozen=True)
class RunTotals:
    """What a run did, and how it ends."""

    trained: int
    """Trials that are on record since, those that diverged included."""
    failed: int
    """Trials, or configurations of a search, that have no result: the same command tries them again."""
    diverged: int
    """Of those that were trained."""
    exit: int
    """The exit code of the command."""


def counts_between(
    before: Mapping[str, TrialOnRecord], now: Mapping[str, TrialOnRecord], failed: int, code: int
) -> RunTotals:
    """What a run did, by what was on record before it and is now.

    Args:
        before: by identity, what counted as on record when it was planned.
        now: the same at its end.
        failed: as in `RunTotals`.
        code: the exit code.
    """
    new = [t for name, t in now.items() if name not in before or t.epochs > before[name].epochs]
    return RunTotals(len(new), failed, sum(t.status == "diverged" for t in new), code)


@contextlib.contextmanager
def told_how_it_ends(
    view: RunView, before: Mapping[str, TrialOnRecord], now: Callable[[], Mapping[str, TrialOnRecord]]
) -> Iterator[None]:
    """Within, a run that was announced: its view hears what it did, however it ends.

    Args:
        view: of the run; one that speaks to no program hears nothing.
        before: by identity, what counted as on record when it was planned.
        now: gives the same at its end.
    """
    code = 0
    try:
        yield
    except KeyboardInterrupt:
        code = CTRL_C
        raise
    except Exception as error:
        code = error.exit_code if isinstance(error, StudyError) else OTHER_ERROR
        raise
    finally:
        if view.tells_counts:
            with contextlib.suppress(StudyError):  # a folder that cannot be read any more is the error itself
                view.over(counts_between(before, now(), view.failed, code))


MEASURES = ("accuracy", "test", "training", "gap", "change", "test_change", "gap_change", "full_accuracy", "full_gap")
"""What the event of an arm has, each where it is known."""


def end_events(ending: RunEnding) -> Sequence[str]:
    """The end as JSON, an object an arm and a verdict; numbers in per cent and points, unrounded."""
    found: list[dict[str, Any]] = []
    for row in ending.board.rows():
        values = {n: getattr(row, n) for n in MEASURES}
        numbers = {n: {"mean": m.value, "half": m.half} for n, m in values.items() if m is not None}
        why = ending.board.broken.get(f"{row.study}/{row.arm}")
        broken = {"possibly_broken": why} if why else {}
        of = {"same_as": row.same_as} if row.same_as else {"mean_of": row.mean_of, "diverged": row.diverged}
        found.append({"event": "arm", "study": row.study, "arm": row.arm, "seeds": row.done, **of, **numbers, **broken})
    if ending.splits is not None:
        rows = json.loads(ending.splits.to_json(orient="records", double_precision=15))  # what is no number is null
        found += [{"event": "splits", **row} for row in rows]
    found += [{"event": "answer", "study": study, "text": text} for study, text in ending.answers.items()]
    found += [_verdict_event(v) for v in ending.verdicts]
    return [json.dumps(event) for event in found]


def _verdict_event(v: Verdict) -> dict[str, Any]:
    """A verdict with the number that decided, or that is nearest to; null where there is none."""
    unit = v.part.unit
    shown = {
        name: number * unit.scale if math.isfinite(number) else None
        for name, number in (("estimate", v.estimate), ("low", v.low), ("high", v.high))
    }
    said = {"event": "verdict", "study": v.study, "claim": v.id, "verdict": v.verdict, "why": v.reason}
    return {**said, **shown, "unit": unit.word, "seeds": v.n}


def end_event(counts: RunTotals, said: str, follows: str) -> str:
    """The last event as JSON: what the run did, in numbers and in a line, and the command that follows."""
    return json.dumps({"event": "end", **asdict(counts), "said": said, "next": follows})
