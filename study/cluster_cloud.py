"""Node settings of a cluster file against the clouds' own API models, which boto3 and Google's client ship as data.

A cloud refuses a wrong setting too, but only at the launch of that node type: for a fallback that is at midnight.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

Found = tuple[str, str]

RAYS_OWN = {"SubnetIds", "SubnetId", "KeyName"}
"""Keys that Ray reads from an AWS node_config itself, and takes out or fills in."""


def aws_problems(values: Mapping[str, Any]) -> Iterator[Found]:
    """What RunInstances would not take."""
    try:
        from botocore.validate import ParamValidator

        shape = _run_instances()
    except ImportError:
        yield "provider", "boto3 is not installed here, and `ray up` needs it: pip install boto3"
        return
    for name, entry in values["available_node_types"].items():
        where = f"available_node_types.{name}.node_config"
        config = {k: v for k, v in entry["node_config"].items() if k not in RAYS_OWN}
        report = ParamValidator().validate({"MinCount": 1, "MaxCount": 1, **config}, shape)
        for line in report.generate_report().splitlines():
            yield where, line.partition(", must be one of")[0]
        if not report.has_errors():
            yield from _enums(config, shape, where)
        if "InstanceType" not in config:
            yield where, "InstanceType is missing"
        if "IamInstanceProfile" not in config:
            yield where, "IamInstanceProfile is missing: such a node could not reach the bucket"


@lru_cache(maxsize=1)
def _run_instances() -> Any:
    """What that call takes. Not by a session: that reads the user's profiles, which have no part in this."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model = ServiceModel(Loader().load_service_model("ec2", "service-2"), "ec2")
    return model.operation_model("RunInstances").input_shape


def gcp_problems(values: Mapping[str, Any]) -> Iterator[Found]:
    """What instances.insert would not take, and three rules of Google's that its model does not tell."""
    schemas = _compute()
    for name, entry in values["available_node_types"].items():
        where = f"available_node_types.{name}.node_config"
        config = entry["node_config"]
        if schemas is None:
            yield where, "google-api-python-client is not installed here, and `ray up` needs it: pip install it"
            return
        yield from _discovery(config, "Instance", schemas, where)
        for key in ("machineType", "disks", "serviceAccounts"):
            if not config.get(key):
                yield where, f"{key} is missing"
        if config.get("guestAccelerators") and (config.get("scheduling") or {}).get("onHostMaintenance") != "TERMINATE":
            yield where, "a machine with a GPU needs scheduling.onHostMaintenance: TERMINATE"


def _enums(value: Any, shape: Any, where: str) -> Iterator[Found]:
    if shape.type_name == "structure":
        for key, item in value.items():
            yield from _enums(item, shape.members[key], f"{where}.{key}")
    elif shape.type_name == "list":
        for item in value:
            yield from _enums(item, shape.member, where)
    elif getattr(shape, "enum", None) and value not in shape.enum:
        near: list[str] = [known for known in shape.enum if known[:3] == str(value)[:3]] or shape.enum
        yield where, f"{value!r} is not known to EC2; there are " + ", ".join(near[:12])


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


def _discovery(value: Any, name: str, schemas: Mapping[str, Any], where: str) -> Iterator[Found]:
    known = schemas[name].get("properties", {})
    if not isinstance(value, dict):
        yield where, f"expected a mapping ({name}), got {value!r}"
        return
    for key, item in value.items():
        if key not in known:
            yield f"{where}.{key}", f"Google's {name} has no such setting"
        else:
            yield from _property(item, known[key], schemas, f"{where}.{key}")


def _property(value: Any, model: Mapping[str, Any], schemas: Mapping[str, Any], where: str) -> Iterator[Found]:
    if "$ref" in model:
        yield from _discovery(value, model["$ref"], schemas, where)
        return
    expected = TYPES[model["type"]]
    if not isinstance(value, expected) or (isinstance(value, bool) and model["type"] != "boolean"):
        yield where, f"expected {model['type']}, got {value!r}"
    elif model["type"] == "array":
        for item in value:
            yield from _property(item, model["items"], schemas, where)
    elif "enum" in model and value not in model["enum"]:
        yield where, f"{value!r} is none of " + ", ".join(model["enum"])
