"""Studies from Python and notebooks: run one, open a results folder, and look at what came out."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from trainables.config.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from analysis.claims.verdicts import Verdict
    from analysis.report.inputs import ReportInputs
    from study.spec.study import Study


def run(
    what: str | Path | Study,
    *,
    seeds: int | str | tuple[int, ...] = 5,
    quick: bool = False,
    results: str | Path | None = None,
    device: str | None = None,
    precision: str | None = None,
    cpus: int | None = None,
    data_dir: str | Path | None = None,
    progress: bool = True,
) -> Results:
    """Train what is missing of a study and return what is on record of it; what is there is not trained again.

    Args:
        what: a study's name (`chapter` for all of the chapter), a path to its file, or a `study.Study`.
        seeds: how many seeds of every arm (5 is 0 to 4), or the seeds themselves: (3, 4), or "3-4".
        quick: fewer images and epochs: shows that it works, judges nothing.
        results: the results folder, a path or a URL; if not given, `results/NAME`.
        device: cpu or cuda; if not given, what the study says.
        precision: fp32 or bf16; if not given, what the study says.
        cpus: trials at once; all cores if not given.
        data_dir: the folder with the data set's files.
        progress: whether to show on standard error how it goes.

    Raises:
        StudyError: with the message and the exit code that the command has for it, e.g. `BadInput`.
    """
    from study.app import run_studies
    from study.app.plan_studies import PlanRequest
    from study.app.run_view import RunView
    from study.spec import registry, study_file
    from study.spec.study import Study

    if isinstance(what, Study):
        name, sources = what.name, {what.name: study_file.given(what)}
    else:
        names = registry.written_out(str(what))
        sources = {n: registry.read(n) for n in names}
        name = str(what) if len(names) > 1 else sources[names[0]].study.name
    where = str(results) if results is not None else f"results/{name}"
    folder = Path(data_dir) if data_dir is not None else None
    asked = PlanRequest(tuple(sources), seeds, quick, where, device, precision, folder)
    view = RunView(quiet=not progress, result=False, names=tuple(sources))
    run_studies.run(asked, run_studies.RunOptions(cpus=cpus), view, sources)
    return Results(where, tuple(s.study.name for s in sources.values()))


def open_results(where: str | Path) -> Results:
    """What is on record in a results folder, a path or a URL.

    Raises:
        StoreError: it is no results folder.
    """
    return Results(str(where))


class ShownTable:
    """Lines for a terminal that are a table in a notebook."""

    def __init__(self, title: str, frame: pd.DataFrame, lines: Sequence[str]) -> None:
        self.title, self.frame, self._lines = title, frame, tuple(lines)

    def __str__(self) -> str:
        return "\n".join(self._lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        shown = self.frame.to_html(index=False, border=0, na_rep="", float_format=lambda v: f"{v:.2f}")
        return f"<p><b>{html.escape(self.title)}</b></p>{shown}"


class Results:
    """A results folder, read when it is asked for; `studies` are those that are looked at.

    Numbers in frames are as recorded (accuracies as shares), those of `summary` in per cent and points.
    """

    def __init__(self, where: str, studies: Sequence[str] = ()) -> None:
        from study.storage.results_folder import ResultsFolder

        self.where = where
        self._store = ResultsFolder(where)
        self._names = tuple(studies)

    @cached_property
    def _inputs(self) -> ReportInputs:
        from analysis.report.inputs import read

        return read(self._store)

    @cached_property
    def studies(self) -> dict[str, Study]:
        """The studies looked at, by name: those that were run, or all of an opened folder."""
        there = self._inputs.studies
        return {n: there[n] for n in (self._names or there) if n in there}

    def refresh(self) -> Results:
        """The same folder, read anew."""
        return Results(self.where, self._names)

    @property
    def trials(self) -> pd.DataFrame:
        """One row a study, arm and seed: study, arm, seed, trial, status, epochs, epochs_done, reduced, host, cpu."""
        import pandas as pd

        from analysis.data.arms import arm_frame

        parts = [arm_frame(self._inputs.frames, s).assign(study=name) for name, s in self.studies.items() if s.arms]
        frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["arm", "seed", "trial"])
        return frame[["study", *(c for c in frame.columns if c != "study")]] if parts else frame

    def curves(self, metric: str = "val_accuracy") -> pd.DataFrame:
        """A metric by epoch, tidy: study, arm, seed, epoch, value, role (`baseline` or `arm`).

        Raises:
            BadInput: there is no such metric.
        """
        import pandas as pd

        from analysis.data.arms import arm_epochs

        parts = []
        for name, study in self.studies.items():
            if not study.arms:
                continue
            rows = arm_epochs(self._inputs.frames, study)
            if metric not in rows.columns or metric in ("study", "arm", "seed", "epoch", "trial"):
                known = [c for c in rows.columns if rows[c].dtype.kind == "f"]
                raise BadInput("metric", metric, "expected one of " + ", ".join(known))
            roles = ["baseline" if a == study.baseline else "arm" for a in rows["arm"]]
            parts.append(
                pd.DataFrame({"study": name, "arm": rows["arm"].astype(str), "seed": rows["seed"],
                              "epoch": rows["epoch"], "value": rows[metric], "role": roles})
            )  # fmt: skip
        columns = ["study", "arm", "seed", "epoch", "value", "role"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts over the claims of the studies, as values."""
        from study.app.run_end import judged

        return judged(self._store, list(self.studies.values()))

    @property
    def claims(self) -> ShownTable:
        """A row a claim: study, claim, verdict, statement, finding; `.frame` is the frame."""
        import pandas as pd

        from study.app.live_view import UNICODE
        from study.app.run_end import finding, verdict_lines

        frame = pd.DataFrame(
            [(v.study, v.id, v.verdict, v.statement, finding(v)) for v in self.verdicts],
            columns=["study", "claim", "verdict", "statement", "finding"],
        )
        lines = verdict_lines(self.verdicts, 100, UNICODE) if self.verdicts else ["no claims"]
        return ShownTable("Claims", frame, lines)

    def effects(self, metric: str | None = None) -> pd.DataFrame:
        """Every arm against its baseline, in pairs by seed.

        Returns:
            study, arm, metric, epoch, estimate, low and high (of the 95 % interval), n, p, refused (why there is none).
        """
        import pandas as pd

        from analysis.tables.effects import EFFECT_COLUMNS, effects

        inputs = self._inputs
        more: dict[str, Any] = {} if metric is None else {"metrics": (metric,)}
        parts = [effects(s, inputs.frames, inputs.seeds(n), **more) for n, s in self.studies.items() if len(s.arms) > 1]
        parts = [p for p in parts if len(p)]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(EFFECT_COLUMNS))

    def plot(self, kind: str = "curves", study: str | None = None) -> Figure:
        """A figure of one study, as in the report: curves, lr, parameters, activations or effects.

        Args:
            kind: which figure.
            study: whose; needed where there are several.

        Raises:
            BadInput: there is no such figure or study.
        """
        import dataclasses

        from analysis.data.arms import arm_epochs, arm_tensors
        from analysis.data.load import with_tensors
        from analysis.figures.study_figures import MAKERS, for_study

        if kind not in (known := (*MAKERS, "effects")):
            raise BadInput("plot", kind, "expected one of " + ", ".join(known))
        chosen = self._one(study)
        frames = self._inputs.frames
        epochs = arm_epochs(frames, chosen)
        if kind in ("parameters", "activations"):
            frames = with_tensors(self._inputs.loaded, self._store, set(epochs["trial"])).frames
        effect = self.effects() if kind == "effects" else None
        figures = () if kind == "effects" else (cast(Any, kind),)
        asked = dataclasses.replace(chosen, figures=figures)
        found = for_study(asked, epochs, arm_tensors(frames, chosen), effect)
        if not found:
            raise BadInput("plot", kind, "there is nothing to draw: no arm has a trial to compare")
        return found[0].figure

    def _one(self, study: str | None) -> Study:
        names = ", ".join(self.studies)
        if study is not None and study not in self.studies:
            raise BadInput("study", study, f"expected one of {names}")
        if study is None and len(self.studies) != 1:
            raise BadInput("study", None, f"name one of {names}")
        return self.studies[study] if study is not None else next(iter(self.studies.values()))

    def summary(self) -> ShownTable:
        """A row an arm, after its last epoch: seeds, accuracy, gap, their changes against the baseline.

        In per cent and points; `_half` is half a 95 % interval over seeds, from three seeds on.
        """
        import pandas as pd

        from study.app.live_view import UNICODE, arms_table
        from study.app.status import status_of

        boards = [b for b in status_of(self.where).boards if b.plan.studies[0].name in self.studies]
        rows = [row for board in boards for row in board.rows()]
        names = ("accuracy", "gap", "change", "gap_change")
        values = []
        for row in rows:
            numbers: dict[str, float | None] = {}
            for name in names:
                m = getattr(row, name)
                numbers |= {name: m.value if m else None, f"{name}_half": m.half if m else None}
            values.append({"study": row.study, "arm": row.arm, "seeds": row.done, **numbers})
        title = ", ".join(self.studies)
        return ShownTable(
            title, pd.DataFrame(values), arms_table(rows, 100, UNICODE, final=True) if rows else ["no trials"]
        )

    def __repr__(self) -> str:
        return f"Results({self.where!r}: {', '.join(self.studies)})"

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_() + self.claims._repr_html_()
