"""The documentation is complete and true, as far as a machine can tell."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import msgspec
import pytest

from hardware.mat import parse_mat
from station.cli import COMMANDS, backlift
from station.config import Config, parse_config
from station.messages import COMMANDS as LINK_COMMANDS
from station.model import Lift
from station.settings import SETTINGS
from web.live.metrics import metrics_view
from web.live.mqtt_outbox import EVENTS_KEPT

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
HAND_WRITTEN = "\n".join([*PAGES.values(), (ROOT / "README.md").read_text(encoding="utf-8")])


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = spec_from_file_location("reference", DOCS / "reference.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def command_lines(text: str) -> Iterator[str]:
    """Every `backlift ...` line in code blocks and in backticks."""
    for block in re.findall(r"^(?: {4}|\t)(.+)$|^```\w*.*?\n(.*?)^```", text, re.M | re.S):
        for line in "\n".join(block).splitlines():
            yield from (part for part in re.split(r"&&|\|| > |;", line.strip()) if re.match(r"\s*(sudo )?(\S*/)?backlift ", part))
    yield from re.findall(r"`((?:sudo )?backlift [^`]+)`", text)


@pytest.mark.parametrize("name", [*PAGES, "README.md"])
def test_every_command_line_is_one_the_program_understands(name: str):
    text = PAGES.get(name) or (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"<!-- commands: made by.*?<!-- commands: end -->", "", text, flags=re.S)
    for line in command_lines(text):
        words = shlex.split(line.strip().removeprefix("sudo "))[1:]
        if "COMMAND" in words:
            continue
        command: click.Command = backlift
        context = click.Context(backlift, info_name="backlift")
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            below = command.get_command(context, words[0])
            assert below, f"{name}: there is no command '{words[0]}' in: {line}"
            command, words = below, words[1:]
        if "--help" in words or "--version" in words:
            continue
        if isinstance(command, click.Group):
            continue
        try:
            command.make_context(command.name, list(words), resilient_parsing=False)
        except click.MissingParameter:
            assert not line.startswith(("    ", "sudo")) and not words, f"{name}: incomplete: {line}"
        except click.ClickException as error:
            pytest.fail(f"{name}: {line}: {error.format_message()}")


def test_every_command_is_explained_somewhere_and_listed(reference: ModuleType):
    listed = reference.filled(PAGES["commands.md"])
    for name, (_, summary) in COMMANDS.items():
        assert f"## {name}\n" in listed and summary.partition(":")[0].split()[0] in listed
        assert re.search(rf"backlift {name}\b", HAND_WRITTEN), f"no page says what `backlift {name}` is for"


def config_keys() -> list[tuple[str, str, Any]]:
    config = Config()
    return [
        (s, key, getattr(getattr(config, s), key)) for s in config.__struct_fields__ for key in getattr(config, s).__struct_fields__
    ]


@pytest.mark.parametrize(("section", "key", "default"), config_keys(), ids=lambda value: str(value)[:20])
def test_every_config_key_is_explained_with_its_default(section: str, key: str, default: Any):
    part = PAGES["config.md"].split(f"## \\[{section}\\]")[1].split("\n## ")[0]
    row = next((line for line in part.splitlines() if line.startswith(f"| `{key}` |")), None)
    assert row, f"[{section}] {key} is missing from docs/config.md"
    said = row.split("|")[2].strip().strip("`")
    assert said == ("none" if default is None else msgspec.json.encode(default).decode())


def test_no_config_key_is_explained_that_does_not_exist():
    known = {(section, key) for section, key, _ in config_keys()}
    for section, part in re.findall(r"^## \\\[(\w+)\\\]$(.*?)(?=^## )", PAGES["config.md"], re.M | re.S):
        for key in re.findall(r"^\| `(\w+)` \|", part, re.M):
            assert (section, key) in known


def test_every_setting_and_route_is_listed(reference: ModuleType):
    config_page, api_page = reference.filled(PAGES["config.md"]), reference.filled(PAGES["api.md"])
    assert all(f"`{key}`" in config_page for key in SETTINGS)
    from web.api.api_routes import OPEN_COMMANDS

    assert all(name in LINK_COMMANDS and f"/commands/{name}`" in api_page for name in OPEN_COMMANDS)
    assert "`GET /api/v1/sessions`" in api_page


def test_every_metric_is_explained(tmp_path: Path):
    from flask import Flask
    from prometheus_client.parser import text_string_to_metric_families

    (tmp_path / "sys/class/thermal/thermal_zone0").mkdir(parents=True)
    (tmp_path / "sys/class/thermal/thermal_zone0/temp").write_text("1")
    (tmp_path / "sys/class/hwmon/hwmon0").mkdir(parents=True)
    (tmp_path / "sys/class/hwmon/hwmon0/name").write_text("rpi_volt")
    (tmp_path / "sys/class/hwmon/hwmon0/in0_lcrit_alarm").write_text("0")
    from web.live.metrics import HEALTH_METRICS

    health = dict.fromkeys(HEALTH_METRICS, 1) | {"saving": "ok"}
    app = Flask(__name__)
    with app.app_context():
        text = metrics_view(lambda: {"health": health}, tmp_path, tmp_path / "sys")().get_data(as_text=True)
    told = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    explained = set(re.findall(r"^\| `(backlift_\w+)` \|", PAGES["metrics.md"], re.M))
    assert told == explained


def test_every_sound_is_explained():
    from station.practice.sounds import design

    explained = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", PAGES["practice.md"].split("## The sounds")[1], re.M)))
    assert sorted(explained) == sorted(design().sounds)


def test_every_topic_is_explained():
    for name in ("status", "state", "health", "event", "lift", "repetition"):
        assert f"| `<prefix>/<id>/{name}` |" in PAGES["mqtt.md"]
    assert f"Up to {EVENTS_KEPT} events" in PAGES["mqtt.md"]


def test_every_key_of_a_lift_is_explained():
    part = PAGES["data.md"].split("## Formats")[1]
    assert [field.name for field in fields(Lift) if f"`{field.name}`" not in part] == []


def test_every_toml_example_is_valid():
    for page, text in PAGES.items():
        for example in re.findall(r"```toml.*?\n(.*?)```", text, re.S):
            if "[[zone]]" in example:
                parse_mat(example, page)
            elif not re.search(r"^\[\[|^position|^\[title", example, re.M):
                parse_config(example, page)


def test_the_generated_parts_are_what_the_code_gives():
    """Stale?  `python docs/reference.py` writes them.  In a process of its own: click keeps what help it was asked for first."""
    done = subprocess.run([sys.executable, DOCS / "reference.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_pages_and_links_hold_together_in_the_built_site(tmp_path: Path):
    """Sphinx, strictly: a link to a page or a heading that does not exist is an error, and nothing comes from another server."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", str(DOCS), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "searchindex.js").stat().st_size > 10_000
    for page in tmp_path.glob("*.html"):
        assert not re.search(r'(?:src|href)="(?:https?:)?//[^"]*\.(?:js|css|woff2?)"', page.read_text()), (
            f"{page.name} fetches from elsewhere"
        )


@pytest.mark.parametrize("page", [*sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("*.md"))], ids=lambda page: page.name)
def test_links_and_pictures_hold_in_the_repository(page: Path):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    for target in targets:
        path, _, _ = target.partition("#")
        if path and not re.match(r"[a-z]+:", path):
            assert (page.parent / path).exists(), f"{page.name}: {target}"


def test_the_clone_line_holds_the_address_of_the_repository_once_it_has_one():
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    address = re.escape(urls.get("Repository", "ADDRESS-OF-THIS-REPOSITORY"))
    assert re.search(rf"^git clone {address}(\.git)? ", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)
