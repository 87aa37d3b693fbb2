"""Node settings of a cluster file against the clouds' own API models, which boto3 and Google's client ship as data.

A cloud refuses a wrong setting too, but only at the launch of that node type: for a fallback that is at midnight.
"""

from __future__ import annotations

import ast
import difflib
import importlib.util
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic.dataclasses import dataclass as checked_call

from study.cluster.setting_kinds import JSON_KINDS, nearest_key
from study.spec.faults import MAX_VALUE_CHARS, Fault, Place, shown_value
from study.spec.values import read_in_part
from trainables.config.nearest import expected_one_of


@dataclass(frozen=True)
class CloudNode:
    """A node type of a cluster file, as far as a cloud is asked for it."""

    name: str
    call: str
    """What the cloud's own call is given, as JSON: `node_config`, in its words."""
    gpus: float
    """That Ray counts on."""

    @property
    def at(self) -> Place:
        """Where its settings stand in the file."""
        return ("available_node_types", self.name, "node_config")

    def gpu_fault(self, expected: str) -> Fault:
        """It has other GPUs than Ray counts on."""
        return Fault(("available_node_types", self.name, "resources", "GPU"), self.gpus, expected)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _each(value: Any) -> Any:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


CALL = ConfigDict(extra="ignore")


@checked_call(frozen=True, kw_only=True, config=CALL)
class _AwsCall:
    """What our own rules read of a call of RunInstances; its kinds are Amazon's to check."""

    machine: Any = Field(default=None, alias="InstanceType")
    profile: Any = Field(default=None, alias="IamInstanceProfile")


@checked_call(frozen=True, kw_only=True, config=CALL)
class _Accelerator:
    count: Annotated[int, PlainValidator(_count)] = Field(default=0, alias="acceleratorCount")


@checked_call(frozen=True, kw_only=True, config=CALL)
class _Scheduling:
    on_maintenance: Any = Field(default=None, alias="onHostMaintenance")


@checked_call(frozen=True, kw_only=True, config=CALL)
class _GoogleCall:
    """What our own rules read of a call of instances.insert."""

    machine: Any = Field(default=None, alias="machineType")
    disks: Any = None
    accounts: Any = Field(default=None, alias="serviceAccounts")
    accelerators: Annotated[tuple[_Accelerator, ...], BeforeValidator(_each)] = Field(
        default=(), alias="guestAccelerators"
    )
    scheduling: _Scheduling = Field(default_factory=_Scheduling)


GCP_SIZES = (
    *("custom", "highcpu", "highmem", "standard", "micro", "small", "medium", "megamem", "ultramem", "hypermem"),
    *("edgegpu", "highgpu", "megagpu", "ultragpu", "hightpu"),
)
"""The second word of Google's types of machine."""

RAYS_OWN = {"SubnetIds", "SubnetId", "KeyName"}
"""Keys that Ray reads from an AWS node_config itself, and takes out or fills in."""


def aws_faults(nodes: Sequence[CloudNode]) -> Iterator[Fault]:
    """What RunInstances would not take."""
    try:
        from botocore.validate import ParamValidator

        shape = _run_instances()
    except ImportError:
        yield _absent(("provider",), "boto3 is not installed here, and `ray up` needs it: pip install boto3")
        return
    for node in nodes:
        given = {name: value for name, value in json.loads(node.call).items() if name not in RAYS_OWN}
        report = ParamValidator().validate({"MinCount": 1, "MaxCount": 1, **given}, shape)
        for line in report.generate_report().splitlines():
            yield _in_words(line, node.at)
        if not report.has_errors():
            yield from _enums(given, shape, node.at)
        call = read_in_part(_AwsCall, given).value
        if call.machine is None:
            yield _absent((*node.at, "InstanceType"), "it is missing")
        if call.profile is None:
            yield _absent((*node.at, "IamInstanceProfile"), "it is missing: such a node could not reach the bucket")
        if call.machine is not None and node.gpus and not str(call.machine).startswith(("g", "p")):
            yield node.gpu_fault(f"{call.machine} has none; expected 0, or a type of g or p")


def _absent(at: Place, what: str) -> Fault:
    return Fault(at, None, what, absent=True)


def _in_words(line: str, at: Place) -> Fault:
    """A line of botocore's report, as field, value and what would be right."""
    unknown = re.match(r'Unknown parameter in (\S+): "(.+?)", must be one of: (.*)', line)
    if unknown:
        within = () if unknown[1] == "input" else _place(unknown[1])
        hint = nearest_key(unknown[2], unknown[3].split(", "))
        return _absent((*at, *within, unknown[2]), f"EC2 has no such setting; {hint}")
    wrong = re.match(r"Invalid type for parameter (\S+), value: (.*), type: .*, valid types: (.*)", line)
    if wrong:
        names = re.findall(r"'(?:\w+\.)*(\w+)'", wrong[3])
        kinds = " or ".join(dict.fromkeys(PYTHON_KINDS.get(name, name) for name in names))
        return _absent((*at, *_place(wrong[1])), f"got {_in_our_spelling(wrong[2])}; expected {kinds}")
    return _absent(at, line)


def _in_our_spelling(value: str) -> str:
    try:
        return (
            shown_value(ast.literal_eval(value)) if not value.isalpha() or value in ("None", "True", "False") else value
        )
    except (ValueError, SyntaxError, RecursionError):
        return value[:MAX_VALUE_CHARS]


PYTHON_KINDS = {
    "str": JSON_KINDS["string"],
    "int": JSON_KINDS["integer"],
    "float": JSON_KINDS["number"],
    "Decimal": JSON_KINDS["number"],
    "bool": JSON_KINDS["boolean"],
    "dict": JSON_KINDS["object"],
    "list": JSON_KINDS["array"],
    "tuple": JSON_KINDS["array"],
}
"""Kinds as botocore calls them, in words."""


def _place(words: str) -> Place:
    """A place as botocore writes it.

    >>> _place("BlockDeviceMappings[0].Ebs")
    ('BlockDeviceMappings', 0, 'Ebs')
    """
    return tuple(int(step[1:]) if step[0] == "[" else step for step in re.findall(r"[^.\[\]]+|\[\d+", words))


@lru_cache(maxsize=1)
def _run_instances() -> Any:
    """What that call takes. Not by a session: that reads the user's profiles, which have no part in this."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model = ServiceModel(Loader().load_service_model("ec2", "service-2"), "ec2")
    return model.operation_model("RunInstances").input_shape


def gcp_faults(nodes: Sequence[CloudNode]) -> Iterator[Fault]:
    """What instances.insert would not take, and three rules of Google's that its model does not tell."""
    schemas = _compute()
    for node in nodes:
        if schemas is None:
            why = "google-api-python-client is not installed here, and `ray up` needs it: pip install it"
            yield _absent(("provider",), why)
            return
        given = json.loads(node.call)
        yield from _discovery(given, "Instance", schemas, node.at)
        call = read_in_part(_GoogleCall, given).value
        needed = (("machineType", call.machine), ("disks", call.disks), ("serviceAccounts", call.accounts))
        yield from (_absent((*node.at, name), "it is missing") for name, value in needed if not value)
        yield from _google_machine(node, call)
        if call.accelerators and call.scheduling.on_maintenance != "TERMINATE":
            where = (*node.at, "scheduling", "onHostMaintenance")
            yield _absent(where, "a machine with a GPU needs TERMINATE")


def _google_machine(node: CloudNode, call: _GoogleCall) -> Iterator[Fault]:
    """A misspelt type of machine (Google's model has no list of them), and GPUs that are promised but not asked for."""
    kind = str(call.machine or "").rpartition("/")[2]
    size = kind.partition("-")[2].partition("-")[0]
    near = difflib.get_close_matches(size, GCP_SIZES, 1, 0.8)
    if near and size not in GCP_SIZES:
        yield Fault((*node.at, "machineType"), kind, f"did you mean {kind.replace(size, near[0], 1)}?")
    count = sum(accelerator.count for accelerator in call.accelerators)
    if node.gpus != count and not kind.startswith(("a2-", "a3-", "a4", "g2-", "g4-")):
        yield node.gpu_fault(f"expected {count}, as in guestAccelerators")


def _enums(value: Any, shape: Any, at: Place) -> Iterator[Fault]:
    if shape.type_name == "structure":
        for name, item in value.items():
            yield from _enums(item, shape.members[name], (*at, name))
    elif shape.type_name == "list":
        for number, item in enumerate(value):
            yield from _enums(item, shape.member, (*at, number))
    elif getattr(shape, "enum", None) and value not in shape.enum:
        near: list[str] = [known for known in shape.enum if known[:3] == str(value)[:3]] or shape.enum
        yield Fault(at, value, "EC2 does not know it; there are " + ", ".join(near[:12]))


@lru_cache(maxsize=1)
def _compute() -> Mapping[str, Any] | None:
    spec = importlib.util.find_spec("googleapiclient")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations)))
    model = json.loads((folder / "discovery_cache/documents/compute.v1.json").read_text(encoding="utf-8"))
    schemas: Mapping[str, Any] = model["schemas"]
    return schemas


TYPES: Mapping[str, Any] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}


def _discovery(value: Any, name: str, schemas: Mapping[str, Any], at: Place) -> Iterator[Fault]:
    known = schemas[name].get("properties", {})
    if not isinstance(value, dict):
        yield Fault(at, value, f"expected a mapping ({name})")
        return
    for key, item in value.items():
        if key not in known:
            yield _absent((*at, key), f"Google's {name} has no such setting; {nearest_key(key, known)}")
        else:
            yield from _property(item, known[key], schemas, (*at, key))


def _property(value: Any, model: Mapping[str, Any], schemas: Mapping[str, Any], at: Place) -> Iterator[Fault]:
    if "$ref" in model:
        yield from _discovery(value, model["$ref"], schemas, at)
        return
    expected = TYPES.get(model["type"], object)
    if not isinstance(value, expected) or (isinstance(value, bool) and model["type"] not in ("boolean", "any")):
        yield Fault(at, value, f"expected {JSON_KINDS.get(model['type'], model['type'])}")
    elif model["type"] == "array":
        for number, item in enumerate(value):
            yield from _property(item, model["items"], schemas, (*at, number))
    elif "enum" in model and value not in model["enum"]:
        yield Fault(at, value, expected_one_of(value, model["enum"]))
