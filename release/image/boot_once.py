"""Builds the root file system of a ready card as the pi-gen stage does, starts it without a network, waits until the station runs.

    sudo python release/image/boot_once.py --deb dist/backlift-station_0.1.0_amd64.deb --work /var/tmp/card

Needs Debian with mmdebstrap and systemd-nspawn, and a .deb for this machine.  It starts in a container: system and kernel are not
Raspberry Pi OS, and the mat is simulated.  The script of the stage, the unit of the first start, the .deb and the services are the
real ones.  The first start installs, the second must not.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

STAGE = Path(__file__).parent / "stage-backlift" / "00-backlift"
DEBIAN = "systemd,systemd-sysv,udev,dbus,kmod"
CONFIG = '[sampling]\ndriver = "simulated"\n[storage]\ndirectory = "/var/lib/backlift"\n'
LONGEST_S = 900.0
"""For one start on a busy machine."""
# systemd 257 knows the unified hierarchy only; a machine that still has the other one gives the container a mount of its own.
START = """
if ! [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup
    mkdir -p /sys/fs/cgroup/card; echo $$ > /sys/fs/cgroup/card/cgroup.procs
fi
exec systemd-nspawn --quiet -D "$1" --register=no --keep-unit --private-network --console=pipe --capability=all --boot
"""


def build(deb: Path, architecture: str, mirror: str | None, work: Path) -> Path:
    """The root file system as a folder, with the stage carried out in it."""
    root = work / "root"
    packages = ",".join([DEBIAN, *(STAGE / "00-packages").read_text().split()])
    made = [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        f"--architectures={architecture}",
        f"--include={packages}",
        "trixie",
        root,
    ]
    subprocess.run([*made, mirror] if mirror else made, check=True)
    # What Raspberry Pi OS has and Debian does not.
    (root / "boot/firmware").mkdir()
    (root / "boot/firmware/config.txt").touch()
    (root / "etc/machine-id").write_text("")
    (root / "etc/hostname").write_text("backlift\n")
    (root / "etc/backlift").mkdir()
    (root / "etc/backlift/station.toml").write_text(CONFIG)
    stage = work / "stage"
    shutil.copytree(STAGE, stage, dirs_exist_ok=True)
    shutil.copy(deb, stage / "files")
    # pi-gen's own function of that name, as far as the stage uses it.
    on_chroot = 'on_chroot() { chroot "$ROOTFS_DIR" bash -e; }; export -f on_chroot; ./01-run.sh'
    subprocess.run(
        ["bash", "-e", "-c", on_chroot],
        cwd=stage,
        env={"ROOTFS_DIR": str(root), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        check=True,
    )
    return root


def start(root: Path) -> tuple[float, bool]:
    """Start it until both services are ready, and end it: the seconds, and whether the first start's unit had something to do."""
    began = time.monotonic()
    card = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", START, "sh", root], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )

    def inside(*command: str) -> str:
        children = Path(f"/proc/{card.pid}/task/{card.pid}/children").read_text().split()
        if not children:
            return ""
        enter = ["nsenter", f"--target={children[0]}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root"]
        return subprocess.run([*enter, *command], capture_output=True, text=True).stdout

    try:
        # Of type notify: active when they report ready, the station with its first frame.
        while inside("systemctl", "is-active", "backlift-station", "backlift-dashboard").split() != ["active", "active"]:
            if time.monotonic() - began > LONGEST_S or card.poll() is not None:
                raise SystemExit(f"not ready after {time.monotonic() - began:.0f} s:\n" + inside("journalctl", "-b", "-n", "40"))
            time.sleep(0.5)
        ready_s = time.monotonic() - began
        while "activating" in inside("systemctl", "is-active", "backlift-first-boot"):
            time.sleep(0.5)
        print(inside("journalctl", "-b", "--no-pager", "-o", "short-monotonic", "-n", "30", "-u", "backlift*"))
        return ready_s, "=yes" in inside("systemctl", "show", "-p", "ConditionResult", "backlift-first-boot")
    finally:
        inside("systemctl", "poweroff")
        try:
            card.wait(60)
        except subprocess.TimeoutExpired:
            card.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description="Start a ready card in a container.")
    parser.add_argument("--deb", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="a new folder; 1 GB")
    parser.add_argument("--mirror", help="of Debian; without it the one mmdebstrap knows")
    asked = parser.parse_args()
    architecture = asked.deb.stem.rpartition("_")[2]
    asked.work.mkdir(parents=True)
    root = build(asked.deb, architecture, asked.mirror, asked.work)
    print(f"{architecture}: the root file system is made", flush=True)
    for name, expected in (("first", True), ("second", False)):
        seconds, installed = start(root)
        print(f"{name} start: both services ready after {seconds:.0f} s of this machine", flush=True)
        if installed is not expected:
            sys.exit(f"the {name} start {'did not install' if expected else 'installed again'}")


if __name__ == "__main__":
    main()
