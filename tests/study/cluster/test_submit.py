"""`study submit` without a cluster: what is refused before anything is paid for, and what the head is told."""

from __future__ import annotations

import base64
import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from study.cluster import head_entry as on_head
from study.cluster import job_server as jobs
from study.cluster import preflight, submit
from study.cluster.cluster_file import load, read_cluster
from study.cluster.preflight import Submission, check, check_pins, check_results, job_name
from study.cluster.pricing import Workload, estimate
from study.cluster.submit import JobFailed
from study.planning import gpu_share as gpu
from study.planning import imports, plan
from study.planning.cost import expected_search_seconds
from study.planning.planned_jobs import plan_jobs
from study.planning.protocol import Protocol
from study.planning.seeds import read_seeds
from study.spec import registry
from tests.synthetic import FASHION
from trainables.config.errors import BadInput, EngineError

ROOT = Path(__file__).parents[3]


def asked(**change: Any) -> Submission:
    values: dict[str, Any] = {"names": ("dropout",), "cluster": "cluster.yaml", "results": "s3://b/r", "seeds": 2}
    return Submission(**{**values, **change})


def planned(request: Submission) -> plan.Plan:
    protocol = Protocol(read_seeds(request.seeds), request.quick, request.device, request.precision)
    return plan.plan_trials([registry.load_study(n) for n in request.names], protocol, "5" * 32, {}, FASHION)


def work_of(**change: Any) -> Workload:
    return preflight.work_of(planned(asked(**change)), read_cluster("cluster.yaml"))


def test_the_head_is_asked_for_the_seeds_that_were_asked_for() -> None:
    assert "--seeds 3-4" in " ".join(preflight.study_words(asked(seeds="3,4")))
    assert preflight.job_name(asked(seeds="3,4")) == preflight.job_name(asked(seeds="3-4"))
    assert preflight.job_name(asked(seeds="3-4")) != preflight.job_name(asked(seeds=2))
    assert preflight.job_name(asked(seeds="2")) == preflight.job_name(asked(seeds=2))


def test_metrics_travel_with_a_submission() -> None:
    more = asked(metrics=("penalty", "lr"))
    assert "--metrics penalty --metrics lr" in " ".join(preflight.study_words(more))
    assert preflight.job_name(more) == preflight.job_name(asked(metrics=("lr", "penalty"))) != job_name(asked())


# ------------------------------------------------------------------------------- before anything is paid for


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
        assert work.seconds / work.trials < work.longest < work.seconds, "the longest is the dearest that may come"


def test_the_share_of_a_gpu_is_the_runs(laptop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is planned with, and what a run on such a head finds from what it is told."""
    cluster, request = read_cluster("cluster.yaml"), asked(device="cuda", seeds=5)
    work = preflight.work_of(planned(request), cluster)
    told = json.loads(submit.environment(cluster, estimate(cluster, work))["STUDY_NODE_TYPES"])
    jobs = [job.job for job in plan_jobs(planned(request).missing)]
    assert work.gpus == gpu.share(jobs, FASHION, gpu.smallest(told)) == 0.125
    monkeypatch.setenv("STUDY_GPU_SHARE", "0.5")
    assert work_of(device="cuda").gpus == 0.5
    assert submit.environment(cluster, estimate(cluster, work))["STUDY_GPU_SHARE"] == "0.5"


def test_a_dry_run_says_what_share_of_a_gpu_it_takes_and_why(laptop: Path) -> None:
    def said() -> str:
        lines: list[str] = []
        submit.submit(asked(device="cuda"), planned, dry_run=True, say=lines.append)
        return lines[0]

    assert "2 trials of 1 CPU and 0.125 GPU each" in said()
    assert re.search(r"gpu share  0\.125: the largest job needs 1\.\d GB of the 16 GB of the smallest", said())
    config = load("cluster.yaml")
    config["available_node_types"]["gpu-spot"]["node_config"]["InstanceType"] = "g6f.xlarge"
    (laptop / "cluster.yaml").write_text(yaml.safe_dump(config))
    assert "gpu share  0.25: assumed, for the type of GPU of gpu-spot is not known: write it" in said()
    config["available_node_types"]["gpu-spot"]["resources"]["accelerator_type:L4"] = 1
    (laptop / "cluster.yaml").write_text(yaml.safe_dump(config))
    assert "gpu share  0.125: the largest" in said()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"results": "results/here"}, "nodes cannot reach a folder of the laptop"),
        ({"cluster": "no.yaml"}, "there is no such file"),
    ],
)
def test_bad_requests_are_refused(laptop: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check(asked(**change))


def test_own_machines_want_an_absolute_folder(laptop: Path) -> None:
    config = load(ROOT / "cluster/local.yaml")
    config["metadata"]["study"]["python"] = on_head.versions()["Python"]
    config["setup_commands"] = []
    (laptop / "local.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(BadInput, match="absolute path of a folder that all machines mount"):
        check(asked(cluster="local.yaml", results="results"))
    assert check(asked(cluster="local.yaml", results="/mnt/results")).provider == "local"


def test_a_folder_that_a_run_would_make_is_no_fault_but_one_that_is_not_mounted_is(tmp_path: Path) -> None:
    check_results(str(tmp_path / "new"))
    assert list(tmp_path.iterdir()) == [], "nothing is left by asking"
    with pytest.raises(BadInput, match=r"results: got .*; .*/not-mounted is not here; mount it on all machines"):
        check_results(str(tmp_path / "not-mounted/new"))


def test_the_wrong_folder_is_said_before_all_that_follows_from_it(
    laptop: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(BadInput, match=r"run this in the project's folder"):
        check(asked(cluster=str(laptop / "cluster.yaml")))


def test_another_python_is_refused(laptop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("study.cluster.preflight.versions", lambda: {**on_head.versions(), "Python": "3.9"})
    with pytest.raises(BadInput, match=r"python: got '3\.9'; cluster\.yaml sets up Python"):
        check(asked())


def test_another_ray_is_refused(laptop: Path) -> None:
    (laptop / "constraints.txt").unlink()
    with pytest.raises(BadInput, match="run this in the project's folder"):
        check_pins(laptop / "constraints.txt")
    (laptop / "constraints.txt").write_text("ray==1.0.0\n")
    with pytest.raises(BadInput, match=r"Ray: got '.*'; constraints\.txt, hence the cluster, has 1\.0\.0"):
        check_pins(laptop / "constraints.txt")


def test_what_costs_too_much_is_refused(laptop: Path) -> None:
    config = load(laptop / "cluster.yaml")
    config["metadata"]["study"]["cap"] = 0.01
    (laptop / "cluster.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(BadInput, match=r"raise metadata\.study\.cap"):
        submit.submit(asked(), planned, say=lambda line: None)


# ------------------------------------------------------------------------------------- what the head is told


def test_the_head_compares_versions_unpacks_files_and_keeps_to_the_time(laptop: Path) -> None:
    (laptop / "mine.yaml").write_text("name: mine\n")
    request = asked(names=("dropout", "mine.yaml"))
    cluster = read_cluster("cluster.yaml")
    cost = estimate(cluster, work_of())
    words = shlex.split(submit.head_command(request, cost, {"mine.yaml": b"name: mine\n"}))
    assert words[:5] == ["python", "-P", "-m", "study.cluster.head_entry", "--expect"]
    assert json.loads(words[5]) == on_head.versions()
    name, _, data = words[7].partition("=")
    assert (name, base64.b64decode(data)) == ("mine.yaml", b"name: mine\n")
    command = words[words.index("--") + 1 :]
    assert command[:3] == ["timeout", "--signal=INT", "--kill-after=300"]
    assert float(command[3]) == pytest.approx(cost.allowed_hours * 3600, abs=1)
    assert command[4:8] == ["study", "run", "dropout", "mine.yaml"]
    told = submit.environment(cluster, cost)
    assert int(told["TUNE_MAX_PENDING_TRIALS_PG"]) >= cost.slots, "the autoscaler sees the whole demand"
    assert {"CPU": 8.0, "GPU": 0.0} in json.loads(told["STUDY_NODE_TYPES"])
    assert {"CPU": 4.0, "GPU": 1.0, "accelerator_type:T4": 1} in json.loads(told["STUDY_NODE_TYPES"])


def test_the_head_imports_nothing_from_the_folder_that_it_is_told_this_in(laptop: Path, tmp_path: Path) -> None:
    """Ray runs it in the home folder, where the files of the checkout lie in a folder `study`."""
    home = tmp_path / "home"
    (home / "study/cluster").mkdir(parents=True)
    for name in ("study/__init__.py", "study/cluster/__init__.py"):
        (home / name).write_text("raise SystemExit('the wrong one')\n")
    words = shlex.split(submit.head_command(asked(), estimate(read_cluster("cluster.yaml"), work_of())))
    command = [sys.executable, *words[1 : words.index("--expect")], "--help"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "--expect" in done.stdout, done.stderr


def test_the_same_request_has_the_same_name_and_another_has_not() -> None:
    assert job_name(asked()) == job_name(asked())
    assert len({job_name(asked(**c)) for c in ({}, {"seeds": 3}, {"quick": True}, {"results": "s3://b/s"})}) == 4
    assert len({job_name(asked(), taken) for taken in ("", "a file's digest", "of the file as it is now")}) == 3


def test_a_head_with_other_versions_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    expected = {**on_head.versions(), "Ray": "1.0.0"}
    assert on_head.main(["--expect", json.dumps(expected), "--", "false"]) == 2
    assert "the laptop has 1.0.0" in capsys.readouterr().err


def test_an_edit_of_the_code_is_another_version(tmp_path: Path) -> None:
    for name in ("trainables", "study"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("1")
    before = imports.source_digest.__wrapped__(tmp_path)
    (tmp_path / "trainables/a.py").write_text("2")
    assert imports.source_digest.__wrapped__(tmp_path) != before


# ------------------------------------------------------------------------------------------- following a job


class Head:
    """A job server as Ray's dashboard has it: states and output per job, as the test sets them."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.token = "secret-of-the-cluster"
        self.version = on_head.versions()["Ray"]
        self.on_submit: Callable[[str], None] = lambda job: None

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if path == "/api/version":
            return 200, {"version": "4", "ray_version": self.version}
        if method == "POST":
            name = body["submission_id"]
            self.jobs[name] = {"status": "RUNNING", "logs": "", "body": body}
            self.on_submit(name)
            return 200, {"job_id": name, "submission_id": name}
        name, _, what = path.removeprefix("/api/jobs/").partition("/")
        if not name:
            return 200, [
                {"type": "SUBMISSION", "submission_id": name, "entrypoint": ""}
                | {k: v for k, v in job.items() if k not in ("logs", "body")}
                for name, job in self.jobs.items()
            ]
        return (200, {"logs": self.jobs[name]["logs"]}) if name in self.jobs and what == "logs" else (404, {})


@pytest.fixture
def head(laptop: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Head]:
    made = Head()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            known = self.headers.get("Authorization") == f"Bearer {made.token}"
            code, values = made.answer(self.command, self.path, body) if known else (401, {})
            data = json.dumps(values).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _any  # noqa: N815  # http.server's names

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"

    @contextmanager
    def tunnel(cluster: str) -> Iterator[jobs.JobServer]:
        yield jobs.JobServer(url, jobs.token())

    monkeypatch.setattr("study.cluster.job_server.tunnel", tunnel)
    monkeypatch.setattr("study.cluster.job_server.time.sleep", lambda seconds: None)
    yield made
    server.shutdown()
    server.server_close()


def test_a_run_is_handed_over_followed_and_done(head: Head, capsys: pytest.CaptureFixture[str]) -> None:
    head.on_submit = lambda job: head.jobs[job].update(
        status="SUCCEEDED", logs="Running entrypoint for job x\n1/4 trials\nend"
    )
    said: list[str] = []
    submit.submit(asked(), planned, say=said.append)
    assert capsys.readouterr().out == "1/4 trials\nend\n"
    assert said[-1] == "done: study report s3://b/r; then give the machines back: ray down cluster.yaml"
    (job,) = head.jobs.values()
    assert job["body"]["entrypoint"].startswith("python -P -m study.cluster.head_entry")
    assert job["body"]["runtime_env"]["env_vars"]["STUDY_RETRIES"] == "50"


def test_asking_again_follows_what_runs_and_starts_anew_what_is_over(head: Head) -> None:
    said: list[str] = []
    submit.submit(asked(), planned, wait=False, say=said.append)
    submit.submit(asked(), planned, wait=False, say=said.append)
    assert len(head.jobs) == 1
    assert any("runs already; following it" in line for line in said)
    next(iter(head.jobs.values()))["status"] = "FAILED"
    submit.submit(asked(), planned, wait=False, say=said.append)
    assert [name.endswith("-2") for name in head.jobs] == [False, True]


@pytest.mark.parametrize(
    ("code", "said"), [(6, "failed: the driver says"), (124, "the time that the cap buys is over")]
)
def test_a_run_that_failed_gives_its_exit_code(head: Head, code: int, said: str) -> None:
    head.on_submit = lambda job: head.jobs[job].update(
        status="FAILED", message="the driver\nsays", driver_exit_code=code
    )
    with pytest.raises(JobFailed, match=said) as caught:
        submit.submit(asked(), planned, say=lambda line: None)
    assert caught.value.exit_code == code
    assert "\n" not in str(caught.value)


def test_a_cluster_with_another_ray_or_another_token_gets_nothing(head: Head) -> None:
    head.version = "2.0.0"
    with pytest.raises(BadInput, match=r"the cluster runs 2\.0\.0"):
        submit.submit(asked(), planned, say=lambda line: None)
    head.token = "of-somebody-else"
    with pytest.raises(BadInput, match="the cluster has another") as caught:
        submit.submit(asked(), planned, say=lambda line: None)
    assert "secret-of-the-cluster" not in str(caught.value)
    assert head.jobs == {}


def test_output_is_shown_in_whole_lines_and_once(head: Head) -> None:
    texts = ["a\nhal", "a\nhalf\n", "a\nhalf\nend"]

    class Slow(jobs.JobServer):
        def job(self, job: str) -> jobs.JobState:
            return jobs.JobState("SUCCEEDED" if len(texts) == 1 else "RUNNING")

        def output(self, job: str) -> str:
            return texts.pop(0)

    shown: list[str] = []
    assert jobs.follow(Slow(""), "x", 0, shown.append)[0] == len("a\nhalf\nend")
    assert shown == ["a\n", "half\n", "end"]


def test_whoever_follows_a_run_is_told_that_the_head_was_restarted(head: Head, monkeypatch: pytest.MonkeyPatch) -> None:
    def restart(seconds: float) -> None:
        head.jobs.clear()

    monkeypatch.setattr("study.cluster.job_server.time.sleep", restart)
    with pytest.raises(JobFailed, match="the same command goes on") as caught:
        submit.submit(asked(), planned, say=lambda line: None)
    assert caught.value.exit_code == 1


def test_a_head_that_is_not_there_says_how_to_start_one(laptop: Path) -> None:
    with pytest.raises(EngineError, match=r"start it with: ray up nowhere\.yaml"), jobs.tunnel("nowhere.yaml"):
        pass
