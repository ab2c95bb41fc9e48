"""`backlift replay`: the lifts in a recording, as JSON Lines or as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from station.model import Lift


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--mat", required=True, metavar="FILE", help="Mat file, or the name of a mat that comes with the project.")
@click.option("--calibration", type=click.Path(path_type=Path), metavar="FILE", help="Calibration exported beside the recording.")
@click.option("--events", type=click.Path(path_type=Path), metavar="FILE", help="events.jsonl exported beside the recording.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines, one object per lift, and nothing else.")
def replay(recording: Path, mat: str, calibration: Path | None, events: Path | None, as_json: bool) -> None:
    """Find the lifts in a recording.

    RECORDING is CSV or CSV.gz: time_s and one column of volts per zone of the mat. With --events the limbs follow
    the positions somebody lay in; without it everything counts as lying on the belly.

    \b
    Example:
      backlift replay lesson.csv.gz --mat my.mat.toml
      backlift replay lesson.csv.gz --mat my.mat.toml --json > lifts.jsonl
    """
    import msgspec

    from hardware.mats import find_mat
    from station.analysis.replay import announcements_by_position, lift_line, read_calibration, read_positions
    from station.model import Lift
    from station.recording import read_recording

    parsed, _ = find_mat(mat)
    frames = read_recording(recording, parsed.zone_names)
    constants = read_calibration(calibration) if calibration else None
    announced = announcements_by_position(parsed, constants, [frames], read_positions(events) if events else [])
    lifts = [found for found in announced if isinstance(found, Lift) and found.kind != "void"]
    if as_json:
        for lift in lifts:
            click.echo(msgspec.json.encode(lift_line(lift)))
    else:
        click.echo(_table(lifts, float(frames.t_s[0])))


def _table(lifts: list[Lift], began_s: float) -> str:
    """The lifts for a person: when each moment came, from the beginning of the recording, and how long each phase took."""
    if not lifts:
        return "No lifts found."
    from station.cli.sessions import lift_remark, limb_name

    rows = [("limb", "prepare s", "lift-off", "lifted s", "touch-down", "melt s", "weight lifted", "")]
    for lift in lifts:
        rows.append(
            (
                limb_name(lift.limb),
                _span(lift.prepare_start, lift.lift_off),
                _moment(lift.lift_off, began_s),
                _span(lift.lift_off, lift.touch_down),
                _moment(lift.touch_down, began_s),
                _span(lift.touch_down, lift.melt_end),
                "-" if lift.extent is None else f"{lift.extent:.0%}",
                lift_remark(lift),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _span(start_s: float | None, end_s: float | None) -> str:
    return "-" if start_s is None or end_s is None else f"{end_s - start_s:.1f}"


def _moment(t_s: float | None, began_s: float) -> str:
    if t_s is None:
        return "-"
    minutes, seconds = divmod(t_s - began_s, 60)
    return f"{minutes:.0f}:{seconds:05.2f}"
