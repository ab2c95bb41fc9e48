"""Setting a Pi up: carried out in an empty folder, with a runner that only notes what it is asked."""

from __future__ import annotations

import contextlib
import dataclasses
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from station.cli import install as command
from station.config import load_config
from station.install.boot_config import WANTED, bus_settings, with_fast_bus
from station.install.install_plan import CONFIG, NEEDED_MB, addresses, install_steps, service_steps, uninstall_steps, upgrade_steps
from station.install.steps import MOST_SAID, Folder, InstallError, Link, Remove, Run, Worker, Write, run_command
from station.install.target_machine import DATA, Machine, look
from station.install.version_order import is_older
from station.install.wheel_source import WheelSource

BUS_RULE = 'SUBSYSTEM=="i2c-dev", GROUP="i2c", MODE="0660"\n'
RULES = BUS_RULE + 'SUBSYSTEM=="gpio", GROUP="gpio", MODE="0660"\n'
PI_CONFIG = "# For more options see config.txt\ndtparam=audio=on\n#dtparam=i2c_arm=on\n[cm4]\notg_mode=1\n"


WHEEL = WheelSource("/somewhere/backlift_station-0.2.0-py3-none-any.whl", "0.2.0", "click==8.1 --hash=sha256:00\n")


class NotingRunner:
    """Notes commands; those that contain a given word fail."""

    def __init__(self, *failing: str) -> None:
        self.ran: list[str] = []
        self.failing = failing

    def __call__(self, command: tuple[str, ...]) -> tuple[int, str]:
        words = " ".join(command)
        self.ran.append(words)
        if command == ("hostname", "-I"):
            return 0, "192.168.1.7 fd00::7 \n"
        if "-c" in command[:3]:
            return 0, "3 11\n"
        return (1, "it broke\n") if any(word in words for word in self.failing) else (0, "")


def a_wheel(folder: Path, version: str = "0.2.0") -> Path:
    """A file that is a wheel of this program as far as the installer looks."""
    folder.mkdir(exist_ok=True)
    wheel = folder / f"backlift_station-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("requirements.lock", "requirements-source.lock"):
            archive.writestr(f"station/install/{name}", "click==8.1 --hash=sha256:00\n")
    return wheel


@pytest.fixture
def pi(tmp_path: Path) -> Path:
    """A root as a fresh Raspberry Pi OS has it, as far as it matters here."""
    for folder in ("boot/firmware", "usr/sbin", "etc/systemd/system", "etc/udev/rules.d"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "boot/firmware/config.txt").write_text(PI_CONFIG)
    (tmp_path / "usr/sbin/avahi-daemon").touch()
    (tmp_path / "etc/udev/rules.d/99-com.rules").write_text(RULES)
    return tmp_path


def found(root: Path) -> Machine:
    return dataclasses.replace(look(root, NotingRunner(), is_root=True), free_mb=10_000, hostname="mat")


def install(root: Path, runner: NotingRunner, *, fast_bus: bool = True) -> list[str]:
    """Install and return what was changed."""
    worker = Worker(root, runner, lambda line: None)
    worker.carry_out(install_steps(found(root), WHEEL, fast_bus=fast_bus))
    return worker.changed


def files(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): str(path.readlink()) if path.is_symlink() else path.read_text(errors="replace")
        for path in root.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def test_a_first_installation(pi: Path):
    runner = NotingRunner()
    install(pi, runner)
    assert (pi / "opt/backlift/current").readlink() == Path("versions/1")
    assert (pi / "usr/local/bin/backlift").stat().st_mode & stat.S_IXOTH
    assert {"backlift-station.service", "backlift-dashboard.service"} <= {
        path.name for path in (pi / "etc/systemd/system").iterdir()
    }
    assert "<port>8080</port>" in (pi / "etc/avahi/services/backlift.service").read_text()
    order = [next(i for i, ran in enumerate(runner.ran) if word in ran) for word in ("sysusers", "venv", "pip install", "enable")]
    assert order == sorted(order)
    assert any("TMPDIR=/var/tmp" in ran and ran.endswith(WHEEL.wheel) for ran in runner.ran)


def test_its_config_is_valid_and_listens_on_this_machine_only(pi: Path):
    install(pi, NotingRunner())
    config = load_config(pi / CONFIG.lstrip("/"))
    assert config.dashboard.host == "127.0.0.1"
    assert config.storage.directory == DATA
    assert not config.mqtt.enabled


def test_a_second_installation_changes_nothing(pi: Path):
    install(pi, NotingRunner())
    before = files(pi)
    (pi / "opt/backlift/versions/1").mkdir(parents=True, exist_ok=True)
    runner = NotingRunner()
    assert install(pi, runner) == []
    assert files(pi) == before
    assert not any("pip" in ran for ran in runner.ran)


def test_the_users_config_is_never_touched(pi: Path):
    install(pi, NotingRunner())
    config = pi / CONFIG.lstrip("/")
    config.write_text('[station]\nid = "hall-3"\n')
    install(pi, NotingRunner())
    assert config.read_text() == '[station]\nid = "hall-3"\n'


def test_the_boot_config_is_edited_only_when_allowed_and_a_copy_is_kept(pi: Path):
    boot = pi / "boot/firmware/config.txt"
    install(pi, NotingRunner(), fast_bus=False)
    assert boot.read_text() == PI_CONFIG
    runner = NotingRunner()
    install(pi, runner)
    assert bus_settings(boot.read_text()) == WANTED
    assert boot.read_text().startswith(PI_CONFIG), "the user's own lines stay"
    assert (boot.parent / "config.txt.before-backlift").read_text() == PI_CONFIG
    assert not any("restart" in ran for ran in runner.ran), "the bus is there only after the Pi was restarted"


def test_the_copy_stays_that_of_the_first_time(pi: Path):
    boot = pi / "boot/firmware/config.txt"
    install(pi, NotingRunner())
    boot.write_text(PI_CONFIG + "# mine\n")
    install(pi, NotingRunner())
    assert (boot.parent / "config.txt.before-backlift").read_text() == PI_CONFIG


boot_lines = st.lists(
    st.sampled_from(
        [
            "dtparam=i2c_arm=on",
            "dtparam=i2c_arm=off",
            "dtparam=i2c_arm=on,i2c_arm_baudrate=100000",
            "dtparam=i2c_arm_baudrate=400000",
            "#dtparam=i2c_arm=on",
            "[pi4]",
            "[all]",
            "dtoverlay=vc4-kms-v3d",
            "",
        ]
    )
).map("\n".join)


@given(text=boot_lines)
def test_any_boot_config_gets_the_fast_bus_once(text: str):
    once = with_fast_bus(text)
    assert bus_settings(once) == WANTED
    assert with_fast_bus(once) == once
    assert once.startswith(text.rstrip("\n"))


def test_a_bus_for_one_model_only_does_not_count():
    text = "[pi4]\ndtparam=i2c_arm=on\ndtparam=i2c_arm_baudrate=400000\n"
    assert bus_settings(text) == {}
    assert with_fast_bus(text).endswith("[all]\ndtparam=i2c_arm=on\ndtparam=i2c_arm_baudrate=400000\n")


@pytest.mark.parametrize("present", ["", BUS_RULE, BUS_RULE + '# SUBSYSTEM=="gpio", GROUP="gpio"\n'])
def test_rules_for_bus_and_pins_are_added_where_the_image_lacks_one_of_them(pi: Path, present: str):
    """Debian's i2c-tools brings the one for the bus only."""
    install(pi, NotingRunner())
    assert not (pi / "etc/udev/rules.d/60-backlift.rules").exists()
    (pi / "etc/udev/rules.d/99-com.rules").write_text(present)
    install(pi, NotingRunner())
    ours = (pi / "etc/udev/rules.d/60-backlift.rules").read_text()
    assert 'GROUP="i2c"' in ours and 'GROUP="gpio"' in ours
    assert found(pi).device_rules, "and once is enough"


def test_what_the_service_user_may_not_open_is_said_after_the_installation(pi: Path):
    (pi / "dev").mkdir()
    for name in ("i2c-1", "gpiochip0"):
        (pi / "dev" / name).touch()
    assert command.closed_devices(Worker(pi, NotingRunner(), print)) == []
    assert command.closed_devices(Worker(pi, NotingRunner("gpiochip0"), print)) == [str(pi / "dev/gpiochip0")]


@pytest.mark.parametrize(("encoding", "has_qr"), [("utf-8", True), ("latin-1", False), ("ascii", False)])
def test_a_terminal_without_the_letters_of_a_qr_code_gets_the_addresses(
    pi: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, has_qr: bool
):
    install(pi, NotingRunner())
    monkeypatch.setattr(command, "ROOT", pi)
    monkeypatch.setattr(command, "_begin", lambda: (found(pi), Worker(pi, NotingRunner(), lambda line: None)))
    told = CliRunner(charset=encoding).invoke(command.install, ["--yes"])
    assert told.exit_code == 0, told.exception
    assert "http://mat.local:8080" in told.stdout and ("\N{FULL BLOCK}" in told.stdout) is has_qr


@pytest.mark.parametrize(("typed", "ran"), [("Europe/Berlin\n", True), ("\n", False), ("Berlin\nEurope/Berlin\n", True)])
def test_the_time_zone_is_asked_for_and_set_when_it_is_another(pi: Path, monkeypatch: pytest.MonkeyPatch, typed: str, ran: bool):
    (pi / "etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/London")
    runner = NotingRunner()
    monkeypatch.setattr(command, "ROOT", pi)
    monkeypatch.setattr(command, "at_a_terminal", lambda: True)
    monkeypatch.setattr(command, "_begin", lambda: (found(pi), Worker(pi, runner, lambda line: None)))
    told = CliRunner().invoke(
        command.install, ["--no-boot-config", "--from", str(a_wheel(pi / "wheels"))], input=typed, catch_exceptions=False
    )
    assert "[Europe/London]" in told.output
    assert ("timedatectl set-timezone Europe/Berlin" in runner.ran) is ran
    assert ("in the zone Europe/London" in told.output) is not ran
    assert ("there is no time zone Berlin" in told.output) is typed.startswith("Berlin")


@pytest.mark.parametrize(
    ("lacking", "word"),
    [
        ({"is_root": False}, "sudo"),
        ({"python": (3, 9)}, "3.11"),
        ({"python": None}, "python3-venv"),
        ({"free_mb": 100}, "MB"),
        ({"bits": 32}, "64-bit"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_done(pi: Path, lacking: dict[str, object], word: str):
    with pytest.raises(InstallError, match=word):
        install_steps(dataclasses.replace(found(pi), **lacking), WHEEL, fast_bus=True)


def test_an_installation_that_stops_half_way_can_be_continued(pi: Path):
    with pytest.raises(InstallError, match=r"pip install.*it broke"):
        install(pi, NotingRunner("pip install"))
    assert not (pi / "opt/backlift/current").is_symlink(), "a half-made environment is never switched to"
    runner = NotingRunner()
    install(pi, runner)
    assert any("pip install" in ran for ran in runner.ran)
    assert (pi / "opt/backlift/current").is_symlink()


@pytest.fixture
def installed(pi: Path) -> Path:
    install(pi, NotingRunner())
    (pi / "opt/backlift/versions/1").mkdir(parents=True, exist_ok=True)
    (pi / "var/lib/backlift/backlift.db").write_text("sessions")
    return pi


def upgrade(root: Path, runner: NotingRunner) -> None:
    plan = upgrade_steps(found(root), WHEEL)
    worker = Worker(root, runner, lambda line: None)
    try:
        worker.carry_out(plan.prepare)
    except InstallError:
        worker.carry_out(plan.give_up)
        raise
    worker.carry_out_or_go_back(plan.switch, plan.back)
    worker.carry_out(plan.tidy)


def test_an_upgrade_saves_the_data_before_it_switches(installed: Path):
    runner = NotingRunner()
    upgrade(installed, runner)
    assert (installed / "opt/backlift/current").readlink() == Path("versions/2")
    order = [
        next(i for i, ran in enumerate(runner.ran) if word in ran) for word in ("versions/2/bin/python", " backup ", "restart")
    ]
    assert order == sorted(order)
    assert (installed / "opt/backlift/versions/1").exists(), "the one before stays"


def test_an_upgrade_that_does_not_report_ready_goes_back(installed: Path):
    class NewOneFails(NotingRunner):
        def __call__(self, command: tuple[str, ...]) -> tuple[int, str]:
            code, said = super().__call__(command)
            new = (installed / "opt/backlift/current").readlink() == Path("versions/2")
            return (1, "Job failed") if new and command[:2] == ("systemctl", "restart") else (code, said)

    runner = NewOneFails()
    with pytest.raises(InstallError, match="the one before runs again"):
        upgrade(installed, runner)
    assert (installed / "opt/backlift/current").readlink() == Path("versions/1")
    assert not (installed / "opt/backlift/versions/2").exists()
    back = runner.ran[next(i for i, ran in enumerate(runner.ran) if "systemctl restart" in ran) + 1 :]
    told = [word for ran in back for word in ("stop", "restore", "--services-only", "restart") if f" {word} " in f"{ran} "]
    # What `restore` writes is its owner's alone until the services are set up, and the dashboard has to read it.
    assert told == ["stop", "restore", "--services-only", "restart"]
    assert any(step.words.startswith("run runuser -u backlift -- chmod 0640") for step in service_steps(found(installed)))


def test_an_upgrade_that_cannot_be_fetched_changes_nothing(installed: Path):
    before = files(installed)
    with pytest.raises(InstallError):
        upgrade(installed, NotingRunner("pip install"))
    assert files(installed) == before


@pytest.mark.parametrize("words", ["restore backup.db", "recover damaged.db"])
def test_what_root_has_the_service_user_write_is_the_dashboards_to_read(tmp_path: Path, words: str):
    for name, script in (("id", "echo 0"), ("runuser", 'echo "$(umask) $*"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    wrapper = Path(__file__).parents[2] / "systemd" / "backlift.sh"
    told = subprocess.run(
        ["sh", wrapper, *words.split()], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )
    umask, ran = told.stdout.strip().split(" ", 1)
    assert int(umask, 8) == 0o027 and ran == f"-u backlift -- /opt/backlift/current/bin/backlift {words}"


def test_root_changes_nothing_inside_a_folder_of_the_service_user(installed: Path):
    """Whatever root wrote, removed or opened there could be swapped for a link to something else."""
    machine = found(installed)
    plan = upgrade_steps(machine, WHEEL)
    steps = (*install_steps(machine, WHEEL, fast_bus=False), *plan.prepare, *plan.switch, *plan.back, *plan.tidy)
    for step in steps:
        if isinstance(step, Write | Remove | Link):
            assert not step.path.startswith(DATA), step.words
        if isinstance(step, Run) and any(word.startswith(f"{DATA}/") for word in step.command):
            assert step.command[:3] == ("runuser", "-u", "backlift"), step.words


def test_no_python_that_root_starts_loads_modules_from_elsewhere(installed: Path):
    machine = found(installed)
    plan = upgrade_steps(machine, WHEEL)
    for step in (*install_steps(dataclasses.replace(machine, current=None), WHEEL, fast_bus=False), *plan.prepare):
        if isinstance(step, Run) and "-m" in step.command:
            assert step.command[step.command.index("-m") - 1] == "-I", step.words


def test_a_module_planted_where_the_caller_stands_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "ensurepip.py").write_text("open('ran', 'w')\nraise SystemExit(3)\n")
    (tmp_path / "venv.py").write_text("raise SystemExit(3)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "ensurepip.py"))
    code, said = run_command((sys.executable, "-m", "venv", "--help"))
    assert code == 0, said
    code, said = run_command((sys.executable, "-c", "import os; print(os.getcwd(), 'PYTHONPATH' in os.environ)"))
    assert (code, said.split()) == (0, ["/", "False"])


def test_a_command_that_says_too_much_costs_no_memory_and_one_that_asks_does_not_wait():
    code, said = run_command((sys.executable, "-c", "print('x' * 5_000_000); print(input())"))
    assert code != 0 and len(said) <= MOST_SAID and "EOFError" in said


def test_a_file_is_not_written_through_a_planted_link(tmp_path: Path):
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/unit.new").symlink_to(victim)
    Worker(tmp_path, NotingRunner(), lambda line: None).carry_out([Write("/etc/unit", "ours", 0o640)])
    assert victim.read_text() == "untouched"
    assert (tmp_path / "etc/unit").read_text() == "ours" and stat.S_IMODE((tmp_path / "etc/unit").stat().st_mode) == 0o640


def test_what_is_removed_is_not_followed_out_of_its_folder(tmp_path: Path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/keep").touch()
    (tmp_path / "old/in").mkdir(parents=True)
    (tmp_path / "old/in/link").symlink_to(tmp_path / "outside")
    Worker(tmp_path, NotingRunner(), lambda line: None).carry_out([Remove("/old")])
    assert (tmp_path / "outside/keep").exists() and not (tmp_path / "old").exists()


def test_stations_of_two_machines_are_called_differently(pi: Path):
    ids = set()
    for machine_id in ("0" * 32, "1" * 32):
        (pi / "etc/machine-id").write_text(machine_id + "\n")
        given = found(pi).station_id
        assert machine_id[:6] not in given and given == found(pi).station_id
        ids.add(given)
    assert len(ids) == 2
    install(pi, NotingRunner())
    assert load_config(pi / CONFIG.lstrip("/")).station.id == given
    (pi / "etc/machine-id").unlink()
    assert found(pi).station_id == "mat-1"


@pytest.mark.parametrize(
    ("old", "new", "older"),
    [
        ("0.2.0", "0.1.9", True),
        ("0.10.0", "0.9.1", True),
        ("1.0.0", "1.0.0", False),
        ("0.1.0", "0.2.0", False),
        ("0.2.0", "0.2.0rc1", True),
        ("0.2.0.dev1", "0.2.0", False),
        ("0.2.0~rc1", "0.2.0", False),
        ("?", "0.1.0", False),
    ],
)
def test_an_older_version_is_noticed(old: str, new: str, older: bool):
    assert is_older(new, old) is older


def test_there_is_nothing_to_upgrade_before_an_installation(pi: Path):
    with pytest.raises(InstallError, match="backlift install"):
        upgrade_steps(found(pi), WHEEL)


def test_after_many_upgrades_two_versions_are_kept(installed: Path):
    for _ in range(3):
        number = int((installed / "opt/backlift/current").readlink().name) + 1
        runner = NotingRunner()
        upgrade(installed, runner)
        removed = [ran for ran in runner.ran if f"before-version-{number - 1}.db" in ran and " rm " in ran]
        assert all(ran.startswith("runuser -u backlift -- rm -f -- ") for ran in removed) and len(removed) == 1
        (installed / f"opt/backlift/versions/{number}").mkdir(parents=True, exist_ok=True)
    assert sorted(path.name for path in (installed / "opt/backlift/versions").iterdir()) == ["3", "4"]


def test_uninstalling_leaves_the_data_and_nothing_else_of_ours(installed: Path):
    Worker(installed, NotingRunner(), lambda line: None).carry_out(uninstall_steps())
    left = {path for path, text in files(installed).items() if "backlift" in path or "backlift" in text}
    assert left == {"var/lib/backlift/backlift.db", "etc/backlift/station.toml", "boot/firmware/config.txt.before-backlift"}


def test_every_step_says_what_it_does():
    for step in (Folder("/a"), Write("/a", ""), Link("/a", "b"), Remove("/a"), Run(("a", "b"))):
        assert "/a" in step.words or "a b" in step.words


def test_the_pages_are_named_by_name_and_by_number(pi: Path):
    assert addresses(found(pi)) == ("http://mat.local:8080", "http://192.168.1.7:8080")


def test_a_dry_run_changes_nothing(pi: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "ROOT", pi)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    wheel = a_wheel(pi / "root")
    before = files(pi)
    for asked, more in ((command.install, ["--from", str(wheel)]), (command.uninstall, [])):
        told = CliRunner().invoke(asked, ["--dry-run", *more])
        assert told.exit_code == 0, told.output
        assert "backlift-station.service" in told.output
    assert files(pi) == before


def commands_of(steps: tuple[object, ...]) -> list[str]:
    return [step.words for step in steps if isinstance(step, Run)]


def test_what_is_done_is_on_the_card_before_anybody_is_told(installed: Path):
    machine = found(installed)
    plan = upgrade_steps(machine, WHEEL)
    assert plan.prepare[-1].words == plan.switch[-1].words == "run sync"
    assert install_steps(machine, WHEEL, fast_bus=False)[-1].words == "run sync"


def test_an_upgrade_needs_room_for_copies_of_the_data(installed: Path):
    enough = dataclasses.replace(found(installed), free_mb=NEEDED_MB)
    upgrade_steps(enough, WHEEL)
    with pytest.raises(InstallError, match=f"{NEEDED_MB + 300} MB are needed"):
        upgrade_steps(dataclasses.replace(enough, data_mb=100), WHEEL)
    (installed / "var/lib/backlift/backlift.db").write_bytes(bytes(2_500_000))
    assert found(installed).data_mb == 2


@pytest.mark.parametrize("failing", ["pip install", " backup ", "systemctl restart"])
def test_an_upgrade_that_fails_leaves_nothing_behind(installed: Path, failing: str):
    """Neither the environment of the version that failed nor the copy of the data; it goes back to data that are no copy."""
    runner = NotingRunner()

    def run(command: tuple[str, ...]) -> tuple[int, str]:
        runner(command)
        words = " ".join(command)
        to_the_new_one = "versions/2" in words or "backup" in words or (installed / "opt/backlift/current").readlink().name == "2"
        return (1, "it broke") if failing in words and to_the_new_one else (0, "3 11\n" if "-c" in command[:3] else "")

    with pytest.raises(InstallError):
        upgrade(installed, run)  # type: ignore[arg-type]
    assert [path.name for path in (installed / "opt/backlift/versions").iterdir()] == ["1"]
    assert any(ran == f"runuser -u backlift -- rm -f -- {DATA}/before-version-2.db" for ran in runner.ran)
    restores = [ran for ran in runner.ran if " restore " in ran]
    assert all("--discard-present" in ran for ran in restores) and len(restores) == (failing == "systemctl restart")


def test_an_older_version_is_refused_before_anything_is_done(installed: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "ROOT", installed)
    monkeypatch.setattr(command, "_begin", lambda: (found(installed), Worker(installed, Versioned("0.3.0"), lambda line: None)))
    before = files(installed)
    told = CliRunner().invoke(command.upgrade, ["--from", str(a_wheel(installed.parent / "wheels"))])
    assert isinstance(told.exception, InstallError) and "0.2.0 is older than 0.3.0" in str(told.exception)
    assert files(installed) == before


class Versioned(NotingRunner):
    """Says that this version is installed."""

    def __init__(self, version: str) -> None:
        super().__init__()
        self.version = version

    def __call__(self, command: tuple[str, ...]) -> tuple[int, str]:
        done = super().__call__(command)
        return (0, self.version) if "-c" in command and "metadata" in command[-1] else done


@pytest.mark.parametrize(("presence", "asked"), [("still", True), ("empty", False), (None, False)])
def test_an_upgrade_asks_while_somebody_lies_on_the_mat(
    installed: Path, monkeypatch: pytest.MonkeyPatch, presence: str | None, asked: bool
):
    from station.service.ipc import IpcServer

    monkeypatch.setattr(command, "ROOT", installed)
    monkeypatch.setattr(command, "_begin", lambda: (found(installed), Worker(installed, Versioned("0.1.0"), lambda line: None)))
    socket = Path(tempfile.mkdtemp()) / "s"
    monkeypatch.setattr("station.service.runtime.SOCKET_NAME", str(socket))
    with contextlib.ExitStack() as running:
        if presence is not None:
            server = IpcServer(socket, lambda *anything: None)
            running.callback(server.close)
            server.start()
            server.publish_state({"presence": presence})
        told = CliRunner().invoke(command.upgrade, ["--from", str(a_wheel(installed.parent / "wheels"))], input="n\n")
    assert ("Somebody lies on the mat" in told.output) is asked
    assert (installed / "opt/backlift/current").readlink() == Path("versions/1" if asked else "versions/2"), told.output
    assert (installed / "opt/backlift/versions/2").exists() is not asked, "what was made for one that was called off is gone"


def test_what_stays_after_uninstalling_is_named(installed: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "_begin", lambda: (found(installed), Worker(installed, NotingRunner(), lambda line: None)))
    told = CliRunner().invoke(command.uninstall, ["--yes"])
    assert told.exit_code == 0, told.output
    for left in (DATA, CONFIG, "userdel backlift", "config.txt"):
        assert left in told.output
