"""A searcher's segments through Ray Tune; what `study.execution.ray_executor` is for a plan.

Ray itself comes from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from study.execution.liveness import LivenessMonitor
from study.execution.progress import Progress
from study.execution.ray_callbacks import trial_guard
from study.execution.ray_environment import scratch
from study.execution.ray_errors import out_of_memory, ray_failure
from study.execution.ray_executor import run_settings, trainable_for
from study.execution.ray_patches.startup import light_trials
from study.execution.ray_session import ray_session
from study.planning.executor import OUT_OF_MEMORY, ExecutionSettings, TrialListener
from study.search.controller import CurvesOnRecord, SearchController, Segment
from study.storage.results_folder import ResultsFolder
from study.storage.search_events import Proposal
from trainables.data.dataset import DataSet


def run_segments(
    searcher: Any,
    at_once: int,
    device: str,
    store: ResultsFolder,
    data: DataSet,
    engine: ExecutionSettings,
    progress: Progress,
    provenance: dict[str, Any],
    epoch_seconds: float,
) -> None:
    """Train what a searcher asks for, so many of its trials at once, until it asks for no more or is interrupted.

    `epoch_seconds`: what an epoch of its largest trials should take; the limit after which one counts as hanging.

    Raises:
        EngineError: as `run`; or more trials at once than this Ray has room for.
    """
    with ray_session(engine, data) as ray:
        trainable = trainable_for(ray, device, (), store, data, engine, provenance)
        watch: LivenessMonitor[str] = LivenessMonitor(lambda _: None, lambda _: epoch_seconds, engine.stall_seconds)
        watcher = trial_guard(watch, engine.stop, ray, lambda trial: trial.trial_id, _Reasons(searcher))
        progress.start()
        try:
            with engine.stop.watched():
                while not _fitted(ray, trainable, searcher, at_once, watcher, engine) and not engine.stop.asked:
                    progress.running.clear()
                    watch.running.clear()
        finally:
            progress.stop()


def _fitted(ray: Any, trainable: Any, searcher: Any, at_once: int, watcher: Any, engine: ExecutionSettings) -> bool:
    """Ray Tune asks the searcher until it asks for no more; False where memory ran out, and it is to be asked again."""
    how = ray.tune.TuneConfig(
        search_alg=searcher,
        num_samples=-1,
        max_concurrent_trials=at_once,
        reuse_actors=True,
        trial_name_creator=_segment_name,
        trial_dirname_creator=_segment_name,
    )
    with scratch() as folder:
        settings = run_settings(ray, "search", folder, watcher, engine)
        try:
            with light_trials(ray):
                ray.tune.Tuner(trainable, tune_config=how, run_config=settings).fit()
        except Exception as error:  # whatever goes wrong inside Ray
            if not (out_of_memory(error) and searcher.sent):
                raise ray_failure(error) from None
            searcher.out_of_memory()
            return False
    return True


class _Reasons(TrialListener):
    """Tells the searcher why a trial failed."""

    def __init__(self, searcher: Any) -> None:
        self._searcher = searcher

    def lost(self, job: Any, trial: str, reason: str) -> None:
        """See `TrialListener`."""
        self._searcher.failed(trial, reason)


def _segment_name(trial: Any) -> str:
    return f"proposal-{trial.config['n']}-{trial.config['until']}"


@dataclass
class SearchListener:
    """Who is told what happens, for display."""

    epoch: Callable[[int, int, int], None] = lambda n, done, until: None
    """A segment has so many epochs behind it, of so many."""
    began: Callable[[Proposal], None] = lambda p: None
    """A proposal was sent to be trained."""
    ended: Callable[[Proposal], None] = lambda p: None
    """A segment of it is over."""


def ray_searcher(  # noqa: C901
    brain: SearchController,
    seeds: Sequence[int],
    known: CurvesOnRecord,
    watch: SearchListener,
    extra: Mapping[str, Any],
) -> Any:
    """What Ray Tune asks for trials: each is a segment of a proposal, on all seeds.

    `extra`: put into each trial's config as it is.
    """
    from ray.tune.search import Searcher

    class Segments(Searcher):  # type: ignore[misc, unused-ignore]
        """Passes on what the brain wants."""

        def __init__(self) -> None:
            super().__init__(metric="val_accuracy", mode="max")
            self.sent: dict[str, Segment] = {}
            self.failing: dict[str, Segment] = {}
            """Ended in an error of which `failed` will say more."""
            self.alone: set[int] = set()
            """Proposals that were under way when memory ran out: each is trained by itself before all others."""
            self.finished = False

        def __reduce__(self) -> tuple[Any, ...]:
            return Searcher, ("val_accuracy", "max")  # Ray pickles its searcher to disk and never reads it back

        def __deepcopy__(self, memo: object) -> Segments:
            return self

        def set_search_properties(self, *args: object, **kwargs: object) -> bool:
            return True

        def suggest(self, trial_id: str) -> Any:
            if self.alone and self.sent:
                return None
            while (segment := brain.next()) is not None:
                there = known(segment)
                if there is None:
                    self.sent[trial_id] = segment
                    watch.began(brain.proposals[segment.n])
                    values = segment.config.to_dict()
                    del values["seed"]
                    return {"knobs": {**values, "seeds": list(seeds)}, "until": segment.until, "n": segment.n, **extra}
                brain.report(segment.n, *there)
                watch.ended(brain.proposals[segment.n])
            self.finished = brain.over
            return Searcher.FINISHED if brain.over else None

        def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
            segment = self.sent[trial_id]
            watch.epoch(segment.n, int(result.get("epochs", 0)), segment.until)

        def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
            segment = self.sent.pop(trial_id, None)
            curves = {k.removeprefix("curves/"): v for k, v in (result or {}).items() if k.startswith("curves/")}
            failure = str((result or {}).get("failed") or "")
            if segment is None or (not error and not curves and not failure):
                return  # ended from outside; it goes on when the search is run again
            self.alone.discard(segment.n)
            if failure:
                brain.fail(segment.n, failure)
                watch.ended(brain.proposals[segment.n])
                return
            if error or result is None:
                self.failing[trial_id] = segment
                return
            brain.report(segment.n, curves, bool(result["diverged"]))
            watch.ended(brain.proposals[segment.n])

        def failed(self, trial_id: str, reason: str) -> None:
            """Why a trial ended in an error; Ray tells a searcher that it did, and others why."""
            if (segment := self.failing.pop(trial_id, None)) is not None:
                brain.fail(segment.n, reason)
                watch.ended(brain.proposals[segment.n])

        def out_of_memory(self) -> None:
            """Ray killed a worker for memory and gave up; one that was alone has failed, the others go alone now."""
            for segment in self.sent.values():
                if segment.n in self.alone and len(self.sent) == 1:
                    brain.fail(segment.n, OUT_OF_MEMORY)
                    self.alone.discard(segment.n)
                    watch.ended(brain.proposals[segment.n])
                else:
                    brain.put_back(segment.n)
                    self.alone.add(segment.n)
            self.sent.clear()

        def save(self, checkpoint_path: str) -> None:
            """Nothing to save: the events are."""

        def restore(self, checkpoint_path: str) -> None:
            """Never called."""

        def get_state(self) -> dict[str, Any]:
            return {}

        def set_state(self, state: dict[str, Any]) -> None:
            """Never called."""

        def save_to_dir(self, checkpoint_dir: str, session_str: str = "default") -> None:
            """Nothing to save: the events are."""

    return Segments()
