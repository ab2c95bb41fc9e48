"""The rig's root file system as a container: a running systemd and the real units at this machine's speed, without bus and pins.

Root and systemd-nspawn are needed.  What waits for pip and not for the mat is run here: in the virtual machine it takes an hour.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

# systemd 257 knows the unified hierarchy only; a machine that still has the other one gives the container a mount of its own.
START = """
if ! [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup
    mkdir -p /sys/fs/cgroup/container; echo $$ > /sys/fs/cgroup/container/cgroup.procs
fi
exec systemd-nspawn --quiet --ephemeral -D "$1" --register=no --keep-unit --private-network --bind-ro="$2:/mnt/share" \
    --console=pipe --capability=all --boot
"""
BOOT_S = 120.0


class Container:
    """Speaks as the rig's VM does: `fresh`, `start`, `sh`, `stop`."""

    def __init__(self, root: Path, share: Path) -> None:
        self._root = root
        self._share = share
        self._process: subprocess.Popen[bytes] | None = None
        self._first = 0
        self.boot_s = 0.0

    def fresh(self) -> None:
        """Every start is: the file system is a copy that goes with the container."""

    def start(self, timeout: float = BOOT_S) -> None:
        began = time.monotonic()
        command = ["unshare", "--mount", "sh", "-c", START, "sh", str(self._root), str(self._share)]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while time.monotonic() < began + timeout:
            children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
            for child in children:
                self._first = int(child)
                if "1 (systemd)" not in self.sh("cat /proc/1/stat", t=10)[1]:
                    continue
                # "degraded" is said of units that need a real machine.
                self.sh("systemctl is-system-running --wait", t=timeout)
                self.boot_s = time.monotonic() - began
                return
            time.sleep(0.2)
        raise TimeoutError("the container does not start")

    def sh(self, command: str, t: float = 60, wait: float | None = None) -> tuple[int, str]:
        """Run as root inside; exit code and output.  t: seconds.  wait: a virtual machine's own clock, without meaning here."""
        inside = ["nsenter", f"--target={self._first}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd"]
        clean = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8"]
        try:
            done = subprocess.run(
                [*inside, *clean, "sh", "-c", command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=t,
            )
        except subprocess.TimeoutExpired as error:
            return 124, (error.stdout or b"").decode("utf-8", "replace")
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def stop(self) -> None:
        if self._process is None:
            return
        self.sh("systemctl poweroff")
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
