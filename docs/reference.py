"""Writes the generated parts of the reference pages and the build documents of the mats, from the code itself.

    python docs/reference.py           writes them; they are committed, so that they can be read in the repository
    python docs/reference.py --check   says which are stale, and ends with 1 when any is

A page says where: `<!-- commands: made by docs/reference.py -->` ... `<!-- commands: end -->`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hardware.mats import find_mat, shipped_mats
from station.cli import COMMANDS, backlift

DOCS = Path(__file__).parent


def written() -> dict[Path, str | bytes]:
    """Path -> what it should hold, for every page with a generated part and every build document."""
    by_hand = [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))]
    pages: dict[Path, str | bytes] = {path: filled(path.read_text(encoding="utf-8")) for path in by_hand}
    return pages | {DOCS / "plans" / name: content for name, content in plans().items()}


def filled(markdown: str) -> str:
    """The page with each generated part, and each figure that names its measurement, made anew."""
    for word, make in PARTS.items():
        begin, end = f"<!-- {word}: made by docs/reference.py -->", f"<!-- {word}: end -->"
        if begin in markdown:
            before, _, rest = markdown.partition(begin)
            _, _, after = rest.partition(end)
            markdown = f"{before}{begin}\n\n{make()}\n\n{end}{after}"
    return re.sub(r"([\d.,]*\d)( \S+?<!-- bench: (.+?)(?: \| (min|max))? -->)", _quoted_figure, markdown)


def _quoted_figure(quoted: re.Match[str]) -> str:
    """The figure as it was measured last, with as many decimals as the page gives it."""
    number, rest, name, which = quoted.groups()
    by_name = {one["name"]: one for measured in stored_run().values() for one in measured}
    if name not in by_name:
        return quoted[0]
    return f"{by_name[name][which or 'median']:,.{len(number.partition('.')[2])}f}{rest}"


def commands() -> str:
    """Every command with its help, as the terminal shows it."""
    sections = []
    for name in COMMANDS:
        command = backlift.get_command(click.Context(backlift), name)
        assert command is not None
        sections += [f"## {name}", _help(command, f"backlift {name}")]
        if isinstance(command, click.Group):
            for inner in command.list_commands(click.Context(command)):
                below = command.get_command(click.Context(command), inner)
                assert below is not None
                sections += [f"### {name} {inner}", _help(below, f"backlift {name} {inner}")]
    return "\n\n".join(sections)


def _help(command: click.Command, name: str) -> str:
    # Below the group a command inherits its options of help; click keeps what it found first.
    helps = backlift.context_settings["help_option_names"]
    context = click.Context(command, info_name=name, max_content_width=100, terminal_width=100, help_option_names=helps)
    return f"```text\n{command.get_help(context)}\n```"


def settings() -> str:
    """Every setting people may change on the tablet."""
    from station.settings import SETTINGS

    rows = [f"| `{key}` | `{_toml(setting.default)}` | {setting.words} |" for key, setting in SETTINGS.items()]
    return "\n".join(["| setting | default | what it does |", "|---|---|---|", *rows])


def _toml(value: Any) -> str:
    if value is None or isinstance(value, dict | tuple):
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def api() -> str:
    """Every route of the API with what it answers."""
    from web.api.api_routes import OPEN_COMMANDS
    from web.api.openapi import document

    rows = []
    for path, methods in document(OPEN_COMMANDS)["paths"].items():
        for method, route in methods.items():
            asked = ", ".join(f"`{parameter['name']}`" for parameter in route.get("parameters", ()) if parameter["in"] == "query")
            summary = re.sub(r"\s+", " ", route["summary"])
            rows.append(f"| `{method.upper()} {path}` | {asked} | {summary} |")
    return "\n".join(["| route | asked with | what it does |", "|---|---|---|", *rows])


def command_bodies() -> str:
    """The arguments of every command a paired device may give."""
    import msgspec

    from station.messages import COMMANDS as MESSAGES
    from web.api.api_routes import OPEN_COMMANDS

    rows = []
    for name in OPEN_COMMANDS:
        fields = msgspec.structs.fields(MESSAGES[name])
        arguments = ", ".join(f"`{field.name}`" + ("" if field.required else " (optional)") for field in fields) or "none"
        needs = {"session": "a running session", "empty_mat": "an empty mat", None: ""}[MESSAGES[name].requires]
        rows.append(f"| `{name}` | {arguments} | {needs} |")
    return "\n".join(["| command | arguments | needs |", "|---|---|---|", *rows])


def notices() -> str:
    """Every notice a page, MQTT and the metrics may carry, in English."""
    from station.locale.texts import Texts

    english = Texts("en")
    places = {key: set(re.findall(r"\$(\w+)", english.source(key))) for key in english.keys("notice.")}
    rows = [f"| `{key.partition('.')[2]}` | {english(key, **{n: f'*{n}*' for n in names})} |" for key, names in places.items()]
    return "\n".join(["| code | in English |", "|---|---|", *rows])


def exercises() -> str:
    """Every exercise that comes with the project."""
    from station.practice.exercise import load_exercises

    sections = []
    for name, exercise in sorted(load_exercises(None, print).items()):
        about = f" {exercise.about.en}" if exercise.about else ""
        sections.append(f"## {exercise.title.en}\n\n`{name}`.{about}")
    return "\n\n".join(sections)


def stored_run() -> dict[str, list[dict[str, Any]]]:
    """Part of the bench -> its figures in the stored run (docs/measure.py makes it), the noise of the machine first and last."""
    import json

    stored = json.loads((DOCS / "bench.json").read_text(encoding="utf-8"))
    return {part: [one for one in run["measured"] if "values" in one] for part, run in stored.items()}


def figures() -> str:
    """What the stored run measured of what has a goal; how noisy the machine was; what could not be measured."""
    from station.bench import MEASUREMENTS

    sections = []
    for part, (before, *measured, after) in stored_run().items():
        if part not in MEASUREMENTS:
            continue
        sections += [
            f"## {part}: {MEASUREMENTS[part][1]}",
            f"Equal work took {_short(before['median'])} ms before and {_short(after['median'])} ms after ({before['note']}).",
        ]
        rows = [_figure_row(one) for one in measured if one["values"] and one["goal"] is not None]
        if rows:
            sections.append("\n".join(["| what | median | spread | times | goal | |", "|---|---|---|---|---|---|", *rows]))
        missing = [f"{one['name']}: not measured ({one['why_missing']})" for one in measured if one["why_missing"]]
        if missing:
            sections.append("\n".join(f"- {one}" for one in missing))
    absent = [f"- {part}: {words}" for part, (_, words) in MEASUREMENTS.items() if part not in stored_run()]
    if absent:
        sections += ["## Not in the stored run", "\n".join(absent)]
    return "\n\n".join(sections)


def numbers() -> str:
    """What the numbers that matter most do, and which do nothing in these recordings, from the stored run."""
    import json

    whole = json.loads((DOCS / "bench.json").read_text(encoding="utf-8"))
    if "sensitivity" not in whole:
        return "Not in the stored run."
    stored = whole["sensitivity"]["measured"]
    (table,) = [one for one in stored if "rows" in one]
    (silent,) = [one for one in stored if one["name"] == "parameters without effect"]
    rows = []
    for row in table["rows"][:SHOWN]:
        sides = " | ".join(_changed(row, side) for side in ("-25 %", "+25 %"))
        rows.append(f"| `{row['parameter']}` | {row['value']:g} {row['unit']} | {sides} |")
    names = ", ".join(f"`{name}`" for name in silent["note"].split(", ") if name)
    none = f"Without effect in these recordings: {names or 'none'}."
    head = ["| number | value | a quarter less | a quarter more |", "|---|---|---|---|"]
    return "\n\n".join([f"{table['note'][0].upper()}{table['note'][1:]}.", "\n".join([*head, *rows]), none])


def _changed(row: dict[str, Any], side: str) -> str:
    words = [f"{row[f'{side} {what}']:+d} {what}" for what in ("found", "false") if row[f"{side} {what}"]]
    return ", ".join([row[side], *words])


def _figure_row(one: dict[str, Any]) -> str:
    sign = {"at_most": "≤", "at_least": "≥"}[one["sense"]]
    goal = f"{sign} {_short(one['goal'])}" + ("" if one["met"] else ", not met")
    spread = f"{_short(one['min'])} to {_short(one['max'])}"
    median = f"{_short(one['median'])} {one['unit']}".rstrip()
    return f"| {one['name']} | {median} | {spread} | {len(one['values'])} | {goal} | {one['note']} |"


def _short(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


SHOWN = 15
"""So many numbers are shown on the page; `backlift bench --sensitivity` shows all."""

PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "settings": settings,
    "api": api,
    "command bodies": command_bodies,
    "notices": notices,
    "exercises": exercises,
    "figures": figures,
    "numbers": numbers,
}


def plans() -> dict[str, str | bytes]:
    """File name -> build document, for every mat that comes with the project."""
    from hardware.plans.build_guide import guide_markdown
    from hardware.plans.parts import parts_markdown
    from hardware.plans.template import template_pdf
    from hardware.plans.wiring import wiring_svg

    made: dict[str, str | bytes] = {}
    for name in shipped_mats():
        mat, _ = find_mat(name)
        made[f"{name}.wiring.svg"] = wiring_svg(mat)
        made[f"{name}.template.pdf"] = template_pdf(mat)
        made[f"{name}.parts.md"] = parts_markdown(mat)
        made[f"{name}.guide.md"] = guide_markdown(mat)
    return made


def stale() -> list[Path]:
    """Files that do not hold what the code gives now."""
    found = []
    for path, content in written().items():
        held = path.read_bytes() if path.exists() else b""
        if held != (content.encode() if isinstance(content, str) else content):
            found.append(path)
    return found


if __name__ == "__main__":
    old = stale()
    if "--check" in sys.argv:
        sys.exit(f"stale, run 'python docs/reference.py': {', '.join(path.name for path in old)}" if old else 0)
    for path, content in written().items():
        if path in old:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            print(path.relative_to(DOCS.parent))
