"""`backlift install`, `upgrade`, `uninstall`: a Pi that comes up by itself, is found by name and is updated without fear."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from station.install.steps import Step, Worker
    from station.install.target_machine import Machine
    from station.install.wheel_source import WheelSource

ROOT = Path("/")

_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be done.")
_yes = click.option("--yes", is_flag=True, help="Do not ask.")
_source = click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="WHEEL",
    help="Wheel file to install; without it the one this program came from.",
)


@click.command()
@_source
@_dry_run
@_yes
@click.option("--no-boot-config", is_flag=True, help="Leave the Pi's boot config as it is.")
@click.option("--services-only", is_flag=True, hidden=True, help="Only the units, as an upgrade asks the new version for them.")
def install(source: Path | None, dry_run: bool, yes: bool, no_boot_config: bool, services_only: bool) -> None:
    """Set this Pi up: service user, bus, services, name on the network.

    May be run again at any time: what is there already stays as it is. The boot config is edited only after asking, and a copy
    is kept.

    \b
    Example:
      sudo backlift install --dry-run
      sudo backlift install --from ./backlift_station-0.2.0-py3-none-any.whl
    """
    from station.install.install_plan import install_steps, service_steps
    from station.install.steps import InstallError

    machine, worker = _begin()
    port = _port()
    if services_only:
        worker.carry_out(service_steps(machine, port=port))
        return
    fast_bus = not no_boot_config and _may_edit_boot_config(machine, yes=yes or dry_run)
    time_zone = machine.time_zone if yes or dry_run or not at_a_terminal() else _ask_time_zone(machine.time_zone)
    steps = install_steps(machine, _wheel(source, machine), fast_bus=fast_bus, port=port, time_zone=time_zone)
    if dry_run:
        _print(steps)
        return
    try:
        worker.carry_out(steps)
    except InstallError as error:
        raise InstallError(f"{error}. Mend that and run `sudo backlift install` again: it goes on where it stopped") from None
    _finish(machine, worker, port)
    if time_zone == machine.time_zone:
        click.echo(f"Sessions show times in the zone {time_zone}; to change it: sudo timedatectl set-timezone AREA/CITY")


@click.command()
@_source
@_dry_run
@click.option("--from-stick", is_flag=True, help="Take the signed release from the stick named BACKLIFT, as Setup does.")
@click.option("--allow-older", is_flag=True, help="Also go back to an older version.")
@_yes
def upgrade(source: Path | None, from_stick: bool, dry_run: bool, allow_older: bool, yes: bool) -> None:
    """Bring the installed station to a newer version, or stay with the old one if it fails.

    The new version is installed beside the old one, the data are copied, then it is switched. If the new one does not report
    ready, the old one runs again with the data as they were.

    \b
    Example:
      sudo backlift upgrade --from ./backlift_station-0.2.0-py3-none-any.whl
    """
    from station.install.install_plan import upgrade_steps
    from station.install.steps import InstallError

    if from_stick:
        _upgrade_from_stick()
        return
    machine, worker = _begin()
    new = _wheel(source, machine)
    if new is None:
        raise InstallError("say which wheel file: sudo backlift upgrade --from ./backlift_station-VERSION-py3-none-any.whl")
    plan = upgrade_steps(machine, new)
    if dry_run:
        _print((*plan.prepare, *plan.switch, *plan.tidy))
        click.echo("and if the new version does not report ready:")
        _print(plan.back)
        return
    _refuse_older(machine, worker, new.version, allowed=allow_older)
    try:
        worker.carry_out(plan.prepare)
        if not yes:
            _ask_if_occupied()
    except (InstallError, click.Abort):
        worker.carry_out(plan.give_up)
        raise
    worker.carry_out_or_go_back(plan.switch, plan.back)
    worker.carry_out(plan.tidy)
    click.echo("The new version runs.")


def _upgrade_from_stick() -> None:
    """Install the newest release on the stick with dpkg, whose script upgrades as above; the station is told how it goes."""
    import platform
    import tempfile

    from station.install.install_plan import installed_version
    from station.install.signed_release import STICK, newer_on, signed_copy
    from station.install.steps import InstallError, Run
    from station.install.update_progress import PROGRESS, UPDATE_REQUESTED, UpdateProgress, write_progress

    machine, worker = _begin()
    if not machine.is_root:
        raise InstallError("this changes the system and needs root; run it with sudo")
    try:
        running = installed_version(machine.current, worker.run)
        found = newer_on(STICK, running, platform.machine())
        if found is None:
            raise InstallError(f"{STICK}: holds no release for this machine that is newer than {running}")
        version, package = found
        PROGRESS.parent.mkdir(mode=0o755, exist_ok=True)
        write_progress(PROGRESS, UpdateProgress("running", version))
    except OSError as error:
        raise InstallError(f"{STICK}: cannot be read ({error.strerror}); is a stick named BACKLIFT in?") from None
    finally:
        # While it is there systemd starts this again and again.
        (ROOT / "run" / "backlift" / UPDATE_REQUESTED).unlink(missing_ok=True)
    words = "it was interrupted; see: backlift logs"
    try:
        with tempfile.TemporaryDirectory(prefix="backlift-update-", dir="/var/tmp") as folder:
            worker.carry_out([Run(("dpkg", "--install", str(signed_copy(package, Path(folder)))))])
        words = ""
    except InstallError as error:
        words = str(error)
        raise
    finally:
        write_progress(PROGRESS, UpdateProgress("failed" if words else "done", version, words))
    click.echo(f"Version {version} runs.")


@click.command()
@_dry_run
@_yes
def uninstall(dry_run: bool, yes: bool) -> None:
    """Take the station off this Pi; sessions and settings stay.

    \b
    Example:
      sudo backlift uninstall
    """
    from station.install.install_plan import CONFIG, uninstall_steps
    from station.install.steps import InstallError
    from station.install.target_machine import DATA

    if dry_run:
        _print(uninstall_steps())
        return
    machine, worker = _begin()
    if not machine.is_root:
        raise InstallError("this changes the system and needs root; run it with sudo")
    if not yes:
        click.confirm("Take Back Lift Station off this Pi? Sessions and settings stay.", abort=True)
    worker.carry_out(uninstall_steps())
    click.echo(
        f"\nYour sessions are still in {DATA}, your settings in {CONFIG}; the users backlift and backlift-dashboard stay because "
        f"those files are theirs. When you want all of it gone:\n  sudo rm -r {DATA} {Path(CONFIG).parent}\n"
        "  sudo userdel backlift-dashboard; sudo userdel backlift"
    )
    if machine.boot_config:
        click.echo(
            f"{machine.boot_config} keeps the bus switched on; a copy from before, if one was made, ends in .before-backlift."
        )


def _refuse_older(machine: Machine, worker: Worker, new: str, *, allowed: bool) -> None:
    """An older version may have holes that were mended since: it is taken only on purpose."""
    from station.install.install_plan import installed_version
    from station.install.steps import InstallError
    from station.install.version_order import is_older

    old = installed_version(machine.current, worker.run)
    if is_older(new, old) and not allowed:
        raise InstallError(f"{new} is older than {old}, which runs; nothing was changed. If you mean it: upgrade --allow-older")


def _ask_if_occupied() -> None:
    """Somebody who lies on the mat would lose some seconds of the session: wait, or go on all the same."""
    from contextlib import suppress

    from station.service.ipc import IpcClient, IpcError
    from station.service.runtime import SOCKET_NAME

    lies = False
    with suppress(IpcError):  # a station that does not answer guides nobody
        for message in IpcClient(ROOT / "run" / "backlift" / SOCKET_NAME).subscribe():
            if message.get("type") == "state":
                lies = message.get("presence") not in (None, "empty")
                break
    if lies:
        click.confirm("Somebody lies on the mat, and the upgrade ends the session. Upgrade all the same?", abort=True)


def _begin() -> tuple[Machine, Worker]:
    from station.install.steps import Worker, run_command
    from station.install.target_machine import look

    # Whatever umask the caller has: the service user must be able to read the program.
    os.umask(0o022)
    return look(ROOT, run_command, is_root=os.geteuid() == 0), Worker(ROOT, run_command, click.echo)


def _wheel(source: Path | None, machine: Machine) -> WheelSource | None:
    """The wheel that was named, else the one this program came from."""
    from station.install.wheel_source import own_wheel, wheel_source

    wheel = source or own_wheel()
    return None if wheel is None else wheel_source(wheel, index_closed=machine.index_closed)


def _port() -> int:
    """The port the config says, which an earlier installation may have left."""
    from station.config import load_config
    from station.install.install_plan import CONFIG

    path = ROOT / CONFIG.lstrip("/")
    return load_config(path if path.exists() else None).dashboard.port


def _may_edit_boot_config(machine: Machine, *, yes: bool) -> bool:
    from station.install.boot_config import WANTED

    if machine.boot_config is None or machine.bus_settings == WANTED:
        return False
    question = f"Switch the I2C bus on at 400 kHz in {machine.boot_config}? A copy is kept beside it."
    return yes or click.confirm(question, default=True)


def at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _ask_time_zone(present: str) -> str:
    """The zone in which the person's times are shown: a fresh card says UTC or London, wherever the mat lies."""
    from zoneinfo import available_timezones

    def known(name: str) -> str:
        if name not in available_timezones():
            raise click.BadParameter(f"there is no time zone {name}; they are called AREA/CITY, such as Europe/Berlin")
        return name

    answer: str = click.prompt("Time zone of your sessions", default=present, value_proc=known)
    return answer


def _print(steps: Iterable[Step]) -> None:
    for step in steps:
        click.echo("  " + step.words)


def _finish(machine: Machine, worker: Worker, port: int) -> None:
    from station.install.install_plan import addresses
    from station.service.network_address import qr_text

    where = addresses(machine, port)
    if machine.boot_config in worker.changed:
        click.echo(
            "\nThe bus was switched on: restart the Pi once (sudo reboot). From then on the station starts with it and answers at:"
        )
    else:
        click.echo("\nThe station runs. It starts with the Pi and answers at:")
    for address in where:
        click.echo(f"  {address}")
    click.echo(
        "Until you pair a device, only this Pi can open the pages. To pair your tablet:  sudo backlift pair --open-network\n"
    )
    if qr := qr_text(where[-1], sys.stdout.encoding or "ascii"):
        click.echo(qr)
    if not machine.avahi:
        click.echo("To be found by name as well:  sudo apt install avahi-daemon, then run this again.")
    for device in closed_devices(worker):
        click.echo(f"The service user may not open {device}: restart the Pi once; if this stays, run `sudo backlift check`.")
    click.echo("Something not as it should be?  sudo backlift check")


def closed_devices(worker: Worker) -> list[str]:
    """Bus and pins that are there and that the service user may not open, whatever the rules say."""
    from station.install.install_plan import AS_SERVICE

    there = sorted(path for name in ("i2c-1", "gpiochip0") if (path := worker.root / "dev" / name).exists())
    return [str(path) for path in there if worker.run((*AS_SERVICE, "test", "-r", str(path), "-a", "-w", str(path)))[0]]
