"""A file for `ray up`: what Ray, its providers and the shell of its nodes take, and what this project needs of it.

Ray's own schema is read as data from its package, and `ray start` is asked, in a process of its own, whether it knows
its flags. What the clouds' own calls take is `study.cluster.check_clouds`.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from study.cluster.check_clouds import CloudNode, aws_faults, gcp_faults
from study.cluster.cluster_file import read_first_document
from study.cluster.ray_file import MAX_WORKERS
from study.cluster.ray_settings import GivenMachines, GivenRayFile
from study.cluster.setting_kinds import (
    ANY,
    JSON_KINDS,
    LIST_OF_TEXT,
    MAP,
    SWITCH,
    TEXT,
    SettingKind,
    misfits,
    nearest_key,
)
from study.spec.faults import Fault, Place
from study.spec.values import read_in_part, without
from trainables.config.errors import BadInput
from trainables.config.nearest import expected_one_of
from trainables.config.paths import expanded

_OF_CLOUDS: Mapping[str, SettingKind] = {
    "type": TEXT,
    "region": TEXT,
    "availability_zone": TEXT,
    "cache_stopped_nodes": SWITCH,
    "use_internal_ips": SWITCH,
}
PROVIDERS: Mapping[str, Mapping[str, SettingKind]] = {
    "aws": {**_OF_CLOUDS, "security_group": MAP, "key_pair": MAP, "cloudwatch": ANY},
    "gcp": {**_OF_CLOUDS, "project_id": TEXT, "gcp_credentials": MAP},
    "local": {
        "type": TEXT,
        "head_ip": TEXT,
        "external_head_ip": TEXT,
        "worker_ips": LIST_OF_TEXT,
        "coordinator_address": TEXT,
    },
}
"""What Ray's providers read; its schema lets anything pass here."""


def ray_up_faults(path: str | Path, root: Path, *, ray_flags: bool) -> list[Fault]:
    """What is wrong with a file for `ray up`; it is there, and is YAML with a mapping.

    Args:
        path: the file.
        root: the folder that relative mounts are taken from.
        ray_flags: ask `ray start` itself whether it knows its flags; takes some seconds.
    """
    given = read_first_document(path)
    found = [*_not_json(given), *_schema(given)]
    named = read_in_part(GivenRayFile, without(given, (f.at for f in found))).value.provider.type or ""
    if isinstance(block := given.get("provider"), dict):
        found += misfits(block, PROVIDERS.get(named, {}), ("provider",))
    read = read_in_part(GivenRayFile, without(given, (f.at for f in found)))
    found += read.faults
    wrong = [f for f in _not_so(read.value, root) if not any(f.lies_within(g.at) for g in found)]
    if ray_flags:
        wrong += _ray_start(read.value)
    return _once([*found, *wrong])


def _once(faults: list[Fault]) -> list[Fault]:
    """What is said first of a value counts: Ray's schema and the values read may both refuse it."""
    places: dict[tuple[Place, bool], Fault] = {}
    for fault in faults:
        places.setdefault((fault.at, fault.absent), fault)
    return list(places.values())


def _not_so(file: GivenRayFile, root: Path) -> Iterator[Fault]:
    """What is not as it should be of settings that are of the right kind."""
    provider = file.provider.type
    yield from _provider(file.provider)
    yield from _counts(file)
    yield from _login(file)
    yield from _python(file)
    yield from _mounts(file, root)
    yield from _shell(file)
    yield from _starts(file)
    yield from _scorer(file)
    nodes = [CloudNode(name, entry.call, entry.resources.get("GPU", 0)) for name, entry in file.node_types.items()]
    yield from aws_faults(nodes) if provider == "aws" else gcp_faults(nodes) if provider == "gcp" else ()


def _absent(at: Place, what: str) -> Fault:
    return Fault(at, None, what, absent=True)


def _not_json(value: Any, at: Place = ()) -> Iterator[Fault]:
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _not_json(inner, (*at, step))
    elif not isinstance(value, str | int | float | None):
        yield Fault(at, value, "Ray keeps this file as JSON, which has no such value: quote dates and times")


def _schema(given: Mapping[str, Any]) -> Iterator[Fault]:
    import jsonschema  # slow, and for `study submit` alone

    spec = importlib.util.find_spec("ray")
    assert spec is not None and spec.submodule_search_locations
    text = Path(next(iter(spec.submodule_search_locations)), "autoscaler", "ray-schema.json").read_text()
    # Ray takes `min_workers` at the top for machines of one's own, before it asks its schema.
    local = read_in_part(GivenRayFile, given).value.provider.type == "local"
    seen = without(given, [("min_workers",)] if local else [])
    for error in jsonschema.Draft7Validator(json.loads(text)).iter_errors(seen):
        yield from _in_words(error)


def _in_words(error: Any) -> Iterator[Fault]:
    """What Ray's schema does not take, as field, value and what would be right."""
    at, rule = tuple(error.absolute_path), error.validator_value
    if error.validator == "additionalProperties" and rule is False:
        known = error.schema.get("properties", {})
        for key in sorted(set(error.instance) - set(known)):
            yield _absent((*at, key), f"Ray has no such setting; {nearest_key(key, known)}")
    elif error.validator == "required":
        yield from (_absent((*at, key), "it is missing") for key in rule if key not in error.instance)
    elif error.validator == "type":
        kinds = [rule] if isinstance(rule, str) else rule
        yield Fault(at, error.instance, f"expected {' or '.join(JSON_KINDS[kind] for kind in kinds)}")
    elif error.validator == "minimum":
        yield Fault(at, error.instance, f"expected a number from {rule} upwards")
    else:
        yield Fault(at, error.instance, error.message.partition(" is ")[2][:200] or "Ray does not take it")


def _provider(machines: GivenMachines) -> Iterator[Fault]:
    needed: list[tuple[str, object]] = []
    match machines.type:
        case "aws":
            needed = [("region", machines.region)]
        case "gcp":
            zone = ("availability_zone", machines.availability_zone)
            needed = [("region", machines.region), zone, ("project_id", machines.project_id)]
        case "local":
            needed = [("head_ip", machines.head_ip), ("worker_ips", machines.worker_ips)]
    yield from (_absent(("provider", name), "it is missing") for name, value in needed if not value)
    region = machines.region or ""
    for zone_name in machines.zones if machines.type in ("aws", "gcp") else ():
        if not zone_name.startswith(region):
            yield _absent(("provider", "availability_zone"), f"{zone_name} is not in {region}")
    machines_named = [machines.head_ip, *machines.worker_ips] if machines.type == "local" else []
    for ip in sorted({ip for ip in machines_named if ip and machines_named.count(ip) > 1}):
        why = f"{ip} is there twice; every machine once, the head not among the workers"
        yield _absent(("provider", "worker_ips"), why)


def _counts(file: GivenRayFile) -> Iterator[Fault]:
    types = file.node_types
    if types and file.head_node_type not in types:
        yield Fault(("head_node_type",), file.head_node_type, expected_one_of(file.head_node_type, sorted(types)))
    for name, entry in types.items():
        at = ("available_node_types", name)
        least = entry.min_workers or 0
        whole = MAX_WORKERS if file.max_workers is None and name != file.head_node_type else file.max_workers or 0
        limit = whole if entry.max_workers is None else entry.max_workers
        if least > limit:
            yield _absent(at, f"min_workers {least} is more than max_workers {limit}")
        if name == file.head_node_type and (limit or entry.resources.get("CPU") != 0):
            yield _absent(at, "the head runs no trials here: max_workers 0 and CPU 0")
    together = sum(entry.min_workers or 0 for entry in types.values()) or file.min_workers or 0
    most = MAX_WORKERS if file.max_workers is None and file.provider.type != "local" else file.max_workers
    if most is not None and together > most:
        why = f"{most} is less than all min_workers together, {together}"
        yield _absent(("max_workers",), why)


def _login(file: GivenRayFile) -> Iterator[Fault]:
    if not file.auth.ssh_user:
        yield _absent(("auth", "ssh_user"), "it is missing; Ray would find out only when a machine is running")
    if file.provider.type == "local" and not file.auth.ssh_private_key:
        why = "it is missing; machines of your own are reached with a key of your own"
        yield _absent(("auth", "ssh_private_key"), why)


def _python(file: GivenRayFile) -> Iterator[Fault]:
    wanted = file.metadata.study.python
    for number, command in enumerate(file.setup_commands if wanted else ()):
        for version in re.findall(r"STUDY_PYTHON=(\S+)", command):
            if version != wanted:
                why = f"STUDY_PYTHON={version}, but metadata.study.python is {wanted}"
                yield _absent(("setup_commands", number), why)


def _mounts(file: GivenRayFile, root: Path) -> Iterator[Fault]:
    for remote, local in file.file_mounts.items():
        try:
            there = (root / expanded("file_mounts", local)).exists()
        except BadInput as error:
            yield Fault(("file_mounts", remote), local, error.expected)
            continue
        if not there:
            hint = "; make it with: (umask 077; ray get-auth-token --generate)" if "auth_token" in local else ""
            yield _absent(("file_mounts", remote), f"{local} is not there (seen from {root}){hint}")


def _shell(file: GivenRayFile) -> Iterator[Fault]:
    for at, command in file.commands:
        done = subprocess.run(["bash", "-n", "-c", command], capture_output=True, text=True, check=False)
        if done.returncode or done.stderr:
            yield _absent(at, "not valid shell: " + " ".join(done.stderr.split())[:200])


def _starts(file: GivenRayFile) -> Iterator[Fault]:
    for name, commands, flags in (
        ("head_start_ray_commands", file.head_start_ray_commands, ("--head", "--autoscaling-config")),
        ("worker_start_ray_commands", file.worker_start_ray_commands, ("--address",)),
    ):
        starts = [(number, c) for number, c in enumerate(commands) if "ray start" in c]
        if not starts:
            yield _absent((name,), "there is no `ray start` in it, so Ray would never run there")
        for number, command in starts:
            yield from (_absent((name, number), why) for why in _lacks(command, flags))


def _lacks(command: str, flags: tuple[str, ...]) -> Iterator[str]:
    """What a command that starts Ray lacks."""
    yield from (f"`ray start` needs {flag} there" for flag in flags if flag not in command)
    if "RAY_AUTH_MODE=token" not in command:
        yield "RAY_AUTH_MODE=token is not set: anyone who reaches the ports could run code"
    if not re.search(r"--dashboard-host[= ](127\.0\.0\.1|localhost)", command) and "--head" in command:
        yield "--dashboard-host=127.0.0.1 is missing: the dashboard belongs on loopback"
    if "--disable-usage-stats" not in command and "RAY_USAGE_STATS_ENABLED=0" not in command:
        yield "usage statistics are on: add --disable-usage-stats"


_SCORER = re.compile(r"RAY_AUTOSCALER_UTILIZATION_SCORER=[\"']?(study\.[\w.]+)")


def _scorer(file: GivenRayFile) -> Iterator[Fault]:
    """A judge of ours that is not there: Ray would say so on the head, when the machine is paid for."""
    for at, command in file.commands_of_all:
        for name in _SCORER.findall(command):
            module, _, function = name.rpartition(".")
            try:
                spec = importlib.util.find_spec(module)
            except ImportError:
                spec = None
            text = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
            if f"def {function}(" not in text:
                yield _absent(at, f"the judge {name} is not there; ours is study.cluster.spot_fallback.score")


_ASK = """
import json, sys
import click
from ray.scripts.scripts import start
from trainables.config.nearest import expected_one_of
for flags in json.loads(sys.argv[1]):
    try:
        with start.make_context("start", flags):
            print("-")
    except click.ClickException as error:
        print(" ".join(error.format_message().split()))
"""
"""Ray's own command understands the flags and converts their values; nothing is started."""


def _ray_start(file: GivenRayFile) -> Iterator[Fault]:
    commands = [(at, c) for at, c in file.commands_of_all if str(at[0]).endswith("start_ray_commands")]
    asked = [(at, flags) for at, command in commands for flags in flags_of(command)]
    done = _asked_of_ray(json.dumps([flags for _, flags in asked]))
    if done.returncode:
        yield _absent(("ray start",), "Ray's command does not run here: " + done.stderr.strip().splitlines()[-1])
    for (at, _), answer in zip(asked, done.stdout.splitlines(), strict=False):
        if answer != "-":
            yield _absent(at, "ray start: " + answer)


@cache
def _asked_of_ray(flags: str) -> subprocess.CompletedProcess[str]:
    """Its answers; Ray takes half a second to start, so each list of flags is asked about once a process."""
    return subprocess.run([sys.executable, "-c", _ASK, flags], capture_output=True, text=True, check=False)


def flags_of(command: str) -> Iterator[list[str]]:
    """The words after each `ray start` of a command."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    words: list[str] = []
    try:
        given = list(lexer)
    except ValueError:  # a quote left open, which the shell's own check says
        return
    for word in [*given, ";"]:
        if word and set(word) <= set(";&|"):
            if "start" in words[1:] and words[words.index("start") - 1].endswith("ray"):
                yield words[words.index("start") + 1 :]
            words = []
        else:
            words.append(word)
