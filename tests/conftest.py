"""What every test may use, and what holds for all of them: one thread a process, no cache of the user's touched."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
for _variable in ("STUDY_DATA_DIR", "COLUMNS"):  # pytest-xdist sets the latter, and lines would end there
    os.environ.pop(_variable, None)
    os.unsetenv(_variable)  # as readline does, which Python does not see and what tests start would
os.environ["XDG_STATE_HOME"] = _state = tempfile.mkdtemp(prefix="study-state-")
atexit.register(shutil.rmtree, _state, ignore_errors=True)
os.getloadavg = lambda: (0.0, 0.0, 0.0)  # a plan counts on the load, and what two commands say is compared
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # under nohup or "&"; what tests start would ignore it as well
    signal.signal(signal.SIGINT, signal.default_int_handler)

import pytest  # noqa: E402  # after the environment is set
from _pytest.doctest import DoctestModule  # noqa: E402  # pytest has no public name for it
from hypothesis import HealthCheck, settings  # noqa: E402  # after the environment is set

from tests.golden_values import hold  # noqa: E402  # after the environment is set
from tests.odd_values import MANY  # noqa: E402  # after the environment is set

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadFileScheduling

settings.register_profile(  # the same examples everywhere: other ones are drawn where many are wanted
    "busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=not MANY
)
settings.load_profile("busy machine")

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--add-golden", action="store_true", help="add golden values that are new (make golden)")


STARTS = {"chromium": "browser", "network": "server", "bucket": "server"}
"""Fixtures that start something large, and the marker of the tests that use them."""


LONG_FILES = ("tests/study/execution/test_execution.py", "tests/study/cli/test_main_exit_codes.py")
"""Files that take half a minute and more. They go first, for a worker of xdist takes whole files."""

TOGETHER = {
    "all code as text": (
        "tests/test_house",
        "tests/analysis/text/test_csv_file.py",
        "tests/study/execution/ray_patches/test_ray_patches_private_names.py",
        "tests/trainables/records/test_metrics.py",
    ),
    "the chapter on record": ("tests/analysis/chapter/test_headlines.py", "tests/analysis/chapter/test_publish.py"),
}
"""Files that read or make the same large thing: one worker of xdist has them, and does so once."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """As `--dist loadfile` has it: a worker takes whole files, and those that are to be together as one."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((name for name, files in TOGETHER.items() if nodeid.startswith(files)), nodeid.split("::")[0])

    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


class OfDoctests:
    """A file without a doctest is not searched for one by each worker: that is a tenth of what collecting takes."""

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(self, file_path: Path) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        found = yield
        if file_path.suffix != ".py" or b">>> " in file_path.read_bytes():
            return found
        return [one for one in found if not isinstance(one, DoctestModule)]


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(OfDoctests())  # a hook of this file would see the files beside and below it alone


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is collected stays to the end: the garbage collector need not go through it, neither now nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before markers are chosen: who starts what, and what goes first."""
    for item in items:
        for fixture in STARTS.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(STARTS[fixture])
    items.sort(key=lambda item: (item.get_closest_marker("ray") is None, not item.nodeid.startswith(LONG_FILES)))


@pytest.fixture(autouse=True, scope="session")
def _fashion_mnist_read_once() -> Iterator[None]:
    """Its four files are unpacked and summed once in a process, and not by each test."""
    from trainables.data import fashion_mnist

    verified = fashion_mnist._verified
    known: dict[tuple[object, ...], bytes] = {}

    def once(path: Path, member: fashion_mnist.DataFile) -> bytes:
        there = path.stat()
        key = (path, member, there.st_ino, there.st_size, there.st_mtime_ns, there.st_ctime_ns)
        if key not in known:
            known[key] = verified(path, member)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fashion_mnist, "_verified", once)
        yield


@pytest.fixture(autouse=True)
def _denormals() -> Iterator[None]:
    """A process that trains rounds them to 0 (docs/decisions/denormals.md); no other test shall inherit that."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`golden("name", value)` holds plain data against tests/golden/name.json; `rel` allows floats to differ so much.

    The default is equality to the last bit, which one kind of CPU owes.
    """

    def check(name: str, value: Any, *, rel: float = 0.0) -> None:
        hold(GOLDEN / f"{name}.json", value, rel, add=request.config.getoption("--add-golden"))

    return check


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser; where there is none, that is a failure in continuous checks and a reason to skip elsewhere."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("no Chromium on this machine, and the page must be tested in one")
    if found is None:
        pytest.skip("no Chromium on this machine: install it to test the page in a browser")
    return found
