"""What Linux says of a processor, of Intel's kind and of Arm's."""

from __future__ import annotations

import pytest

from trainables.jobs.cpu_info import cpu_facts, has_bf16

ARM = "processor\t: 0\nBogoMIPS\t: 2000.00\nFeatures\t: fp asimd bf16 sve"
INTEL = (
    "processor\t: 0\nmodel name\t: Some Processor @ 2.1 GHz: fast\nflags\t\t: fpu avx512_bf16\n"
    "\nprocessor\t: 1\nflags\t\t: -\n"
)


def test_the_first_core_speaks_for_all() -> None:
    assert cpu_facts(INTEL) == {
        "processor": "0",
        "model name": "Some Processor @ 2.1 GHz: fast",
        "flags": "fpu avx512_bf16",
    }
    assert cpu_facts("") == {} and cpu_facts("no colon here\n") == {}


def test_this_machine_is_asked_where_no_text_is_given() -> None:
    assert all(isinstance(v, str) and v == v.strip() for v in cpu_facts().values())


@pytest.mark.parametrize(
    ("text", "able"), [(ARM, True), (INTEL, True), ("flags : fpu avx2 bf16ish", False), ("", True)]
)
def test_a_processor_multiplies_bf16_where_it_says_so_or_nothing_is_known(text: str, *, able: bool) -> None:
    assert has_bf16(text) == able
    assert has_bf16(text.replace("bf16 ", "").replace("avx512_bf16", "")) == (text == "")
