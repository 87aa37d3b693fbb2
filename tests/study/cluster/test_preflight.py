"""What is refused before anything is paid for, and what a dry run says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from study.cluster import head_entry as on_head
from study.cluster import preflight, submit
from study.cluster.cluster_file import read_cluster, read_first_document
from study.cluster.preflight import check_pins, check_results, check_submission, check_warm_starts, job_name
from study.cluster.pricing import estimate
from study.planning import gpu_share as gpu
from study.planning.cost import expected_search_seconds
from study.planning.planned_jobs import plan_jobs
from study.spec import registry
from tests.study.cluster.submissions import ROOT, asked, planned, work_of
from tests.synthetic import FASHION
from trainables.config.errors import BadInput


def test_the_head_is_asked_for_the_seeds_that_were_asked_for() -> None:
    assert "--seeds 3-4" in " ".join(preflight.study_words(asked(seeds="3,4")))
    assert preflight.job_name(asked(seeds="3,4")) == preflight.job_name(asked(seeds="3-4"))
    assert preflight.job_name(asked(seeds="3-4")) != preflight.job_name(asked(seeds=2))
    assert preflight.job_name(asked(seeds="2")) == preflight.job_name(asked(seeds=2))


def test_metrics_travel_with_a_submission() -> None:
    more = asked(metrics=("penalty", "lr"))
    assert "--metrics penalty --metrics lr" in " ".join(preflight.study_words(more))
    assert preflight.job_name(more) == preflight.job_name(asked(metrics=("lr", "penalty"))) != job_name(asked())


def test_a_dry_run_says_what_it_would_take_and_starts_nothing(laptop: Path) -> None:
    said: list[str] = []
    submit.submit(asked(), planned, dry_run=True, say=said.append)
    text = "\n".join(said)
    assert "4 trials of 1 CPU each" in text
    assert "1 x cpu-spot and the head" in text
    assert "cap 20.00" in text
    assert "timeout --signal=INT" in text
    assert "study run dropout --seeds 2 --results s3://b/r --address auto" in text
    assert said[-1] == "dry run: nothing was started"


def test_on_gpus_the_seeds_of_an_arm_are_one_job(laptop: Path) -> None:
    work = work_of(device="cuda", seeds=5)
    assert work.trials == 2
    assert work.seconds == pytest.approx(work_of(seeds=5).seconds)


def test_a_search_is_counted_in_full(laptop: Path) -> None:
    searches = [n for n in registry.names() if registry.load_study(n).search is not None]
    assert searches
    for name in searches:
        search = registry.load_study(name).search
        assert search is not None
        work = work_of(names=(name,))
        assert work.trials >= len(search.parts()) * search.trials
        made = planned(asked(names=(name,)))
        assert work.seconds == pytest.approx(expected_search_seconds(made.studies[0], FASHION) + made.seconds_to_train)
        assert work.seconds / work.trials < work.longest_seconds < work.seconds, (
            "the longest is the dearest that may come"
        )


def test_the_share_of_a_gpu_is_the_runs(laptop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is planned with, and what a run on such a head finds from what it is told."""
    cluster, request = read_cluster("cluster.yaml"), asked(device="cuda", seeds=5)
    work = preflight.workload_of(planned(request), cluster)
    told = json.loads(submit.head_environment(cluster, estimate(cluster, work))["STUDY_NODE_TYPES"])
    jobs = [job.job for job in plan_jobs(planned(request).missing)]
    assert work.gpus == gpu.gpu_share(jobs, FASHION, gpu.smallest_gpu_bytes(told)) == 0.125
    monkeypatch.setenv("STUDY_GPU_SHARE", "0.5")
    assert work_of(device="cuda").gpus == 0.5
    assert submit.head_environment(cluster, estimate(cluster, work))["STUDY_GPU_SHARE"] == "0.5"


def test_a_dry_run_says_what_share_of_a_gpu_it_takes_and_why(laptop: Path) -> None:
    def said() -> str:
        lines: list[str] = []
        submit.submit(asked(device="cuda"), planned, dry_run=True, say=lines.append)
        return lines[0]

    assert "2 trials of 1 CPU and 0.125 GPU each" in said()
    assert re.search(r"gpu share  0\.125: the largest job needs 1\.\d GB of the 16 GB of the smallest", said())
    config = read_first_document("cluster.yaml")
    config["available_node_types"]["gpu-spot"]["node_config"]["InstanceType"] = "g6f.xlarge"
    (laptop / "cluster.yaml").write_text(yaml.safe_dump(config))
    assert "gpu share  0.25: assumed, because the type of GPU of gpu-spot is not known: write it" in said()
    config["available_node_types"]["gpu-spot"]["resources"]["accelerator_type:L4"] = 1
    (laptop / "cluster.yaml").write_text(yaml.safe_dump(config))
    assert "gpu share  0.125: the largest" in said()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"results": "results/here"}, "nodes cannot reach a folder of the laptop"),
        ({"cluster": "no.yaml"}, "there is no cluster file"),
    ],
)
def test_bad_requests_are_refused(laptop: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check_submission(asked(**change))


def test_own_machines_want_an_absolute_folder(laptop: Path) -> None:
    config = read_first_document(ROOT / "cluster/local.yaml")
    config["metadata"]["study"]["python"] = on_head.versions().python
    config["setup_commands"] = []
    (laptop / "local.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(BadInput, match="absolute path of a folder that all machines mount"):
        check_submission(asked(cluster="local.yaml", results="results"))
    assert check_submission(asked(cluster="local.yaml", results="/mnt/results")).provider == "local"


def test_a_folder_that_a_run_would_make_is_no_fault_but_one_that_is_not_mounted_is(tmp_path: Path) -> None:
    check_results(str(tmp_path / "new"))
    assert list(tmp_path.iterdir()) == [], "nothing is left by asking"
    with pytest.raises(BadInput, match=r"--results: got .*; .*/not-mounted is not here; mount it on all machines"):
        check_results(str(tmp_path / "not-mounted/new"))


def test_the_wrong_folder_is_said_before_all_that_follows_from_it(
    laptop: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(BadInput, match=r"run this in the project's folder"):
        check_submission(asked(cluster=str(laptop / "cluster.yaml")))


def test_another_python_is_refused(laptop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("study.cluster.preflight.versions", lambda: replace(on_head.versions(), python="3.9"))
    with pytest.raises(BadInput, match=r"python: got '3\.9'; cluster\.yaml sets up Python"):
        check_submission(asked())


def test_another_ray_is_refused(laptop: Path) -> None:
    (laptop / "constraints.txt").unlink()
    with pytest.raises(BadInput, match="run this in the project's folder"):
        check_pins(laptop / "constraints.txt")
    (laptop / "constraints.txt").write_text("ray==1.0.0\n")
    with pytest.raises(BadInput, match=r"Ray: got '.*'; constraints\.txt, and so the cluster, has 1\.0\.0"):
        check_pins(laptop / "constraints.txt")


def test_what_costs_too_much_is_refused(laptop: Path) -> None:
    config = read_first_document(laptop / "cluster.yaml")
    config["metadata"]["study"]["cap"] = 0.01
    (laptop / "cluster.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(BadInput, match=r"raise metadata\.study\.cap"):
        submit.submit(asked(), planned, say=lambda line: None)


@pytest.mark.parametrize(
    ("file", "where", "right"),
    [
        ("cluster.yaml", "results/before", "a URL such as"),
        ("cluster.yaml", "/mnt/before", "a URL such as"),
        ("cluster.yaml", "s3://b/before", ""),
        ("cluster/local.yaml", "results/before", "an absolute path of a folder that all machines mount"),
        ("cluster/local.yaml", "/mnt/before", ""),
    ],
)
def test_a_search_learns_from_no_folder_that_the_head_cannot_reach(file: str, where: str, right: str) -> None:
    found = planned(asked(names=("search-sgd-adam",)))
    study = found.studies[0]
    assert study.search is not None
    warm = replace(study, search=replace(study.search, searcher="tpe", warm_start=(where,)))
    told = replace(found, studies=(warm,))
    if not right:
        check_warm_starts(told, read_cluster(ROOT / file))
        return
    with pytest.raises(BadInput, match=rf"warm_start: got '{where}'; the head cannot reach this folder; .*{right}"):
        check_warm_starts(told, read_cluster(ROOT / file))


def test_submit_looks_at_what_a_search_is_told_of(laptop: Path) -> None:
    written = ["name: mine", "title: T", "question: Q?", "knobs: [lr]", "epochs: 2", "search:", "  searcher: tpe"]
    written += [
        "  trials: 4",
        "  space: {lr: {kind: float, low: 0.001, high: 0.1, log: true}}",
        "  warm_start: [results/nowhere]",
    ]
    (laptop / "mine.yaml").write_text("\n".join(written))
    with pytest.raises(BadInput, match=r"warm_start: got 'results/nowhere'; the head cannot reach"):
        submit.submit(asked(names=("mine.yaml",), results=str(laptop.as_uri())), planned, dry_run=True)
