"""The command line: run all parts, one after the other, and write what was found after each."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from benchmarks.gpu.pack import DATA, data_folder, pack
from benchmarks.gpu.parts import BUDGETS_SECONDS, ROOT, Run, begin, work
from benchmarks.gpu.report import Lines, Machine, Report, ReportPart
from trainables.config.errors import StudyError


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 where all passed, 1 where something did not, 2 where nothing could begin."""
    asked = _parser().parse_args(arguments)
    if asked.part:
        run = Run(asked.device, asked.tiny, asked.data_dir)
        return work(run, asked.part, Lines(asked.lines), asked.until)
    try:
        if asked.pack:
            size = pack(asked.pack, asked.data_dir)
            print(f"{asked.pack}: {size / 1e6:.1f} MB; there: cd {asked.pack} && make gpu PYTHON=python3")
            return 0
        folder = data_folder(asked.data_dir)
    except StudyError as error:
        print(error, file=sys.stderr)
        return 2
    if asked.device == "cuda" and (missing := _no_gpu()):
        print(missing, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the part under way is ended too
    return _all_parts(Run(asked.device, asked.tiny, folder), asked.out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu rehearses, with --tiny (cuda)")
    parser.add_argument("--tiny", action="store_true", help="sizes of a rehearsal: no figure means anything")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help=f"the images' folder ({DATA.name}/)")
    parser.add_argument("--out", type=Path, metavar="DIR", default=ROOT / "benchmarks" / "gpu", help="for the JSON")
    parser.add_argument("--pack", type=Path, metavar="DIR", help="copy what another machine needs, and no more")
    parser.add_argument("--part", choices=BUDGETS_SECONDS, help=argparse.SUPPRESS)  # what a part's process is given
    parser.add_argument("--lines", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--until", type=float, help=argparse.SUPPRESS)
    return parser


def _no_gpu() -> str:
    import torch

    if torch.cuda.is_available():
        return ""
    return f"there is no GPU: PyTorch {torch.__version__} finds none; --device cpu --tiny rehearses on the processor"


def _all_parts(run: Run, out: Path) -> int:
    out.mkdir(parents=True, exist_ok=True)
    started, began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), time.monotonic()
    known: Machine | None = None
    parts: list[ReportPart] = [
        ReportPart(name, "not begun", "", 0.0, budget, ()) for name, budget in BUDGETS_SECONDS.items()
    ]
    path: Path | None = None
    for i, name in enumerate(BUDGETS_SECONDS):
        print(f"{name} ...", flush=True)
        found, parts[i] = begin(run, name)
        known = known or found
        seconds = time.monotonic() - began
        path = Report(run.device, run.tiny, started, seconds, known, tuple(parts)).write(out)
        print(f"{name}: {parts[i].state} after {parts[i].seconds:.0f} s {parts[i].reason}", flush=True)
    print(f"{time.monotonic() - began:.0f} s; {path}")
    failed = [f.name for p in parts for f in p.findings if not f.passed] + [p.name for p in parts if p.state != "done"]
    print(f"did not pass: {', '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0
