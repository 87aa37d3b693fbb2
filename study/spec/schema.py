"""The JSON Schema of a study file, for editors, and for the reference: each field with its words."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from typing import Any

from pydantic import TypeAdapter

from study.spec.claims import FORMS, Claim, Quantity
from study.spec.constraints import Constraint
from study.spec.domains import KINDS
from study.spec.search import Scheduler, Search
from study.spec.study import Arm, Effect, Family, Study
from trainables.config.trial_config import KNOBS

VALUES = (Study, Arm, Claim, *FORMS.values(), Quantity, Effect, Family, Search, Scheduler, *KINDS.values(), Constraint)
"""All that a study file may hold, in the order in which a reader wants it."""


ELSEWHERE = ("epochs", "seed")
"""Knobs that no arm changes: epochs stand beside `base`, seeds come from `--seeds`."""


def study_schema() -> str:
    """JSON Schema as JSON, draft 2020-12: what a study file may say. Not what `--quick` alone writes."""
    schema = TypeAdapter(Study).json_schema()
    schema["properties"].pop("reduced")
    schema["$defs"]["Arm"]["properties"].pop("in_full")
    settable = {n: _knob(n) for n in KNOBS if n not in ELSEWHERE}
    knobs = {"type": "object", "additionalProperties": False, "properties": settable, "default": {}}
    schema["properties"]["base"] = knobs
    schema["$defs"]["Arm"]["properties"]["change"] = dict(knobs)
    schema["properties"]["knobs"]["items"] = {"enum": [n for n in KNOBS if n != "seed"]}
    for kind in (*FORMS.values(), *KINDS.values()):  # what tells them apart must stand there
        fields = schema["$defs"][kind.__name__]
        fields["required"] = [
            *fields.get("required", ()),
            next(f for f in ("form", "kind") if f in fields["properties"]),
        ]
    for kind in VALUES:
        fields = schema if kind is Study else schema["$defs"][kind.__name__]
        for field, words in _field_docs(kind).items():
            if field in fields["properties"]:
                fields["properties"][field]["description"] = words
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=1)


def _knob(name: str) -> dict[str, Any]:
    return {"description": KNOBS[name].metadata["doc"]}


def _field_docs(kind: type) -> dict[str, str]:
    """The text below each field, as the source has it."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    docs: dict[str, str] = {}
    last = ""
    for node in body.body if isinstance(body, ast.ClassDef) else ():
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and last:
            docs[last] = " ".join(str(node.value.value).split())
        last = node.target.id if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else ""
    return docs
