"""`study submit` to Kubernetes without one: what the RayJob says, and what is refused before it is handed over."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
import yaml

from study.cluster import head_entry as on_head
from study.cluster import submit
from study.cluster.cluster_file import read_first_document
from study.cluster.preflight import check_submission
from tests.study.cluster.submissions import asked, planned
from trainables.config.errors import BadInput, EngineError

ROOT = Path(__file__).parents[3]


def test_kubernetes_without_its_command_says_so(laptop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(laptop))
    with pytest.raises(EngineError, match="kubectl is not there"):
        submit.submit(asked(cluster=rayjob(laptop)), planned, say=lambda line: None)


def rayjob(laptop: Path, *changes: tuple[str, str]) -> str:
    text = (ROOT / "cluster/kuberay.yaml").read_text()
    for old, new in (('python: "3.11"', f'python: "{on_head.versions().python}"'), *changes):
        assert old in text
        text = text.replace(old, new)
    (laptop / "kube.yaml").write_text(text)
    return "kube.yaml"


@pytest.fixture
def kubectl(laptop: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kubectl that keeps what it is given, in `create` and `apply`."""
    tool = laptop / "bin/kubectl"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\n[ ! -e "{laptop}/refuses-$1" ] || exit 1\ncat > "{laptop}/$1"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=":")
    return laptop


MINE = (("registry.example.org", "ghcr.io/me"), (":000000000000:", ":123456789012:"))


def test_a_rayjob_has_command_limit_and_the_types_of_nodes(kubectl: Path) -> None:
    said: list[str] = []
    file = rayjob(kubectl, *MINE, ("cap: 20.00", "cap: 2.00"))
    submit.submit(asked(cluster=file), planned, say=said.append)
    made = read_first_document(kubectl / "create")["spec"]
    assert made["entrypoint"].startswith("python -P -m study.cluster.head_entry --expect ")
    words = shlex.split(made["entrypoint"])
    limit = int(words[words.index("--kill-after=300") + 1])
    assert limit + 300 < made["activeDeadlineSeconds"] <= 86_400, "it is told to end before it is ended"
    told = yaml.safe_load(made["runtimeEnvYAML"])["env_vars"]
    assert {"CPU": 7, "GPU": 0} in json.loads(told["STUDY_NODE_TYPES"]), "no worker is there when the run begins"
    assert {d["kind"] for d in yaml.safe_load_all((kubectl / "apply").read_text())} == {
        "NetworkPolicy",
        "ServiceAccount",
    }
    assert said[-1] == "submitted as RayJob study; watch it with: kubectl get rayjob study -w"


def test_a_rayjob_that_is_there_already_says_what_makes_room(kubectl: Path) -> None:
    (kubectl / "refuses-create").touch()
    with pytest.raises(EngineError, match="kubectl delete rayjob study"):
        submit.submit(asked(cluster=rayjob(kubectl, *MINE)), planned, say=lambda line: None)


def test_what_stands_beside_a_rayjob_and_is_refused_is_one_line(kubectl: Path) -> None:
    (kubectl / "refuses-apply").touch()
    with pytest.raises(
        EngineError, match=r"kubectl did not take what kube\.yaml has beside the job; nothing was start"
    ):
        submit.submit(asked(cluster=rayjob(kubectl, *MINE)), planned, say=lambda line: None)
    assert not (kubectl / "create").exists()


def test_a_rayjob_alone_in_its_file_is_created_alone(kubectl: Path) -> None:
    """`kubectl apply` refuses a text without a document."""
    file = kubectl / rayjob(kubectl, *MINE)
    job = read_first_document(file)
    job["spec"]["rayClusterSpec"]["networkPolicy"] = {"mode": "DenyAll"}
    file.write_text(yaml.safe_dump(job))
    submit.submit(asked(cluster=file.name), planned, say=lambda line: None)
    assert (kubectl / "create").exists() and not (kubectl / "apply").exists()


def test_a_kubectl_that_cannot_run_is_one_line(kubectl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(kubectl / "bin"))
    (kubectl / "bin/kubectl").write_text("#!/no/such/shell\n")
    with pytest.raises(EngineError, match="kubectl does not run here: No such file"):
        submit.submit(asked(cluster=rayjob(kubectl, *MINE)), planned, say=lambda line: None)


@pytest.mark.parametrize(
    ("left", "said"),
    [(0, "still says .*registry.example.org.*in your own registry"), (1, "still says .*role that may use your bucket")],
)
def test_a_rayjob_as_it_came_costs_nothing(kubectl: Path, left: int, said: str) -> None:
    changed = [change for number, change in enumerate(MINE) if number != left]
    with pytest.raises(BadInput, match=said):
        submit.submit(asked(cluster=rayjob(kubectl, *changed)), planned, say=lambda line: None)
    assert not (kubectl / "create").exists()


def test_a_rayjob_with_another_ray_is_refused(laptop: Path) -> None:
    file = rayjob(laptop, (f'rayVersion: "{on_head.versions().ray}"', 'rayVersion: "2.52.0"'))
    with pytest.raises(BadInput, match=r"Ray: got '.*'; kube\.yaml has rayVersion 2\.52\.0; use the same on both"):
        check_submission(asked(cluster=file))
