"""`study submit` without a cluster: what is refused before anything is paid for, and what the head is told."""

from __future__ import annotations

import dataclasses
import json
import shlex
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
from study.cluster.cluster_file import read_first_document
from study.cluster.preflight import SeedLimits
from study.cluster.pricing import CostEstimate
from study.cluster.submit import JobFailed
from study.storage.results_folder import ResultsFolder
from tests.study import own
from tests.study.cli.test_main import study
from tests.study.cluster.submissions import ROOT, asked, planned
from trainables.config.errors import BadInput, EngineError


class Head:
    """A job server as Ray's dashboard has it: states and output per job, as the test sets them."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.token = "secret-of-the-cluster"
        self.version = on_head.versions().ray
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
    output = jobs.FollowedOutput()
    assert jobs.follow(Slow(""), "x", output, shown.append) == jobs.JobState("SUCCEEDED")
    assert shown == ["a\n", "half\n", "end"] and output == jobs.FollowedOutput(len("a\nhalf\nend"), 3)


@pytest.mark.parametrize("call", ["version", "job", "submit"])
def test_a_head_that_is_silent_while_it_is_given_a_run_is_one_line(
    head: Head, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*given: object) -> None:
        raise jobs.Unreachable("no answer within 20 s")

    monkeypatch.setattr(jobs.JobServer, call, silent)
    with pytest.raises(EngineError, match=r"the head does not answer \(no answer within 20 s\); the same command"):
        submit.submit(asked(), planned, say=lambda line: None)


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


def test_a_cluster_buys_seeds_where_they_decide(head: Head) -> None:
    request = asked(decide=SeedLimits(12, hours=3.0))
    said: list[str] = []
    submit.submit(request, planned, dry_run=True, say=said.append)
    shown = next(line for line in said if line.startswith("command"))
    assert "study decide dropout --max-seeds 12 --hours 3 --results s3://b/r --address auto --cpus" in shown
    assert any("only open claims get seeds, and it ends after 3.0 h" in line for line in said) and head.jobs == {}
    submit.submit(request, planned, wait=False, say=said.append)
    (job,) = head.jobs.values()
    assert "study decide dropout --max-seeds 12 --hours 3" in job["body"]["entrypoint"]
    submit.submit(asked(), planned, wait=False, say=said.append)
    assert len(head.jobs) == 2, "a run is another request"
    submit.submit(asked(decide=SeedLimits(12, hours=3.0, least_chance=0.0)), planned, wait=False, say=said.append)
    assert (
        len(head.jobs) == 3
        and "--max-seeds 12 --min-chance 0 --hours 3" in [*head.jobs.values()][-1]["body"]["entrypoint"]
    )


@pytest.mark.parametrize(("limits", "hours"), [(SeedLimits(), 1.0), (SeedLimits(price=1.0), 0.5)])
def test_buying_seeds_ends_before_the_cap_is_used_up(limits: SeedLimits, hours: float) -> None:
    cost = CostEstimate(nodes={}, slots=4, hours=9.0, cost=18.0, worst_cost=18.0, allowed_hours=1.0, hourly_price=2.0)
    assert limits.hours_of(cost) == hours
    words = preflight.study_words(asked(decide=limits), cost)
    assert words[words.index("--hours") + 1] == f"{hours:g}" and words[-1] == "4"
    free = dataclasses.replace(cost, allowed_hours=float("inf"), hourly_price=0.0)
    assert "--hours" not in preflight.study_words(asked(decide=limits), free)
    idling = dataclasses.replace(cost, allowed_hours=0.75, idle_hours=0.25)
    assert limits.hours_of(idling) == min(0.75, hours if limits.price is None else 0.25)


@pytest.mark.parametrize(
    ("price", "cap", "said"), [(0.5, 6.0, "--price: got 0.5; "), (9.0, 0.4, "cap: got 0.4; "), (None, 0.5, "cap: ")]
)
def test_what_pays_for_idle_nodes_alone_is_refused(price: float | None, cap: float, said: str) -> None:
    cost = CostEstimate(nodes={}, slots=4, hours=9.0, cost=18.0, worst_cost=18.0, allowed_hours=cap / 2 - 0.25,
                        hourly_price=2.0, idle_hours=0.25)  # fmt: skip
    with pytest.raises(BadInput, match=f"{said}.*the nodes idle for 15 min at the end, which alone costs 0.50"):
        SeedLimits(price=price).hours_of(cost)


@pytest.fixture
def workshop(head: Head, laptop: Path) -> Path:
    """A laptop with a study of two arms and one claim, its data, and machines of one's own for 2 USD an hour in all."""
    config = read_first_document(ROOT / "cluster/local.yaml")
    mine = config["metadata"]["study"]
    mine.update(python=on_head.versions().python, cap=6.2)
    config["idle_timeout_minutes"] = 6
    mine["prices"]["hourly"] = {"head": 0.5, "worker": 0.75}
    (laptop / "local.yaml").write_text(yaml.safe_dump({**config, "setup_commands": []}))
    (laptop / "mounted").mkdir()
    own.data(laptop, "small", 60, 30)
    path = own.study(laptop, "mine", "lr", [0.1, 0.1001], data="small")
    sides = {side: {"arm": arm, "metric": "val_accuracy"} for side, arm in zip("ab", "ba", strict=True)}
    claim = {
        "id": "c",
        "statement": "b is ahead.",
        "from_seed": 3,
        "parts": [{"form": "contrast", "low": 0.0, **sides}],
    }
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), "claims": [claim]}))
    return laptop


def submitted(folder: Path, *words: str) -> int:
    where = ("--cluster", "local.yaml", "--results", str(folder / "mounted/run"), "--data-dir", ".")
    return study("submit", "mine.yaml", "--decide", *where, *words)


def test_submit_decide_says_what_it_takes_and_a_dry_run_sends_nothing(
    workshop: Path, head: Head, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submitted(workshop, "--max-seeds", "7", "--price", "1", "--dry-run") == 0
    said = capsys.readouterr().out
    assert "to train   14 trials of 1 CPU each" in said, "seeds 3 to 9 of two arms"
    assert "decide     at most all that, 7 seeds from the first of each claim on, of every arm; only open" in said
    assert "ends after 0.4 h of training" in said, (
        "1 USD buys half an hour at 2 USD an hour, of which nodes idle 6 minutes"
    )
    assert "command    timeout --signal=INT" in said and "study decide mine.yaml --max-seeds 7 --hours 0.4 " in said
    assert said.endswith("dry run: nothing was started\n") and head.jobs == {}
    assert not (workshop / "mounted/run").exists()


@pytest.mark.parametrize(
    ("limits", "hours"),
    [([], "3"), (["--hours", "2"], "2"), (["--hours", "2", "--price", "1"], "0.4"), (["--price", "99"], "3")],
)
def test_what_submit_decide_sends_is_what_the_head_can_run(
    limits: list[str], hours: str, workshop: Path, head: Head, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submitted(workshop, "--max-seeds", "5", "--device", "cpu", "--no-wait", *limits) == 0
    (job,) = head.jobs.values()
    sent = shlex.split(job["body"]["entrypoint"])
    words = sent[sent.index("study") :]
    assert words[:7] == ["study", "decide", "mine.yaml", "--max-seeds", "5", "--hours", hours]
    assert words[words.index("--address") + 1] == "auto" and words[-2:] == ["--device", "cpu"]
    assert int(sent[sent.index("timeout") + 3]) == 3 * 3600, "the cap of 6.20 USD ends it in any case"
    assert "the head has it" in capsys.readouterr().out
    if not limits:  # what the head does with it, in this process and without its cluster
        at = words.index("--address")
        here = [*words[1:at], *words[at + 2 :], "--executor", "inline", "--data-dir", "."]
        assert study(*here) == 0
        records = ResultsFolder(str(workshop / "mounted/run")).trials.records()
        assert {r.config.seed for r in records} == {3, 4, 5, 6, 7}
        assert submitted(workshop, "--max-seeds", "5", "--no-wait") == 0 and len(head.jobs) == 1
        assert "nothing to train: all of it is on record" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--max-seeds", "4"], "--max-seeds: got 4; expected 5 to 1000"),
        (["--hours", "0"], "--hours: got 0.0; expected a number above 0"),
        (["--price", "-1"], "--price: got -1.0; expected a number above 0"),
        (["--price", "nan"], "--price: got nan; expected a number above 0"),
        (["--seeds", "9"], "--seeds: got '9'; it does not go with --decide"),
        (["--metrics", "val_loss"], "--metrics"),
        (["--keep-checkpoints"], "--keep-checkpoints"),
    ],
)
def test_submit_decide_refuses_what_means_nothing(
    given: list[str], said: str, workshop: Path, head: Head, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submitted(workshop, *given) == 2
    assert said in capsys.readouterr().err and head.jobs == {}


def test_submit_decide_prices_arms_of_other_studies_that_claims_need(
    workshop: Path, head: Head, capsys: pytest.CaptureFixture[str]
) -> None:
    """All seeds of its own arms are there; those of the other study in the folder are what would be bought."""
    other = own.study(workshop, "other", "lr", [0.2, 0.3, 0.4], data="small")
    values = yaml.safe_load((workshop / "mine.yaml").read_text())
    (claim,) = values["claims"]
    claim["parts"][0]["b"]["arm"] = "other/c"
    (workshop / "mine.yaml").write_text(yaml.safe_dump({**values, "claims": [{**claim, "from_seed": 1}]}))
    here = ("--results", str(workshop / "mounted/run"), "--executor", "inline", "--data-dir", ".")
    assert study("run", other.name, "--seeds", "1", *here) == 0
    assert study("run", "mine.yaml", "--seeds", "1-5", *here) == 0
    capsys.readouterr()
    assert submitted(workshop, "--max-seeds", "5", "--dry-run") == 0
    said = capsys.readouterr().out
    assert "to train   5 trials of 1 CPU each" in said, "seeds 1 to 5 of other/c, and none of its other arms"
    assert "of every arm, those of other studies that claims need too; only open claims get seeds" in said
    assert submitted(workshop, "--max-seeds", "5", "--no-wait") == 0
    assert len(head.jobs) == 1 and "nothing to" not in capsys.readouterr().out
