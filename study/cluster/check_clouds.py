"""Node settings of a cluster file against the clouds' own API models, which boto3 and Google's client ship as data.

A cloud refuses a wrong setting too, but only at the launch of that node type: for a fallback that is at midnight.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from study.cluster.cluster_file import nearest_key

ProblemFound = tuple[str, str]


@dataclass(frozen=True)
class CloudNode:
    """A node type of a cluster file, as far as a cloud is asked for it."""

    name: str
    config: Mapping[str, Any]
    """What the cloud's own call is given: `node_config`, in its words."""
    gpus: float
    """That Ray counts on."""

    @property
    def where(self) -> str:
        """Where its settings stand in the file."""
        return f"available_node_types.{self.name}.node_config"


GCP_SIZES = (
    *("custom", "highcpu", "highmem", "standard", "micro", "small", "medium", "megamem", "ultramem", "hypermem"),
    *("edgegpu", "highgpu", "megagpu", "ultragpu", "hightpu"),
)
"""The second word of Google's types of machine."""

RAYS_OWN = {"SubnetIds", "SubnetId", "KeyName"}
"""Keys that Ray reads from an AWS node_config itself, and takes out or fills in."""


def aws_problems(nodes: Sequence[CloudNode]) -> Iterator[ProblemFound]:
    """What RunInstances would not take."""
    try:
        from botocore.validate import ParamValidator

        shape = _run_instances()
    except ImportError:
        yield "provider", "boto3 is not installed here, and `ray up` needs it: pip install boto3"
        return
    for node in nodes:
        where, config = node.where, {k: v for k, v in node.config.items() if k not in RAYS_OWN}
        report = ParamValidator().validate({"MinCount": 1, "MaxCount": 1, **config}, shape)
        for line in report.generate_report().splitlines():
            yield _in_words(line, where)
        if not report.has_errors():
            yield from _enums(config, shape, where)
        if "InstanceType" not in config:
            yield where, "InstanceType is missing"
        if "IamInstanceProfile" not in config:
            yield where, "IamInstanceProfile is missing: such a node could not reach the bucket"
        kind = str(config.get("InstanceType"))
        if node.gpus and not kind.startswith(("g", "p")):
            yield f"available_node_types.{node.name}.resources.GPU", f"{kind} has none; expected 0, or a type of g or p"


def _in_words(line: str, where: str) -> ProblemFound:
    """A line of botocore's report, as field, value and what would be right."""
    unknown = re.match(r'Unknown parameter in (\S+): "(.+?)", must be one of: (.*)', line)
    if unknown:
        within = "" if unknown[1] == "input" else f".{unknown[1]}"
        return (
            f"{where}{within}.{unknown[2]}",
            f"EC2 has no such setting; {nearest_key(unknown[2], unknown[3].split(', '))}",
        )
    wrong = re.match(r"Invalid type for parameter (\S+), value: (.*), type: .*, valid types: (.*)", line)
    if wrong:
        kinds = " or ".join(re.findall(r"'(\w+)'", wrong[3]))
        return f"{where}.{wrong[1]}", f"got {wrong[2]}; expected {kinds}"
    return where, line


@lru_cache(maxsize=1)
def _run_instances() -> Any:
    """What that call takes. Not by a session: that reads the user's profiles, which have no part in this."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model = ServiceModel(Loader().load_service_model("ec2", "service-2"), "ec2")
    return model.operation_model("RunInstances").input_shape


def gcp_problems(nodes: Sequence[CloudNode]) -> Iterator[ProblemFound]:
    """What instances.insert would not take, and three rules of Google's that its model does not tell."""
    schemas = _compute()
    for node in nodes:
        where, config = node.where, node.config
        if schemas is None:
            yield where, "google-api-python-client is not installed here, and `ray up` needs it: pip install it"
            return
        yield from _discovery(config, "Instance", schemas, where)
        for key in ("machineType", "disks", "serviceAccounts"):
            if not config.get(key):
                yield where, f"{key} is missing"
        yield from _gcp_machine(node)
        if config.get("guestAccelerators") and (config.get("scheduling") or {}).get("onHostMaintenance") != "TERMINATE":
            yield where, "a machine with a GPU needs scheduling.onHostMaintenance: TERMINATE"


def _gcp_machine(node: CloudNode) -> Iterator[ProblemFound]:
    """A misspelt type of machine (Google's model has no list of them), and GPUs that are promised but not asked for."""
    kind = str(node.config.get("machineType", "")).rpartition("/")[2]
    size = kind.partition("-")[2].partition("-")[0]
    near = difflib.get_close_matches(size, GCP_SIZES, 1, 0.8)
    if near and size not in GCP_SIZES:
        right = kind.replace(size, near[0], 1)
        yield f"{node.where}.machineType", f"got {kind!r}; did you mean {right}?"
    given = sum(int(a.get("acceleratorCount", 0)) for a in node.config.get("guestAccelerators") or ())
    if node.gpus != given and not kind.startswith(("a2-", "a3-", "a4", "g2-", "g4-")):
        yield (
            f"available_node_types.{node.name}.resources.GPU",
            f"got {node.gpus}; expected {given}, as in guestAccelerators",
        )


def _enums(value: Any, shape: Any, where: str) -> Iterator[ProblemFound]:
    if shape.type_name == "structure":
        for key, item in value.items():
            yield from _enums(item, shape.members[key], f"{where}.{key}")
    elif shape.type_name == "list":
        for item in value:
            yield from _enums(item, shape.member, where)
    elif getattr(shape, "enum", None) and value not in shape.enum:
        near: list[str] = [known for known in shape.enum if known[:3] == str(value)[:3]] or shape.enum
        yield where, f"got {value!r}, which EC2 does not know; there are " + ", ".join(near[:12])


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


def _discovery(value: Any, name: str, schemas: Mapping[str, Any], where: str) -> Iterator[ProblemFound]:
    known = schemas[name].get("properties", {})
    if not isinstance(value, dict):
        yield where, f"expected a mapping ({name}), got {value!r}"
        return
    for key, item in value.items():
        if key not in known:
            yield f"{where}.{key}", f"Google's {name} has no such setting; {nearest_key(key, known)}"
        else:
            yield from _property(item, known[key], schemas, f"{where}.{key}")


def _property(value: Any, model: Mapping[str, Any], schemas: Mapping[str, Any], where: str) -> Iterator[ProblemFound]:
    if "$ref" in model:
        yield from _discovery(value, model["$ref"], schemas, where)
        return
    expected = TYPES[model["type"]]
    if not isinstance(value, expected) or (isinstance(value, bool) and model["type"] != "boolean"):
        yield where, f"got {value!r}; expected {model['type']}" + (" (in quotes)" if model["type"] == "string" else "")
    elif model["type"] == "array":
        for item in value:
            yield from _property(item, model["items"], schemas, where)
    elif "enum" in model and value not in model["enum"]:
        yield where, f"got {value!r}; expected one of " + ", ".join(model["enum"])
