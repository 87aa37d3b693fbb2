"""A RayJob gets its command and limit, and its file stays as it was."""

from __future__ import annotations

from pathlib import Path

import yaml

from study.cluster.rayjob import with_command
from tests.study.cluster.test_check_file import ROOT


def test_a_rayjob_gets_its_command_and_limit(tmp_path: Path) -> None:
    job, *others = yaml.safe_load_all((ROOT / "cluster/kuberay.yaml").read_text())
    job["spec"]["runtimeEnvYAML"] = "env_vars: {MINE: x}\nworking_dir: y"
    file = tmp_path / "job.yaml"
    file.write_text(before := yaml.safe_dump_all([job, *others]))
    text = with_command(file, "study run chapter", 120.7, {"STUDY_NODE_TYPES": "[]"})
    made = yaml.safe_load(text.job)
    assert made["spec"]["entrypoint"] == "study run chapter"
    assert made["spec"]["activeDeadlineSeconds"] == 120
    assert file.read_text() == before, "the file is left as it was"
    told = yaml.safe_load(made["spec"]["runtimeEnvYAML"])
    assert told == {"env_vars": {"MINE": "x", "STUDY_NODE_TYPES": "[]"}, "working_dir": "y"}
    assert text.name == job["metadata"]["name"] and list(yaml.safe_load_all(text.others)) == others
    kept = {k: v for k, v in job["spec"].items() if k not in ("entrypoint", "activeDeadlineSeconds", "runtimeEnvYAML")}
    assert kept.items() <= made["spec"].items()


def test_the_files_own_limit_and_variables_hold(tmp_path: Path) -> None:
    file = tmp_path / "job.yaml"
    spec = {"activeDeadlineSeconds": 60, "runtimeEnvYAML": "env_vars: {MINE: x}"}
    file.write_text(yaml.safe_dump({"metadata": {"name": "j"}, "spec": spec}))
    for seconds, limit in ((120.0, 60), (None, 60), (30.0, 30)):
        made = yaml.safe_load(with_command(file, "c", seconds, {"MINE": "y"}).job)["spec"]
        assert made["activeDeadlineSeconds"] == limit
        assert yaml.safe_load(made["runtimeEnvYAML"]) == {"env_vars": {"MINE": "x"}}
