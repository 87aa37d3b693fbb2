"""Small machines on one Linux box, so that `ray up` can be tried for real. Needs root, openssh-server, rsync, iproute2.

A machine is a network namespace on a private bridge (nothing is routed to the real network), PID, mount, UTS and IPC
namespaces of its own, a copy-on-write root over the real one, its own /tmp, /root, /run and /dev/shm, and an sshd as
PID 1 that takes one key. The PID namespace matters: `ray stop` kills by name all that it sees.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.fitness import SYSTEM_PATH
from tests.waiting import wait_until

PREFIX = "10.77.0."


INIT = """
set -e
mount --make-rprivate /
# The upper layer must not lie on the lower file system, hence a tmpfs.
mount -t tmpfs -o mode=755,size=@COW@ tmpfs /media
mkdir /media/upper /media/work /media/root
mount -t overlay overlay -o lowerdir=/,upperdir=/media/upper,workdir=/media/work /media/root
R=/media/root H=@HOME@
mount -t proc proc $R/proc
mount --rbind /dev $R/dev
mount --rbind /sys $R/sys
mount -t tmpfs -o mode=1777,size=@SHM@ tmpfs $R/dev/shm
mount -t tmpfs -o mode=755,size=16m tmpfs $R/run
mkdir -p $R/run/sshd $R/run/lock $R/run/machine
mount --bind $H $R/run/machine
mount --bind $H/root $R/root
mount --bind $H/tmp $R/tmp
cp $H/hosts $R/etc/hosts
hostname @NAME@; echo @NAME@ > $R/etc/hostname
# A cloud image's login; uid 0 too, so that it may read the environment. Its home is root's: ssh expands ~ by uid.
if ! grep -q '^ubuntu:' $R/etc/passwd; then
  mkdir -p $R/home/ubuntu
  echo 'ubuntu:x:0:0::/home/ubuntu:/bin/bash' >> $R/etc/passwd; echo 'ubuntu:*:19000::::::' >> $R/etc/shadow
fi
mount --bind $H/root $R/home/ubuntu
# After the homes, for they may lie in one.
for folder in @KEEP@; do mkdir -p $R$folder; mount --bind $folder $R$folder; mount -o remount,bind,ro $R$folder; done
cd $R
mkdir -p run/old
pivot_root . run/old
umount -l /run/old
exec env -i PATH=@PATH@ HOME=/root LANG=C.UTF-8 /usr/sbin/sshd -D -e -f /run/machine/sshd_config
"""


SSHD = """
Port 22
ListenAddress @IP@
HostKey /run/machine/hostkey
PidFile none
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
AuthorizedKeysFile /root/.ssh/authorized_keys
PrintMotd no
UseDNS no
MaxSessions 50
MaxStartups 50
Subsystem sftp internal-sftp
"""


@dataclass
class Host:
    """One machine; `pid` is its PID 1 as the real machine sees it, None while it is off."""

    name: str
    ip: str
    number: int
    key: str
    outer: subprocess.Popen[bytes] | None = None
    pid: int | None = None


@dataclass
class Net:
    """A set of machines under `state`; a context manager that leaves nothing behind.

    Args:
        state: an empty folder.
        keep: folders of the real machine that every machine sees, read-only, where the root alone does not show them.
        environ: what every login on every machine has in its environment.
        image: a folder that each new machine's home begins as a copy of.
    """

    state: Path
    keep: Sequence[Path] = ()
    environ: dict[str, str] = field(default_factory=dict)
    image: Path | None = None
    shm: str = "300m"
    hosts: dict[str, Host] = field(default_factory=dict)
    tag: str = field(default_factory=lambda: "e2e" + uuid.uuid4().hex[:5])

    def __enter__(self) -> Net:
        self.state.mkdir(parents=True, exist_ok=True)
        for name in ("id_ed25519", "hostkey"):
            _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.state / name), "-C", "e2e")
        hub = self._namespace("hub")
        _run("ip", "netns", "add", hub)
        _run("ip", "-n", hub, "link", "add", "br0", "type", "bridge")
        _run("ip", "-n", hub, "link", "set", "br0", "up")
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.hosts:
            self.kill(name)
        subprocess.run(["ip", "netns", "del", self._namespace("hub")], stderr=subprocess.DEVNULL, check=False)

    @property
    def key(self) -> Path:
        """The private key that opens every machine."""
        return self.state / "id_ed25519"

    def add(self, name: str, ip: str | None = None, *, key: str | None = None) -> Host:
        """A new machine, running; `key` is the public key that it takes, the set's own if not given."""
        number = len(self.hosts)
        public = key or self.key.with_suffix(".pub").read_text()
        self.hosts[name] = Host(name, ip or f"{PREFIX}{10 + number}", number, public)
        self.boot(name)
        return self.hosts[name]

    @property
    def image_home(self) -> Path:
        """The folder that the home of every machine yet to be added begins as a copy of."""
        assert self.image is not None
        return self.image

    def home(self, name: str) -> Path:
        """A machine's /root, as the real machine sees it."""
        return self.state / "host" / name / "root"

    def give_key(self, name: str) -> None:
        """Let a machine's root log in to all of them, as ~/.ssh/id_ed25519."""
        shutil.copy(self.key, self.home(name) / ".ssh/id_ed25519")

    def boot(self, name: str) -> None:
        """Switch a machine on; its home is as it was left, the rest of its disk as new."""
        host = self.hosts[name]
        space, hub = self._namespace(name), self._namespace("hub")
        folder = self._furnish(host)
        _run("ip", "netns", "add", space)
        link = self._link(host)
        # The same address after each boot, as a real card has: the others' tables of neighbours stay right.
        mac = f"02:00:00:00:{host.number // 256:02x}:{host.number % 256:02x}"
        card = ["name", "eth0", "address", mac, "netns", space]
        _run("ip", "-n", hub, "link", "add", link, "type", "veth", "peer", *card)
        _run("ip", "-n", hub, "link", "set", link, "master", "br0", "up")
        _run("ip", "-n", space, "link", "set", "lo", "up")
        _run("ip", "-n", space, "addr", "add", f"{host.ip}/16", "dev", "eth0")
        _run("ip", "-n", space, "link", "set", "eth0", "up")
        with (folder / "sshd.log").open("ab") as log:
            host.outer = subprocess.Popen(
                [
                    *("nsenter", f"--net=/run/netns/{space}"),
                    *("unshare", "--mount", "--pid", "--fork", "--uts", "--ipc", "--kill-child=KILL"),
                    *("bash", str(folder / "init.sh")),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        host.pid = _first_child(host.outer.pid, folder / "sshd.log")
        self._wait_for_ssh(host)

    def kill(self, name: str) -> None:
        """Pull the plug: the kernel ends everything in the machine at once, nobody is told."""
        host = self.hosts[name]
        if host.outer is not None:
            for pid in (host.pid, host.outer.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid or 0, signal.SIGKILL) if pid else None
            host.outer.wait(timeout=30)
        host.outer, host.pid = None, None
        # The kernel takes a namespace down in its own time; the cable goes now, for the next boot needs its name.
        cable = ["ip", "-n", self._namespace("hub"), "link", "del", self._link(host)]
        subprocess.run(cable, stderr=subprocess.DEVNULL, check=False)
        subprocess.run(["ip", "netns", "del", self._namespace(name)], stderr=subprocess.DEVNULL, check=False)

    def link(self, name: str, state: str) -> None:
        """Cut a machine's cable (`down`) or mend it (`up`); its processes live on."""
        _run("ip", "-n", self._namespace("hub"), "link", "set", self._link(self.hosts[name]), state)

    def command(
        self, name: str, *words: str, environ: Mapping[str, str] | None = None, cwd: str = "/root"
    ) -> list[str]:
        """A command of the real machine that runs `words` in one of these, with its environment and no other."""
        pairs = {
            "PATH": SYSTEM_PATH,
            "HOME": "/root",
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            **self.environ,
            **(environ or {}),
        }
        enter = ["nsenter", "-t", str(self.hosts[name].pid), "-m", "-p", "-n", "-u", "-i"]
        return [*enter, "env", "-i", "-C", cwd, *(f"{k}={v}" for k, v in pairs.items()), *words]

    def run(
        self, name: str, *words: str, check: bool = True, timeout: float = 600, cwd: str = "/root", **environ: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a machine and wait; its output, both streams together, is in `stdout`."""
        done = subprocess.run(
            self.command(name, *words, environ=environ, cwd=cwd),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert not check or done.returncode == 0, f"{name}: {' '.join(words)}: {done.returncode}\n{done.stdout[-6000:]}"
        return done

    def start(self, name: str, *words: str, log: Path, cwd: str = "/root", **environ: Any) -> subprocess.Popen[bytes]:
        """Run a command in a machine and go on; it ends with the machine."""
        with log.open("ab") as stream:
            return subprocess.Popen(
                self.command(name, *words, environ=environ, cwd=cwd),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )

    def _namespace(self, name: str) -> str:
        return f"{self.tag}-{name}"

    def _link(self, host: Host) -> str:
        return f"{self.tag}v{host.number}"

    def _furnish(self, host: Host) -> Path:
        folder = self.state / "host" / host.name
        new = not folder.exists()
        for name in ("root/.ssh", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        if new and self.image:
            shutil.copytree(self.image, folder / "root", symlinks=True, dirs_exist_ok=True)
        (folder / "tmp").chmod(0o1777)
        for name in ("root", "root/.ssh"):
            (folder / name).chmod(0o700)
        (folder / "root/.ssh/authorized_keys").write_text(host.key)
        (folder / "hosts").write_text(
            "127.0.0.1 localhost\n" + "".join(f"{h.ip} {h.name}\n" for h in self.hosts.values())
        )
        shutil.copy(self.state / "hostkey", folder / "hostkey")
        (folder / "hostkey").chmod(0o600)
        pairs = " ".join(f'"{k}={v}"' for k, v in self.environ.items())
        (folder / "sshd_config").write_text(SSHD.replace("@IP@", host.ip) + (f"SetEnv {pairs}\n" if pairs else ""))
        script = INIT
        values = {
            "HOME": folder,
            "KEEP": " ".join(map(str, self.keep)),
            "SHM": self.shm,
            "NAME": host.name,
            "COW": "1g",
        }
        for key, value in {**values, "PATH": SYSTEM_PATH}.items():
            script = script.replace(f"@{key}@", str(value))
        (folder / "init.sh").write_text(script)
        return folder

    def _wait_for_ssh(self, host: Host) -> None:
        probe = [
            *("nsenter", f"--net=/run/netns/{self._namespace(host.name)}"),
            *("timeout", "5", "bash", "-c", f"exec 3<>/dev/tcp/{host.ip}/22"),
        ]
        log = self.state / "host" / host.name / "sshd.log"
        answers = lambda: subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode == 0  # noqa: E731
        wait_until(f"there is ssh to {host.name}", answers, 60, log, every=0.1)


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Turn SIGTERM into an exit, so that machines are taken down when somebody ends the tests."""

    def leave(*_: object) -> None:
        raise SystemExit(143)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _first_child(pid: int, log: Path) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    wait_until("the machine boots", lambda: not children.exists() or children.read_text().strip(), 10, log, every=0.01)
    assert children.exists(), f"the machine did not boot: {log.read_text()[-2000:]}"
    return int(children.read_text().split()[0])


def _run(*words: str) -> None:
    subprocess.run(words, check=True)
