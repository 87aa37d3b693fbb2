"""The disk image of the namespaced machines: a home with a virtual environment that borrows this checkout's packages.

The cluster files' own setup script then runs on it for real, finds everything that constraints.txt wants, and installs
the project alone: no network is needed, and none is there.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.e2e import gate

BASHRC = "# The image's own.\n"
RAY = "#!/root/venv/bin/python\nimport sys\n\nfrom ray.scripts.scripts import main\n\nsys.exit(main())\n"


def build(folder: Path) -> Path:
    """Make the home folder of a fresh machine; it is /root there, and nowhere else would its environment work."""
    home = folder / "home"
    venv = home / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    site = next((venv / "lib").glob("python*/site-packages"))
    # A .pth in a borrowed folder is not read, so this checkout's editable install stays out: machines have their own.
    (site / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    gate.install(site)
    settings = venv / "pyvenv.cfg"
    settings.write_text(settings.read_text().replace(str(venv), "/root/venv"))
    ray = venv / "bin/ray"
    ray.write_text(RAY)
    ray.chmod(0o755)
    for activate in (venv / "bin").glob("[aA]ctivate*"):
        activate.unlink()
    (home / ".bashrc").write_text(BASHRC)
    return home


def borrowed() -> list[Path]:
    """Folders of the real machine that its users need: this checkout with its environment, and Python itself."""
    return [Path(__file__).parents[2], Path(sys.base_prefix)]
