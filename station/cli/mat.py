"""`backlift mat`: the mats that come with the project, mats made for a height, and the documents to build one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from hardware.errors import BackliftError
from hardware.mat import Mat
from hardware.mats import find_mat, shipped_mats
from hardware.plans.design import Sensors, Wish, design
from hardware.plans.footprint import check_places
from hardware.plans.matfile import mat_file_text
from hardware.plans.paper import PAPERS


class DocumentError(BackliftError, OSError):
    """A build document cannot be written."""


@click.command()
@click.argument("name_or_file", required=False)
@click.option("--height", "height_cm", type=float, metavar="CM", help="Make a mat for one person of this height.")
@click.option("--range", "range_cm", metavar="CM-CM", help="Make a mat for several people, from the shortest to the tallest.")
@click.option("--zones", type=int, default=4, show_default=True, help="Sensors of a mat that is made: 4, 8 or 16.")
@click.option("--width", "width_cm", type=float, metavar="CM", help="Width of a mat that is made.  [default: 80]")
@click.option(
    "--sensors",
    type=click.Choice(["auto", "disc"]),
    default="auto",
    show_default=True,
    help="What elbows, feet and the heights need, or disc sensors only.",
)
@click.option("--svg", is_flag=True, help="Wiring: one picture for the screen (SVG), sheets to print and tick off (PDF).")
@click.option("--template", is_flag=True, help="Placement template at full size (PDF).")
@click.option("--paper", type=click.Choice(sorted(PAPERS)), default="A4", show_default=True, help="What the sheets are printed on.")
@click.option("--bom", is_flag=True, help="Parts list with quantities and alternatives (Markdown).")
@click.option("--pad", is_flag=True, help="The pad of a disc sensor, for a printer (STL) or a cutter (DXF).")
@click.option("--guide", is_flag=True, help="Build guide with the reasons (Markdown).")
@click.option("--toml", is_flag=True, help="The mat file itself, as a start for your own.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="here",
    help="Folder to write the documents to.",
)
def mat(
    name_or_file: str | None,
    height_cm: float | None,
    range_cm: str | None,
    zones: int,
    width_cm: float | None,
    sensors: Sensors,
    paper: str,
    out: Path,
    **asked: bool,
) -> None:
    """List the mats, make one for your height, check a mat file, make build documents.

    Without anything it lists the mats.  With --height or --range it makes a mat and all its documents.  With a name or a mat file
    alone it shows the channels and names what you may come to regret.

    \b
    Example:
      backlift mat
      backlift mat --height 163 --out mine
      backlift mat --range 155-175 --zones 8 --out ours
      backlift mat full-16 --svg --template --bom --guide --out plans
    """
    if height_cm is not None or range_cm is not None:
        if name_or_file is not None or (height_cm is not None and range_cm is not None):
            raise click.UsageError("give one of: a name or file, --height, --range")
        statures_cm = (height_cm, height_cm) if height_cm is not None else _range(range_cm or "")
        found = design(Wish(statures_cm, zones, width_cm, sensors))
        stem = f"mat-{'-'.join(f'{cm:g}' for cm in sorted(set(statures_cm)))}cm-{zones}"
        text = mat_file_text(found).encode()
        asked = asked if any(asked.values()) else dict.fromkeys(asked, True)
    elif name_or_file is None:
        _list()
        return
    else:
        found, path = find_mat(name_or_file)
        check_places(found, path.name)
        stem = path.name.removesuffix(".toml").removesuffix(".mat")
        text = path.read_bytes()
    documents: tuple[tuple[str, str, Callable[[Mat], bytes]], ...] = (
        ("svg", "wiring.svg", _wiring),
        ("svg", "wiring.pdf", lambda found: _wiring_sheets(found, paper)),
        ("template", "template.pdf", lambda found: _template(found, paper)),
        ("bom", "parts.md", _parts),
        ("guide", "guide.md", _guide),
        ("pad", "pad.stl", _pad_stl),
        ("pad", "pad.dxf", _pad_dxf),
        ("toml", "mat.toml", lambda _: text),
    )
    if not any(asked.values()):
        _show(found)
    for option, kind, make in documents:
        if asked[option]:
            _write(out / f"{stem}.{kind}", make, found)


def _range(words: str) -> tuple[float, float]:
    """ "155-175" as two numbers."""
    try:
        low, high = (float(part) for part in words.split("-"))
    except ValueError:
        raise click.BadParameter(f"'{words}' is not a range; write it like 155-175", param_hint="--range") from None
    return low, high


def _list() -> None:
    for name, path in shipped_mats().items():
        found, _ = find_mat(name)
        click.echo(f"{name:10} {found.mat.name}: {', '.join(found.zone_names)}")
        click.echo(f"{'':10} {path}")
    click.echo("\nOne for your height:     backlift mat --height 170")
    click.echo("Build documents of one:  backlift mat full-16 --svg --template --bom --guide")


def _show(found: Mat) -> None:
    from hardware.plans.plan import ohms, pin_name, plan_of

    plan = plan_of(found)
    boards = f"{len(plan.boards)} board{'s' if len(plan.boards) > 1 else ''}"
    click.echo(f"{found.mat.name}: {len(plan.channels)} zones, {boards}, fed {found.mat.supply_volts:g} V")
    for channel in plan.channels:
        zone = channel.zone
        kind = "" if zone.strip_cm is None else f", strip of {zone.strip_cm:g} cm at {zone.angle_deg:g}°"
        place = f"{zone.x_cm:6.4g} cm across, {zone.y_cm:5.4g} cm up{kind}"
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


def _wiring_sheets(found: Mat, paper: str) -> bytes:
    from hardware.plans.wiring_sheets import wiring_pdf

    return wiring_pdf(found, PAPERS[paper])


def _pad_stl(found: Mat) -> bytes:
    from hardware.plans.plan import PAD_THICK_MM, PUCK_CM
    from hardware.plans.solid import pad_stl

    return pad_stl(10 * PUCK_CM, PAD_THICK_MM).encode()


def _pad_dxf(found: Mat) -> bytes:
    from hardware.plans.plan import PUCK_CM
    from hardware.plans.solid import pad_dxf

    discs = sum(zone.strip_cm is None for zone in found.zone)
    return pad_dxf(10 * PUCK_CM, max(1, discs)).encode()


def _template(found: Mat, paper: str) -> bytes:
    from hardware.plans.template import template_pdf

    return template_pdf(found, PAPERS[paper])


def _parts(found: Mat) -> bytes:
    from hardware.plans.parts import parts_markdown

    return parts_markdown(found).encode()


def _guide(found: Mat) -> bytes:
    from hardware.plans.build_guide import guide_markdown

    return guide_markdown(found).encode()
