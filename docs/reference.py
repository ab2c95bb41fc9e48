"""Fills the reference pages from the code itself, so that they cannot fall behind, and makes the build documents of the mats.

A page says where: `<!-- commands -->`, `<!-- settings -->`, `<!-- api -->`.  Run by mkdocs (mkdocs.yml).
"""

from __future__ import annotations

import re
from typing import Any

import click

from hardware.mats import find_mat, shipped_mats
from station.cli import COMMANDS, backlift


def on_page_markdown(markdown: str, **_: Any) -> str:
    """mkdocs' hook: put the generated parts in."""
    return filled(markdown)


def on_files(files: Any, config: Any) -> Any:
    """mkdocs' hook: add the build documents of every shipped mat as plans/NAME.*"""
    from mkdocs.structure.files import File

    for name, content in plans().items():
        files.append(File.generated(config, f"plans/{name}", content=content))
    return files


def filled(markdown: str) -> str:
    """The page with every `<!-- word -->` that names a generated part replaced by it."""
    parts = {"commands": commands, "settings": settings, "api": api}
    for word, make in parts.items():
        if f"<!-- {word} -->" in markdown:
            markdown = markdown.replace(f"<!-- {word} -->", make())
    return markdown


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
    context = click.Context(command, info_name=name, max_content_width=100, terminal_width=100)
    return f"```text\n{command.get_help(context)}\n```"


def settings() -> str:
    """Every setting people may change on the tablet."""
    from station.settings import SETTINGS

    rows = [f"| `{key}` | `{_toml(setting.default)}` | {setting.words} |" for key, setting in SETTINGS.items()]
    return "\n".join(["| setting | default | what it does |", "|---|---|---|", *rows])


def _toml(value: Any) -> str:
    return {None: "none", True: "true", False: "false"}.get(value, str(value)) if not isinstance(value, dict | tuple) else "none"


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
