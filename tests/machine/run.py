"""Drives the rig: a virtual machine with Debian, a running systemd, /dev/i2c-1 and /dev/gpiochip0 that can be broken from outside.

    python tests/machine/run.py --vm VM --rig RIG --deb dist/backlift-station_0.1.0_amd64.deb [--only bus,crash]

VM is the folder with `vm.py`, RIG what its `build.sh` made (or BACKLIFT_VM and BACKLIFT_RIG in the environment).  Without them it
says so and ends with 0: no test of `make test` needs them.  The .deb is installed by apt in the rig's root file system, at this
machine's speed, which is then booted; every part prints what it found and the journal lines it caused.  The guest's clock counts
instructions, so that its seconds mean the same on a busy machine.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import releases
from container import Container

ROOT = Path(__file__).parents[2]
WAIT_S = 3600.0
"""Of this machine's time for one command in the guest; a busy machine needs several times what the guest counts."""
CONFIG = '[mat]\nfile = "small-4"\n[storage]\ndirectory = "/var/lib/backlift"\n[pins]\nled = 17\nbutton = 27\n'
GONE = "/sys/module/i2c_pi_sim/parameters/gone"
VERSION = re.compile(r"\d+\.\d+\.\d+")
HEALTH = """import json, socket
s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect("/run/backlift/station.sock")
s.sendall(b'{"op":"command","id":1,"name":"health","args":{},"sender":"command_line"}\\n')
print(json.dumps([n["code"] for n in json.loads(s.makefile().readline())["result"]["notices"]]))
"""
UPDATE = HEALTH.replace('"name":"health"', '"name":"update_install"').partition("print")[0] + "print(s.makefile().readline())\n"
SIGN = """import sys, station.install
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
key, stick = Ed25519PrivateKey.generate(), Path("/media/backlift")
public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
(Path(station.install.__file__).parent / "release_key.pem").write_bytes(public)
(stick / "SHA256SUMS.sig").write_bytes(key.sign((stick / "SHA256SUMS").read_bytes()))
"""
WATCH = """import subprocess, sys, time
# Prints the guest's seconds until the codes of the station's notices hold (or no more hold) the word; at most so many seconds.
word, wanted, longest = sys.argv[1], sys.argv[2] == "1", float(sys.argv[3])
began = time.monotonic()
while time.monotonic() - began < longest:
    said = subprocess.run([sys.executable, "/root/health.py"], capture_output=True, text=True).stdout
    if said and (word in said) is wanted:
        print(round(time.monotonic() - began, 2)); sys.exit()
    time.sleep(0.1)
print("never"); sys.exit(1)
"""


class FailedError(Exception):
    """A part of the run found something else than it should."""


class Guest:
    """The booted guest, in the few words the parts need."""

    def __init__(self, vm: Any) -> None:
        self.vm = vm

    def run(self, command: str, t: float = 60, *, check: bool = True) -> str:
        """Run as root; its output.  t: the guest's seconds."""
        code, said = self.vm.sh(command, t=t, wait=WAIT_S)
        if check and code:
            raise FailedError(f"`{command.splitlines()[0][:90]}` ended with {code}: {said.strip()[-400:]}")
        return str(said).strip()

    def code(self, command: str, t: float = 60) -> tuple[int, str]:
        code, said = self.vm.sh(command, t=t, wait=WAIT_S)
        return code, str(said).strip()

    @property
    def station(self) -> int:
        return int(self.run("systemctl show -P MainPID backlift-station"))

    def until(self, command: str, longest_s: float) -> float:
        """The guest's seconds until a command succeeds."""
        now = "cut -d' ' -f1 /proc/uptime"
        loop = f"s=$({now}); until {command}; do sleep 0.1; done >/dev/null 2>&1; echo $s $({now})"
        code, said = self.code(loop, t=longest_s)
        if code:
            raise FailedError(f"not within {longest_s} s: {command}")
        began, ended = map(float, said.split()[-2:])
        return round(ended - began, 2)

    def notice(self, word: str, wanted: bool, longest_s: float) -> float:
        """The guest's seconds until the station says a notice whose code holds `word`, or says it no more."""
        said = self.run(f"python3 /root/watch.py {word} {int(wanted)} {longest_s}", t=longest_s + 20)
        return float(said.split()[-1])

    def cpu_share(self, over_s: float) -> float:
        """The station's share of one CPU over the guest's `over_s` seconds."""
        read = f"awk '{{print $14+$15}}' /proc/{self.station}/stat"
        before = float(self.run(read))
        self.run(f"sleep {over_s}", t=over_s + 30)
        return (float(self.run(read)) - before) / 100 / over_s

    def times(self, unit: str) -> str:
        """Seconds from start to ready, and memory: its own, and with the pages of files that were read on its behalf."""
        asked = ("ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic", "MemoryCurrent")
        began, ready, counted = (int(self.run(f"systemctl show -P {name} {unit}")) for name in asked)
        own = int(self.run(f"awk '$1 == \"anon\" {{print $2}}' /sys/fs/cgroup/system.slice/{unit}.service/memory.stat"))
        return f"{unit}: ready after {(ready - began) / 1e6:.1f} s; {own / 1e6:.0f} MB of its own, {counted / 1e6:.0f} MB counted"

    def journal(self, since: str = "-5min") -> list[str]:
        said = self.run(f"journalctl -u backlift-station -u backlift-dashboard --no-pager -o short-monotonic --since '{since}'")
        return [line for line in said.splitlines() if "-- " not in line[:3]]


def expect(holds: bool, words: str) -> None:
    print(f"    {'ok  ' if holds else 'NOT '} {words}", flush=True)
    if not holds:
        raise FailedError(words)


def up(guest: Guest) -> None:
    """Both services run, hardened, with their devices, and answer."""
    seconds = guest.until("systemctl is-active --quiet backlift-station && systemctl is-active --quiet backlift-dashboard", 60)
    uptime = guest.run("cut -d' ' -f1 /proc/uptime")
    print(f"    active after {seconds} s of waiting; uptime {uptime} s")
    print(f"    first page: {guest.run('curl -s -o /dev/null -w %{time_total} http://127.0.0.1:8080/')} s")
    expect('"dashboard":"ok"' in guest.run("curl -s -m 20 http://127.0.0.1:8080/healthz").replace(" ", ""), "the pages answer")
    for unit in ("backlift-station", "backlift-dashboard"):
        exposure = guest.run(f"systemd-analyze security --no-pager {unit} | tail -1", t=120)
        print(f"    {exposure}")
        print(f"    {guest.times(unit)}")
    for device, group in (("/dev/i2c-1", "i2c"), ("/dev/gpiochip0", "gpio")):
        expect(guest.run(f"stat -c '%G %a' {device}") == f"{group} 660", f"{device} belongs to the group {group}")
        code, said = guest.code(f"runuser -u backlift -- sh -c 'exec 3<>{device}'")
        expect(code == 0, f"the service user opens {device} {said}")
    print(f"    idle CPU with a mat: {guest.cpu_share(30):.1%}")


WITHOUT_A_MAT = '[sampling]\ndriver = "simulated"\n[storage]\ndirectory = "/var/lib/backlift"\n'
"""As that page says it for another machine."""
ANSWERS = {"uninstall": (0,), "pair": (0, 124), "check": (0, 1)}
"""Exit codes of commands in docs/install.md, where not only 0 will do: `pair` is ended after some seconds, and nobody presses the
mat for `check`."""


def documents(guest: Guest) -> None:
    """Every command of docs/install.md, in its order, as it stands; from a machine without the program to one without it."""
    commands = install_commands()
    guest.run("dpkg --purge backlift-station", t=300)
    guest.run("mkdir -p /root/release /mnt/share; mountpoint -q /mnt/share || mount -t 9p -o trans=virtio share /mnt/share")
    guest.run(
        "ln -s /mnt/share/* /root/release/; printf '[global]\nno-index = true\nfind-links = /mnt/share/packages\n' > /etc/pip.conf"
    )
    if guest.code("test -e /dev/i2c-1")[0]:
        guest.run(f"printf '%s' '{WITHOUT_A_MAT}' > /etc/backlift/station.toml")
    for line in commands:
        if "-m venv first" in line:
            # A wheel is for who has no .deb: what the lines before installed goes first.
            guest.run("backlift uninstall --yes && dpkg --purge backlift-station", t=300)
        word = next((word for word in ANSWERS if f"backlift {word}" in line), "")
        command = line.replace("_arm64.deb", "_amd64.deb")
        # A simulated person may lie there, and an upgrade asks then.
        asks = word == "uninstall" or "backlift upgrade" in line
        command = f"timeout 20 {command}" if word == "pair" else f"echo y | {command}" if asks else command
        began = float(guest.run("cut -d' ' -f1 /proc/uptime"))
        code, said = guest.code(f"cd /root/release && {command}", t=3600)
        took_s = float(guest.run("cut -d' ' -f1 /proc/uptime")) - began
        print(f"    $ {line}\n        -> {code} after {took_s:.0f} s: {' | '.join(said.splitlines()[-4:])[:300]}", flush=True)
        expect("Traceback" not in said, "no traceback")
        expect(code in ANSWERS.get(word, (0,)), f"ends with {' or '.join(map(str, ANSWERS.get(word, (0,))))}")
        if re.search(r"apt install|backlift (install|upgrade)", line):
            wanted = next(iter(VERSION.findall(line)), versions()[0])
            expect(wanted in guest.run("/opt/backlift/current/bin/backlift --version"), f"{wanted} runs")
            guest.until("systemctl is-active --quiet backlift-station", 60)
    expect(guest.run("ls /opt/backlift 2>/dev/null; true") == "", "and it is gone again")


def install_commands() -> list[str]:
    """What docs/install.md shows in its bash blocks."""
    text = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    return [line for block in re.findall(r"```bash\n(.*?)```", text, re.S) for line in block.splitlines() if line.strip()]


def versions() -> list[str]:
    """The versions those commands name: the one that is installed, and the one it is upgraded to."""
    return sorted({version for line in install_commands() for version in VERSION.findall(line)})


def bus(guest: Guest) -> None:
    """The bus goes and comes back: words, the same process, a gap."""
    before = guest.station
    guest.run(f"echo 1 > {GONE}")
    said_s = guest.notice("bus", True, 15)
    guest.run("sleep 5")
    guest.run(f"echo 0 > {GONE}")
    back_s = guest.notice("bus", False, 20)
    expect(guest.station == before, "the same process")
    print(f"    said after {said_s} s, well again {back_s} s after the device came back")
    expect(said_s <= 4, "said within 2 s (and what asking takes)")


def no_bus(guest: Guest) -> None:
    """A start without a bus: up, in words, idle, silent."""
    guest.run(f"echo 1 > {GONE}; systemctl restart backlift-station", t=120)
    expect(guest.run("systemctl is-active backlift-station") == "active", "the station is up without a mat")
    guest.notice("no_bus", True, 30)
    before, lines = guest.station, len(guest.journal())
    share = guest.cpu_share(120)
    more = len(guest.journal()) - lines
    guest.run(f"echo 0 > {GONE}")
    back_s = guest.notice("no_bus", False, 60)
    print(f"    CPU {share:.2%} over 120 s, {more} journal lines in 2 min; the mat was there {back_s} s after the bus")
    expect(guest.station == before, "the same process")
    expect(share <= 0.01, "CPU <= 1 %")
    expect(more <= 1, "at most 10 lines an hour")


def crash(guest: Guest) -> None:
    """kill -9, and a hang that only the watchdog sees."""
    for name, longest_s in (("KILL", 10), ("STOP", 15)):
        before = guest.station
        guest.run(f"kill -{name} {before}")
        seconds = guest.until(
            f"test $(systemctl show -P MainPID backlift-station) -ne {before} && systemctl is-active --quiet backlift-station", 60
        )
        print(f"    {name}: runs again after {seconds} s")
        expect(seconds <= longest_s, f"within {longest_s} s")


def stick(guest: Guest) -> None:
    """A stick named BACKLIFT is mounted when it is there, gets backups, and its absence has words."""
    guest.run(
        "truncate -s 96M /root/stick.img && mkfs.vfat -n BACKLIFT /root/stick.img >/dev/null && losetup /dev/loop3 /root/stick.img"
    )
    mounted_s = guest.until("findmnt -n /media/backlift", 30)
    guest.run("backlift backups --to /media/backlift --every 1 --keep 2", t=120)
    made_s = guest.until("ls /media/backlift/backlift-*.db", 60)
    print(f"    mounted after {mounted_s} s, first backup {made_s} s after the folder was chosen")
    guest.run("sleep 2; backlift backups --now", t=120)
    guest.run("sleep 5")
    print("    " + " | ".join(guest.run("ls -l /media/backlift; backlift backups", t=120).splitlines()))
    kept = guest.run("ls /media/backlift/backlift-*.db").split()
    expect(1 <= len(kept) <= 2, "the newest two are kept")
    expect("ok" in guest.run(f"sqlite3 -readonly {kept[-1]} 'pragma integrity_check'", t=120), "the backup is sound")
    guest.run("umount /media/backlift; losetup -d /dev/loop3; rm /root/stick.img; backlift backups --now", t=120)
    guest.notice("backup_gone", True, 30)
    expect("not there" in guest.run("backlift backups", t=120), "its absence is said in words")
    guest.run("backlift backups --off", t=120)


WAY_BACK = """import sys, time
from pathlib import Path
from station.install.install_plan import upgrade_steps
from station.install.steps import InstallError, Run, Worker, run_command
from station.install.target_machine import look
from station.install.wheel_source import WheelSource
restarted = 0.0
def run(command):
    global restarted
    done = run_command(command)
    if command[:2] == ("systemctl", "restart"):
        restarted = time.monotonic()
    return done
machine = look(Path("/"), run, is_root=True)
plan = upgrade_steps(machine, WheelSource("/none.whl", "9", "x"))
worker = Worker(Path("/"), run, lambda line: print(round(time.monotonic() - began, 1), line))
began = time.monotonic()
worker.carry_out([s for s in plan.prepare if isinstance(s, Run) and ("backup" in s.command or "sync" in s.command)])
switched = time.monotonic()
try:
    worker.carry_out_or_go_back(plan.switch, plan.back)
    worker.carry_out(plan.tidy)
except InstallError as error:
    print(error)
# Until the version that stays is ready; what is tidied up afterwards keeps nobody waiting.
print("seconds", round(restarted - switched, 1))
"""


def upgrade(guest: Guest) -> None:
    """Switching to a version that does not start, and back; then to one that does.  pip is left out: both are copies."""
    new = "/opt/backlift/versions/2"
    for breaks in (True, False):
        guest.run(f"cp -a /opt/backlift/versions/1 {new} && sed -i 's|versions/1/|versions/2/|' {new}/bin/backlift", t=300)
        if breaks:
            script = f'#!/bin/sh\ncase $1 in station) exit 3;; esac\nexec {new}/bin/python -m station "$@"\n'
            guest.run(f"printf '{script}' > {new}/bin/backlift")
        said = guest.run("/opt/backlift/versions/1/bin/python -I /root/way_back.py", t=400)
        print("        " + "\n        ".join(said.splitlines()[-12:]))
        seconds = float(said.split()[-1])
        current = guest.run("readlink /opt/backlift/current")
        expect(current == ("versions/1" if breaks else "versions/2"), f"{current} runs after {seconds} s")
        expect(seconds <= 30, "within 30 s")
        guest.until("systemctl is-active --quiet backlift-station", 60)
    left = guest.run("ls /opt/backlift/versions /var/lib/backlift")
    expect("replaced" not in left and "before-version-3" not in left, f"nothing is left behind: {' '.join(left.split())}")


def update(guest: Guest) -> None:
    """What Setup asks for: a release on the stick that is not what the maintainers signed is left, the signed one is installed."""
    progress, current = "cat /run/backlift-update/progress.json", "/opt/backlift/current/bin/backlift --version"
    guest.run("mkdir -p /mnt/share; mountpoint -q /mnt/share || mount -t 9p -o trans=virtio share /mnt/share")
    guest.run("mkdir -p /media/backlift; mount -t tmpfs -o uid=backlift,gid=backlift backlift /media/backlift")
    old, new = versions()
    package = f"/media/backlift/backlift-station_{new}_amd64.deb"
    guest.run(
        f"cp /mnt/share/backlift-station_{new}_amd64.deb /mnt/share/SHA256SUMS /media/backlift; cp {package} /root/signed.deb"
    )
    guest.run("/opt/backlift/current/bin/python -I /root/sign.py; systemctl restart backlift-station")
    guest.notice("update_ready", True, 90)
    guest.run(f"printf x >> {package}")
    print(f"    asked for: {guest.run('python3 /root/update.py')}")
    guest.until(f"{progress} | grep -q failed", 60)
    print(f"    {guest.run(progress)}")
    expect("hash is not in SHA256SUMS" in guest.run(progress), "a file that was changed is not installed")
    expect(old in guest.run(current), f"{old} runs on")
    guest.notice("update_failed", True, 30)
    guest.run(f"mv /root/signed.deb {package}; python3 /root/update.py")
    took_s = guest.until(f"{progress} | grep -q done", 1800)
    expect(new in guest.run(current), f"{new} runs {took_s} s after it was asked for")
    guest.until("systemctl is-active --quiet backlift-station", 60)
    guest.notice("update", False, 90)
    expect(guest.run("systemctl is-active backlift-update.path") == "active", "the next one can be asked for")
    print("    " + "\n    ".join(guest.run("journalctl -u backlift-update --no-pager -o cat | tail -20").splitlines()))
    guest.run("umount /media/backlift")


def remove(guest: Guest) -> None:
    """`apt remove`, and a purge after it, take the services off and leave the sessions."""
    print("    " + " | ".join(guest.run("dpkg -r backlift-station 2>&1", t=300).splitlines()[-8:]))
    print("    " + " | ".join(guest.run("dpkg --purge backlift-station 2>&1", t=300).splitlines()[-8:]))
    expect(guest.code("dpkg -s backlift-station")[0] != 0, "dpkg knows it no more")
    left = guest.run(
        "ls -d /opt/backlift /usr/local/bin/backlift /etc/systemd/system/backlift* /etc/udev/rules.d/6*backlift* 2>/dev/null; true"
    )
    expect(left == "", f"nothing of the program is left {left}")
    expect(guest.run("test -f /var/lib/backlift/backlift.db && echo there") == "there", "the sessions are")


SCRIPTS = {"health.py": HEALTH, "watch.py": WATCH, "way_back.py": WAY_BACK, "update.py": UPDATE, "sign.py": SIGN}
PARTS: dict[str, Callable[[Guest], None]] = {
    part.__name__: part for part in (up, bus, no_bus, crash, stick, upgrade, update, remove, documents)
}
IN_CONTAINER = ("upgrade", "update", "remove", "documents")
"""What needs no mat."""


def image(rig: Path, deb: Path) -> Path:
    """RIG/backlift: the rig's base with the .deb installed by dpkg, in a chroot."""
    root, made = rig / "rootfs", rig / "backlift"
    made.mkdir(exist_ok=True)
    clean = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "DEBIAN_FRONTEND=noninteractive"]

    def within(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["chroot", root, *clean, *command], stdin=subprocess.DEVNULL, capture_output=True, text=True)

    # What an earlier run left.
    within("dpkg", "--purge", "backlift-station")
    for old in ("opt/backlift", "var/lib/backlift", "etc/backlift"):
        shutil.rmtree(root / old, ignore_errors=True)
    (root / "boot/firmware").mkdir(parents=True, exist_ok=True)
    (root / "boot/firmware/config.txt").write_text("dtparam=audio=on\n")
    shutil.copy(deb, root / "root" / deb.name)
    began = time.monotonic()
    done = within("apt-get", "install", "-y", "-q", "--no-install-recommends", f"/root/{deb.name}")
    print(f"apt install ./{deb.name}: {done.returncode} after {time.monotonic() - began:.0f} s of this machine")
    print("    " + "\n    ".join((done.stdout + done.stderr).splitlines()[-14:]))
    if done.returncode:
        raise FailedError("the .deb cannot be installed")
    (root / "root" / deb.name).unlink()
    (root / "etc/backlift/station.toml").write_text(CONFIG)
    # A PC's lgpio has no wheel; the rig built one for its own use.
    (theirs,), (ours,) = (list(root.glob(f"opt/{where}/lib/python3.*/site-packages")) for where in ("venv", "backlift/versions/1"))
    for file in theirs.glob("*lgpio*"):
        (shutil.copytree if file.is_dir() else shutil.copy)(file, ours / file.name)
    for name in ("vmlinuz", "initrd"):
        shutil.copy(rig / "base" / name, made / name)
    disk = made / "root.ext4"
    disk.unlink(missing_ok=True)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", root, "-L", "root", disk, "5G"], check=True)
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the installed station in a virtual machine and break things.")
    parser.add_argument("--vm", type=Path, default=os.environ.get("BACKLIFT_VM"), help="folder with vm.py")
    parser.add_argument("--rig", type=Path, default=os.environ.get("BACKLIFT_RIG"), help="what its build.sh made")
    parser.add_argument("--deb", type=Path, help=".deb for amd64 (make deb); without it the image of the last run")
    parser.add_argument("--container", action="store_true", help="a container instead of the virtual machine: no bus, but fast")
    parser.add_argument("--only", help=f"parts, with commas: {', '.join(PARTS)}")
    asked = parser.parse_args()
    if asked.vm is None or asked.rig is None:
        print("No rig was named (--vm and --rig, or BACKLIFT_VM and BACKLIFT_RIG): nothing was run.")
        return 0
    base = image(asked.rig, asked.deb) if asked.deb else asked.rig / "backlift"
    failed = []
    with tempfile.TemporaryDirectory(dir=asked.rig) as work:
        if asked.deb:
            releases.make(asked.deb, asked.rig / "release", versions())
        share = asked.rig / "release"
        if asked.container:
            vm: Any = Container(asked.rig / "rootfs", share)
        else:
            sys.path.insert(0, str(asked.vm))
            rig_vm = importlib.import_module("vm")
            vm = rig_vm.VM(str(base), work, icount=0, smp=1, cmdline=rig_vm.SIM, share=str(share))
        try:
            vm.fresh()
            vm.start(timeout=WAIT_S)
            print(f"booted after {vm.boot_s:.0f} s of this machine", flush=True)
            guest = Guest(vm)
            for name, text in (
                ("health.py", HEALTH),
                ("watch.py", WATCH),
                ("way_back.py", WAY_BACK),
                ("update.py", UPDATE),
                ("sign.py", SIGN),
            ):
                guest.run(f"cat > /root/{name} <<'END'\n{text}END")
            if not asked.container:
                guest.run("echo 40 > /sys/module/i2c_pi_sim/parameters/noise")
            for name in asked.only.split(",") if asked.only else IN_CONTAINER if asked.container else PARTS:
                print(f"== {name}: {PARTS[name].__doc__}", flush=True)
                began, since = time.monotonic(), guest.run("date '+%Y-%m-%d %H:%M:%S'")
                try:
                    PARTS[name](guest)
                except (FailedError, TimeoutError) as error:
                    failed.append(name)
                    print(f"    FAILED: {error}")
                for line in guest.journal(since)[-30:]:
                    print(f"    | {line[:200]}")
                print(f"   {time.monotonic() - began:.0f} s of this machine", flush=True)
        finally:
            vm.stop()
    print(json.dumps({"failed": failed}))
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FailedError as failure:
        sys.exit(f"run.py: {failure}")
