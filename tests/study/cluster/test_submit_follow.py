"""`study submit` that follows a run while the network comes and goes."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from study.cluster import job_server as jobs
from study.cluster import submit
from tests.study.cluster.submissions import asked


class Flickering(jobs.JobServer):
    """Answers, and then does not, in turn; a line more each time, until a job of some lines is over."""

    asked, lines = 0, 30

    def job(self, job: str) -> jobs.JobState:
        Flickering.asked += 1
        if Flickering.asked % 2 == 0:
            raise jobs.Unreachable("no network")
        return jobs.JobState("SUCCEEDED" if Flickering.asked > 2 * self.lines else "RUNNING")

    def output(self, job: str) -> str:
        return "".join(f"line {n}\n" for n in range(Flickering.asked // 2 + 1))


def test_outages_that_end_are_no_failures_and_show_nothing_twice(
    laptop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Flickering, "asked", 0)
    monkeypatch.setattr("study.cluster.job_server.tunnel", lambda cluster: nullcontext(Flickering("")))
    monkeypatch.setattr("study.cluster.job_server.time.sleep", lambda seconds: None)
    said: list[str] = []
    submit._follow(asked(), "job", said.append)
    assert capsys.readouterr().out == "".join(f"line {n}\n" for n in range(31))
    assert said[:-1] == ["the head does not answer (no network); trying again"] * 30
