"""Would a cluster file work? Everything that can be known without an account and before a machine is paid for.

Each check yields `Problem`s in words; `check` gathers them. Ray's own schema and the clouds' own API models are read as
data from the packages that ship them. Nothing here imports Ray or calls a cloud; `ray start` is asked, in a process of
its own, whether it knows its flags.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from study.cluster.check_clouds import CloudNode, aws_problems, gcp_problems
from study.cluster.check_rayjob import kube_problems
from study.cluster.cluster_file import nearest_key, provider_of, read_cluster, read_first_document, refuse_wrong_kinds
from study.cluster.file_lines import lines_of, nearest_line
from study.spec.faults import BadValues, Fault, fault_line
from trainables.config.errors import BadInput

PROVIDER_KEYS: Mapping[str, str] = {
    "aws": "type region availability_zone cache_stopped_nodes use_internal_ips security_group key_pair cloudwatch",
    "gcp": "type region availability_zone project_id cache_stopped_nodes use_internal_ips gcp_credentials",
    "local": "type head_ip external_head_ip worker_ips coordinator_address",
}
"""What Ray's providers read; its schema lets anything pass here."""

COMMANDS = (
    "initialization_commands",
    "setup_commands",
    "head_setup_commands",
    "worker_setup_commands",
    "head_start_ray_commands",
    "worker_start_ray_commands",
)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where, and what would be right."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def check(path: str | Path, *, root: Path | None = None, ray_flags: bool = True) -> list[Problem]:
    """List all that is wrong with a cluster file; nothing where it would work.

    Args:
        path: the file.
        root: the folder that relative mounts are taken from; where `ray up` will run.
        ray_flags: ask `ray start` itself whether it knows its flags; takes some seconds.

    Raises:
        BadInput: the file is missing or not YAML.
    """
    values, found = read_first_document(path), list[Problem]()
    try:
        provider = provider_of(values)
        try:
            read_cluster(path)
        except BadValues as error:  # of what we read ourselves; the rest is looked at all the same
            lines = [fault_line(f, None).partition(": ") for f in error.faults]
            found += [Problem(place, what) for place, _, what in lines]
        with refuse_wrong_kinds(path):
            said = {problem.where for problem in found}  # what Ray's schema says of the same value is not said again
            rest = _problems(path, values, provider, root or Path.cwd(), ray_flags)
            return found + [problem for problem in rest if problem.where not in said]
    except BadInput as error:
        return [*found, Problem(error.field, str(error).partition(": ")[2])]


def _problems(path: str | Path, values: Mapping[str, Any], provider: str, root: Path, ray_flags: bool) -> list[Problem]:
    if provider == "kuberay":
        documents = [d for d in yaml.safe_load_all(Path(path).read_text(encoding="utf-8")) if d]
        return [Problem(*p) for p in kube_problems(documents)]
    found = list(_schema(values))
    if found:
        return found  # what follows may lean on the shape
    for part in (_json(values), _provider(values, provider), _counts(values), _auth(values, provider), _python(values)):
        found += part
    found += _mounts(values, root)
    found += _commands(values)
    found += _scorer(values)
    if ray_flags:
        found += _ray_start(values)
    cloud = {"aws": aws_problems, "gcp": gcp_problems}.get(provider)
    if cloud:
        nodes = [CloudNode(n, e["node_config"], e["resources"].get("GPU", 0)) for n, e in _types(values).items()]
        found += [Problem(*p) for p in cloud(nodes)]
    return found


_SCORER = re.compile(r"RAY_AUTOSCALER_UTILIZATION_SCORER=[\"']?(study\.[\w.]+)")


def _scorer(values: Mapping[str, Any]) -> Iterator[Problem]:
    """A judge of ours that is not there: Ray would say so on the head, when the machine is paid for."""
    for key in COMMANDS:
        for name in _SCORER.findall("\n".join(map(str, values.get(key) or ()))):
            module, _, function = name.rpartition(".")
            try:
                spec = importlib.util.find_spec(module)
            except ImportError:
                spec = None
            text = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
            if f"def {function}(" not in text:
                yield Problem(key, f"the judge {name} is not there; ours is study.cluster.spot_fallback.score")


def ensure(path: str | Path, **options: Any) -> None:
    """Refuse a cluster file that would not work.

    Raises:
        BadValues: names every problem, with file and line.
    """
    if found := check(path, **options):
        lines = lines_of(path)
        said = [(nearest_line(lines, p.where), p) for p in found]
        said.sort(key=lambda pair: pair[0])
        faults = [Fault((p.where,), None, p.what, absent=True) for _, p in said]
        raise BadValues(faults, [f"{path}, line {line}: {p}" for line, p in said])


def _schema(values: Mapping[str, Any]) -> Iterator[Problem]:
    import jsonschema  # slow, and for `study submit` alone

    spec = importlib.util.find_spec("ray")
    assert spec is not None and spec.submodule_search_locations
    text = Path(next(iter(spec.submodule_search_locations)), "autoscaler", "ray-schema.json").read_text()
    # Ray takes `min_workers` at the top for machines of one's own, before it asks its schema.
    local = values["provider"].get("type") == "local"
    seen = {k: v for k, v in values.items() if not (local and k == "min_workers")}
    for error in jsonschema.Draft7Validator(json.loads(text)).iter_errors(seen):
        yield from _in_words(error)


def _in_words(error: Any) -> Iterator[Problem]:
    """What Ray's schema does not take, as field, value and what would be right."""
    at = [str(p) for p in error.absolute_path]
    if error.validator == "additionalProperties" and error.validator_value is False:
        known = error.schema.get("properties", {})
        for key in sorted(set(error.instance) - set(known)):
            yield Problem(".".join([*at, key]), f"Ray has no such setting; {nearest_key(key, known)}")
    elif error.validator == "type":
        yield Problem(".".join(at) or "top level", f"got {error.instance!r}; expected {error.validator_value}"[:200])
    else:
        yield Problem(".".join(at) or "top level", error.message[:200])


def _json(values: Mapping[str, Any]) -> Iterator[Problem]:
    for key, value in values.items():
        try:
            json.dumps(value)
        except TypeError as error:
            yield Problem(key, f"Ray keeps this file as JSON, and it is not: {error}; quote dates and times")


def _provider(values: Mapping[str, Any], provider: str) -> Iterator[Problem]:
    block = values["provider"]
    known = PROVIDER_KEYS[provider].split()
    for key in sorted(set(block) - set(known)):
        yield Problem(f"provider.{key}", f"Ray's provider does not know it; {nearest_key(key, known)}")
    needed = {
        "aws": ["region"],
        "gcp": ["region", "availability_zone", "project_id"],
        "local": ["head_ip", "worker_ips"],
    }
    for key in needed[provider]:
        if not block.get(key):
            yield Problem(f"provider.{key}", "it is missing")
    region = str(block.get("region", ""))
    for zone in str(block.get("availability_zone") or "").split(","):
        if zone and provider in ("aws", "gcp") and not zone.strip().startswith(region):
            yield Problem("provider.availability_zone", f"{zone.strip()} is not in {region}")
    if provider == "local":
        ips = [block.get("head_ip"), *(block.get("worker_ips") or [])]
        for ip in {i for i in ips if ips.count(i) > 1}:
            yield Problem("provider", f"{ip} is there twice; every machine once, the head not among the workers")


def _counts(values: Mapping[str, Any]) -> Iterator[Problem]:
    types, head, most = _types(values), values.get("head_node_type"), values.get("max_workers")
    if types and head not in types:
        yield Problem("head_node_type", f"got {head!r}; expected one of " + _list(types))
    for name, entry in types.items():
        least, limit = entry.get("min_workers", 0), entry.get("max_workers", most or 0)
        if least > limit:
            yield Problem(f"available_node_types.{name}", f"min_workers {least} is more than max_workers {limit}")
        if name == head and (limit or (entry.get("resources") or {}).get("CPU") != 0):
            yield Problem(f"available_node_types.{name}", "the head runs no trials here: max_workers 0 and CPU 0")
    together = sum(entry.get("min_workers", 0) for entry in types.values()) or values.get("min_workers", 0)
    if most is not None and together > most:
        yield Problem("max_workers", f"{most} is less than all min_workers together, {together}")


def _auth(values: Mapping[str, Any], provider: str) -> Iterator[Problem]:
    auth = values.get("auth") or {}
    if not auth.get("ssh_user"):
        yield Problem("auth.ssh_user", "it is missing; Ray would find out only when a machine is running")
    if provider == "local" and not auth.get("ssh_private_key"):
        yield Problem("auth.ssh_private_key", "it is missing; machines of your own are reached with a key of your own")


def _python(values: Mapping[str, Any]) -> Iterator[Problem]:
    wanted = str(values["metadata"]["study"]["python"])
    for command in values.get("setup_commands") or ():
        for version in re.findall(r"STUDY_PYTHON=(\S+)", command):
            if version != wanted:
                yield Problem("setup_commands", f"STUDY_PYTHON={version}, but metadata.study.python is {wanted}")


def _mounts(values: Mapping[str, Any], root: Path) -> Iterator[Problem]:
    for remote, local in (values.get("file_mounts") or {}).items():
        if not isinstance(local, str):
            got = "nothing" if local is None else repr(local)
            yield Problem(f"file_mounts.{remote}", f"got {got}; expected the path of a file or folder here")
            continue
        source = Path(local).expanduser()
        if not (root / source).exists():
            hint = "; make it with: (umask 077; ray get-auth-token --generate)" if "auth_token" in local else ""
            yield Problem(f"file_mounts.{remote}", f"{local} is not there (seen from {root}){hint}")


def _commands(values: Mapping[str, Any]) -> Iterator[Problem]:
    for where, command in _all_commands(values):
        done = subprocess.run(["bash", "-n", "-c", command], capture_output=True, text=True, check=False)
        if done.returncode or done.stderr:
            yield Problem(where, "not valid shell: " + " ".join(done.stderr.split())[:200])
    for key, flags in (
        ("head_start_ray_commands", ("--head", "--autoscaling-config")),
        ("worker_start_ray_commands", ("--address",)),
    ):
        starts = [c for c in values.get(key) or () if "ray start" in c]
        if not starts:
            yield Problem(key, "there is no `ray start` in it, so Ray would never run there")
        for command in starts:
            yield from _start(key, command, flags)


def _start(where: str, command: str, flags: tuple[str, ...]) -> Iterator[Problem]:
    for flag in flags:
        if flag not in command:
            yield Problem(where, f"`ray start` needs {flag} there")
    if "RAY_AUTH_MODE=token" not in command:
        yield Problem(where, "RAY_AUTH_MODE=token is not set: anyone who reaches the ports could run code")
    if not re.search(r"--dashboard-host[= ](127\.0\.0\.1|localhost)", command) and "--head" in command:
        yield Problem(where, "--dashboard-host=127.0.0.1 is missing: the dashboard belongs on loopback")
    if "--disable-usage-stats" not in command and "RAY_USAGE_STATS_ENABLED=0" not in command:
        yield Problem(where, "usage statistics are on: add --disable-usage-stats")


_ASK = """
import json, sys
import click
from ray.scripts.scripts import start
for flags in json.loads(sys.argv[1]):
    try:
        with start.make_context("start", flags):
            print("-")
    except click.ClickException as error:
        print(" ".join(error.format_message().split()))
"""
"""Ray's own command understands the flags and converts their values; nothing is started."""


def _ray_start(values: Mapping[str, Any]) -> Iterator[Problem]:
    keys = ("head_start_ray_commands", "worker_start_ray_commands")
    asked = [(key, flags) for key in keys for command in values.get(key) or () for flags in _flags(command)]
    call = [sys.executable, "-c", _ASK, json.dumps([flags for _, flags in asked])]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode:
        yield Problem("ray start", "Ray's command does not run here: " + done.stderr.strip().splitlines()[-1])
    for (key, _), answer in zip(asked, done.stdout.splitlines(), strict=False):
        if answer != "-":
            yield Problem(key, "ray start: " + answer)


def _flags(command: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(command, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word and set(word) <= set(";&|"):
            if "start" in words[1:] and words[words.index("start") - 1].endswith("ray"):
                yield words[words.index("start") + 1 :]
            words = []
        else:
            words.append(word)


def _all_commands(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in COMMANDS:
        for number, command in enumerate(values.get(key) or ()):
            yield f"{key}[{number}]", command
    for name, entry in _types(values).items():
        for key in ("initialization_commands", "worker_setup_commands"):
            for number, command in enumerate(entry.get(key) or ()):
                yield f"available_node_types.{name}.{key}[{number}]", command


def _types(values: Mapping[str, Any]) -> Mapping[str, Any]:
    types = values.get("available_node_types") or {}
    return types if isinstance(types, dict) else {}


def _list(names: Any) -> str:
    return ", ".join(sorted(names))
