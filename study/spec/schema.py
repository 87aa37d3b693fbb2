"""The JSON Schema of a study file, for editors."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from study.spec.claims import FORMS
from study.spec.domains import KINDS
from study.spec.study import Study
from trainables.config.trial_config import KNOBS


def study_schema() -> str:
    """JSON Schema as JSON, draft 2020-12: what a study file may say. Not what `--quick` alone writes."""
    schema = TypeAdapter(Study).json_schema()
    schema["properties"].pop("reduced")
    knobs = {"type": "object", "additionalProperties": False, "properties": {n: _knob(n) for n in KNOBS}}
    schema["properties"]["base"] = knobs
    schema["$defs"]["Arm"]["properties"]["change"] = knobs
    schema["properties"]["knobs"]["items"] = {"enum": list(KNOBS)}
    for kind in (*FORMS.values(), *KINDS.values()):  # what tells them apart must stand there
        fields = schema["$defs"][kind.__name__]
        fields["required"] = [
            *fields.get("required", ()),
            next(f for f in ("form", "kind") if f in fields["properties"]),
        ]
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=1)


def _knob(name: str) -> dict[str, Any]:
    return {"description": KNOBS[name].metadata["doc"]}
