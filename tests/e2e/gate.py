"""Trials on the machines wait for the test, never the other way round: whoever tests decides when a trial may be over.

Where a machine has the folder `~/gate`, a trial there trains one epoch, leaves a checkpoint, and goes no further until
the folder is gone, or it has taken a ticket that lies in it. So a study cannot end before what a test wants to see has
happened, however fast its machine is.
"""

from __future__ import annotations

from pathlib import Path

HOOK = "import e2e_gate"
"""A line of a .pth file: Python runs it at each start."""

CODE = """\
import importlib.util, pathlib, sys, time
GATE = pathlib.Path("/root/gate")
MODULE = "trainables.jobs.job_steps"

def gated(steps):
    own = steps.step
    def step(self):
        if GATE.is_dir() and not getattr(self, "passed", False):
            if self.run is None:
                given, self._report_seconds = self._report_seconds, 0.0  # one epoch
                report = own(self)
                self._report_seconds = given
                return report
            self.save()
            while GATE.is_dir() and not ticket():
                time.sleep(0.1)
        self.passed = True
        return own(self)
    steps.step = step

def ticket():
    for path in GATE.glob("ticket-*"):
        try:
            path.unlink()
            return True
        except FileNotFoundError:
            pass
    return False

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        run = spec.loader.exec_module
        def exec_module(module):
            run(module)
            gated(module.JobSteps)
        spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, Finder())
"""


def install(site: Path) -> None:
    """Put the gate into an environment's folder of packages."""
    (site / "e2e_gate.py").write_text(CODE)
    (site / "gate.pth").write_text(HOOK + "\n")


def close(home: Path) -> None:
    """From now on trials on the machine with that home wait after their first epoch."""
    (home / "gate").mkdir(exist_ok=True)


def open_for(home: Path, trials: int) -> None:
    """Let so many of the trials pass that wait there, or will; the others go on waiting."""
    there = len(list((home / "gate").iterdir()))
    for n in range(trials):
        (home / f"gate/ticket-{there + n}").touch()


def open_wide(home: Path) -> None:
    """Let all trials pass, those that wait and those to come."""
    for path in (home / "gate").iterdir():
        path.unlink(missing_ok=True)
    (home / "gate").rmdir()
