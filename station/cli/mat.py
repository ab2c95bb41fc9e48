"""`backlift mat`: the mats that come with the project, and the documents to build one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from hardware.errors import BackliftError
from hardware.mat import Mat
from hardware.mats import find_mat, shipped_mats


class DocumentError(BackliftError, OSError):
    """A build document cannot be written."""


@click.command()
@click.argument("name_or_file", required=False)
@click.option("--svg", is_flag=True, help="Wiring diagram, channel table and the mat from above (SVG).")
@click.option("--template", is_flag=True, help="Placement template at full size, on A4 sheets (PDF).")
@click.option("--bom", is_flag=True, help="Parts list with quantities and alternatives (Markdown).")
@click.option("--guide", is_flag=True, help="Build guide with the reasons (Markdown).")
@click.option("--toml", is_flag=True, help="The mat file itself, as a start for your own.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="here",
    help="Folder to write the documents to.",
)
def mat(name_or_file: str | None, svg: bool, template: bool, bom: bool, guide: bool, toml: bool, out: Path) -> None:
    """List the mats that come with the project, check a mat file, make its build documents.

    Without a name it lists the mats.  With a name or a mat file alone it shows the channels and names what you may come to regret.

    \b
    Example:
      backlift mat
      backlift mat full-16 --svg --template --bom --guide --out plans
      backlift mat full-16 --toml --out . && nano full-16.mat.toml
    """
    if name_or_file is None:
        _list()
        return
    found, path = find_mat(name_or_file)
    stem = path.name.removesuffix(".toml").removesuffix(".mat")
    wanted = [
        (name, make)
        for asked, name, make in (
            (svg, f"{stem}.wiring.svg", _wiring),
            (template, f"{stem}.template.pdf", _template),
            (bom, f"{stem}.parts.md", _parts),
            (guide, f"{stem}.guide.md", _guide),
            (toml, f"{stem}.mat.toml", lambda _: path.read_bytes()),
        )
        if asked
    ]
    if not wanted:
        _show(found)
    for name, make in wanted:
        _write(out / name, make, found)


def _list() -> None:
    for name, path in shipped_mats().items():
        found, _ = find_mat(name)
        click.echo(f"{name:10} {found.mat.name}: {', '.join(found.zone_names)}")
        click.echo(f"{'':10} {path}")
    click.echo("\nBuild documents of one:  backlift mat full-16 --svg --template --bom --guide")


def _show(found: Mat) -> None:
    from hardware.plans.plan import ohms, pin_name, plan_of

    plan = plan_of(found)
    click.echo(f"{found.mat.name}: {len(plan.channels)} zones, {len(plan.boards)} boards, fed {found.mat.supply_volts:g} V")
    for channel in plan.channels:
        zone = channel.zone
        place = f"{zone.x_cm:6.4g} cm across, {zone.y_cm:5.4g} cm up"
        wired = f"board {plan.board_of(channel).number} 0x{zone.chip:02x} pin {pin_name(zone)}  {ohms(zone.resistor_ohms):>8}"
        click.echo(f"  {channel.number:2} {zone.name:12} {wired}  {place}")
    for limb in found.limb:
        click.echo(f"  {limb.name:15} {limb.kind}, {limb.side}: {', '.join(limb.zones)}")
    for words in plan.cautions:
        click.echo(f"  note: {words}")


def _write(path: Path, make: Callable[[Mat], bytes], found: Mat) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.suffix == ".toml":
            raise FileExistsError("it is there already, and a mat file is never overwritten; name another folder with --out")
        path.write_bytes(make(found))
    except OSError as error:
        raise DocumentError(f"{path}: cannot be written: {error.strerror or error}") from None
    click.echo(path)


def _wiring(found: Mat) -> bytes:
    from hardware.plans.wiring import wiring_svg

    return wiring_svg(found).encode()


def _template(found: Mat) -> bytes:
    from hardware.plans.template import template_pdf

    return template_pdf(found)


def _parts(found: Mat) -> bytes:
    from hardware.plans.parts import parts_markdown

    return parts_markdown(found).encode()


def _guide(found: Mat) -> bytes:
    from hardware.plans.build_guide import guide_markdown

    return guide_markdown(found).encode()
