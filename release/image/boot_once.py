"""Builds the root file system of a ready card as the pi-gen stage does, boots it without a network, waits until the station runs.

    sudo python release/image/boot_once.py --deb dist/backlift-station_0.1.0_arm64.deb --work /var/tmp/card

Needs Debian with mmdebstrap, e2fsprogs and qemu-system-arm (arm64) or qemu-system-x86 (amd64), and for another machine's packages
qemu-user-static and arch-test.  System and kernel are Debian's instead of Raspberry Pi OS, and the mat is simulated.  The script of
the stage, the unit of the first start, the .deb and the services are the real ones.  The first start installs, the second must not.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

STAGE = Path(__file__).parent / "stage-backlift" / "00-backlift"
DEBIAN = "systemd,systemd-sysv,udev,dbus,kmod,initramfs-tools,linux-image-{architecture}"
CONFIG = '[sampling]\ndriver = "simulated"\n[storage]\ndirectory = "/var/lib/backlift"\n'
MACHINES = {
    "arm64": ("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72"),
    "amd64": ("qemu-system-x86_64", "-M", "q35", "-cpu", "max"),
}
CONSOLES = {"arm64": "ttyAMA0", "amd64": "ttyS0"}
READY = ("backlift-station.service", "backlift-dashboard.service")
"""Units of type notify: systemd says "Started" when they report ready, the station with its first frame."""
LONGEST_S = 2400.0
"""For one start, under emulation on a busy machine."""


def build(deb: Path, architecture: str, mirror: str | None, work: Path) -> Path:
    """The root file system as a folder, with the stage carried out in it."""
    root = work / "root"
    packages = ",".join([DEBIAN.format(architecture=architecture), *(STAGE / "00-packages").read_text().split()])
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


def start(architecture: str, work: Path) -> tuple[float, list[str]]:
    """Boot until both services are ready, then pull the plug; the seconds, and what the console said."""
    command = [
        *MACHINES[architecture], "-accel", "tcg,thread=multi", "-smp", "2", "-m", "1024", "-nodefaults", "-display", "none",
        "-no-reboot", "-net", "none", "-serial", "stdio", "-kernel", str(work / "vmlinuz"), "-initrd", str(work / "initrd"),
        "-drive", f"file={work / 'card.ext4'},format=raw,if=none,id=card", "-device", "virtio-blk-pci,drive=card",
        "-device", "virtio-rng-pci", "-append",
        f"root=/dev/vda rw console={CONSOLES[architecture]} systemd.show_status=1 systemd.log_target=console loglevel=3 panic=-1",
    ]  # fmt: skip
    began = time.monotonic()
    machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace")
    said: list[str] = []
    missing = set(READY)
    try:
        assert machine.stdout
        for line in machine.stdout:
            said.append(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n", "", line))
            missing -= {unit for unit in missing if f"Started {unit}" in said[-1]}
            if not missing:
                # What was said to be done is on the card by now: the installer syncs before it ends.
                return time.monotonic() - began, said
            if time.monotonic() - began > LONGEST_S:
                break
        raise SystemExit("\n".join(said[-40:]) + f"\nnot ready: {', '.join(sorted(missing))}")
    finally:
        machine.kill()
        machine.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="Boot a ready card in QEMU.")
    parser.add_argument("--deb", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="a new folder; 4 GB")
    parser.add_argument("--mirror", help="of Debian; without it the one mmdebstrap knows")
    asked = parser.parse_args()
    architecture = asked.deb.stem.rpartition("_")[2]
    asked.work.mkdir(parents=True)
    root = build(asked.deb, architecture, asked.mirror, asked.work)
    for name in ("vmlinuz", "initrd"):
        (newest,) = (root / "boot").glob(f"{name}*-{architecture}")
        shutil.copy(newest, asked.work / name)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", root, asked.work / "card.ext4", "3G"], check=True)
    print(f"{architecture}: the root file system is made", flush=True)
    for name, installs in (("first", True), ("second", False)):
        seconds, said = start(architecture, asked.work)
        mine = [line for line in said if "backlift" in line.lower() or "Back Lift" in line]
        print(f"{name} start: both services ready after {seconds:.0f} s of this machine")
        print("    " + "\n    ".join(mine[-12:]), flush=True)
        if any("backlift-first-boot.service" in line and "Finished" in line for line in said) is not installs:
            sys.exit(f"the {name} start {'did not install' if installs else 'installed again'}")


if __name__ == "__main__":
    main()
