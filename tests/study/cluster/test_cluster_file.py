"""The files of clusters that stand in the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from study.cluster.cluster_file import FIRST_FILE, _group_gpu, _node_gpu, read_cluster, read_first_document
from study.cluster.ray_file import NodeEntry
from study.cluster.rayjob_file import WorkerGroup
from study.spec.values import from_plain
from tests.study.cluster.test_check_file import FILES, ROOT
from trainables.config.errors import BadInput


@pytest.fixture(autouse=True)
def _token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop on which `ray get-auth-token --generate` has been run."""
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray/auth_token").write_text("x")
    monkeypatch.setenv("HOME", str(tmp_path))


LAUNCHED = {k: v for k, v in FILES.items() if k != "kuberay"}


@pytest.mark.parametrize("file", LAUNCHED.values(), ids=LAUNCHED.keys())
def test_ray_itself_prepares_and_accepts_them(file: Path) -> None:
    from ray.autoscaler._private.util import prepare_config, validate_config

    prepared = prepare_config(read_first_document(file))
    validate_config(prepared)
    assert prepared["head_setup_commands"] == prepared["setup_commands"], (
        "Ray's own pip outside the environment came back"
    )
    assert all("apt" not in c and "anaconda" not in c for c in prepared["setup_commands"])


def test_rays_autoscaler_reads_the_groups_of_the_rayjob() -> None:
    from ray.autoscaler._private.kuberay.autoscaling_config import _derive_autoscaling_config_from_ray_cr

    spec = read_first_document(FILES["kuberay"])["spec"]["rayClusterSpec"]
    config = _derive_autoscaling_config_from_ray_cr({"metadata": {"name": "x", "namespace": "default"}, "spec": spec})
    types = config["available_node_types"]
    assert types["headgroup"]["resources"]["CPU"] == 0
    assert (types["gpu"]["resources"]["GPU"], types["gpu"]["min_workers"], types["gpu"]["max_workers"]) == (1, 0, 8)
    assert "GPU" not in types["cpu"]["resources"]


@pytest.mark.parametrize("name", ["head", "worker"])
@pytest.mark.parametrize("file", LAUNCHED.values(), ids=LAUNCHED.keys())
def test_ray_start_parses_and_converts_its_flags(file: Path, name: str) -> None:
    """With Ray's own click command, which also converts the values; nothing is started."""
    from ray.scripts.scripts import start

    from study.cluster.check_ray_up import flags_of

    lines = [flags for c in read_first_document(file)[f"{name}_start_ray_commands"] for flags in flags_of(c)]
    assert len(lines) == 1
    with start.make_context("start", list(lines[0])) as context:
        assert context.params["disable_usage_stats"] is True
        assert context.params["dashboard_host"] == "127.0.0.1"
        if name == "head":
            assert context.params["head"] is True
            assert context.params["num_cpus"] == 0


def test_the_versions_of_image_manifest_and_lock_are_one() -> None:
    pin = re.search(r"^ray(?:\[.*\])?==(\S+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert pin is not None
    assert read_first_document(FILES["kuberay"])["spec"]["rayClusterSpec"]["rayVersion"] == pin[1]
    assert f"rayproject/ray:{pin[1]}-py" in (ROOT / "cluster/Dockerfile").read_text()


def test_all_nodes_are_asked_for_at_once() -> None:
    """A study knows its work: Ray's default would go to eight nodes in two steps, each as long as setting one up."""
    for name in ("aws", "gcp"):
        assert read_first_document(FILES[name])["upscaling_speed"] >= read_first_document(FILES[name])["max_workers"]


def test_prices_say_that_they_are_to_be_replaced() -> None:
    for name in ("aws", "gcp", "kuberay"):
        assert re.fullmatch(
            r"typical values, see https://\S+; replace them by yours", read_cluster(FILES[name]).prices_source
        )


def test_mounts_bring_the_whole_project_and_no_more() -> None:
    for file in LAUNCHED.values():
        mounts = read_first_document(file)["file_mounts"]
        assert {"trainables", "study", "analysis", "pyproject.toml", "constraints.txt"} <= set(mounts.values())
        assert "." not in mounts.values(), "Ray would read and hash the environment and all results"


@pytest.mark.parametrize(
    ("text", "said"), [("a: [", "not YAML"), ("- a", "expected a mapping"), ("", "expected a mapping")]
)
def test_a_file_that_is_no_cluster_file(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text)
    with pytest.raises(BadInput, match=said):
        read_cluster(file)
    guides = [ROOT / "docs/guides" / f"cluster-{kind}.md" for kind in ("local", "aws", "gcp", "kuberay")]
    assert all(guide.is_file() and guide.name in FIRST_FILE for guide in guides)
    with pytest.raises(
        BadInput, match=r"there is no cluster file .*; name one by --cluster; docs/guides/cluster-local"
    ):
        read_cluster(tmp_path / "y.yaml")


def node_gpu(**given: object) -> str:
    return _node_gpu(from_plain(NodeEntry, {"resources": {}, **given}))


def test_what_a_file_says_itself_comes_first() -> None:
    config = {"InstanceType": "g4dn.xlarge"}
    assert node_gpu(resources={"GPU": 1}, node_config=config) == "T4"
    assert node_gpu(resources={"GPU": 1, "accelerator_type:L4": 1}, node_config=config) == "L4"
    assert node_gpu(labels={"ray.io/accelerator-type": "H100"}, node_config=config) == "H100"
    assert node_gpu(node_config={"machineType": "a2-ultragpu-1g"}) == "A100-80G"
    assert node_gpu(node_config={"guestAccelerators": [{"acceleratorType": "x/nvidia-tesla-t4"}]}) == "T4"


@pytest.mark.parametrize(
    ("label", "value", "kind"),
    [
        ("node.kubernetes.io/instance-type", "g5.2xlarge", "A10G"),
        ("cloud.google.com/gke-accelerator", "nvidia-l4", "L4"),
        ("karpenter.k8s.aws/instance-gpu-name", "a10g", "A10G"),
        ("karpenter.k8s.aws/instance-family", "p4d", "A100"),
        ("nvidia.com/gpu.product", "Tesla-T4", "T4"),
        ("example.org/colour", "T4", ""),
    ],
)
def test_pods_select_their_nodes(label: str, value: str, kind: str) -> None:
    container = {"resources": {"limits": {"cpu": 4}}}
    pod = {"nodeSelector": {label: value}, "containers": [container]}
    group = from_plain(WorkerGroup, {"groupName": "gpu", "maxReplicas": 1, "template": {"spec": pod}})
    assert _group_gpu(group) == kind
