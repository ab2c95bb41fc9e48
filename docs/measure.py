"""Measures what docs/bench.json holds, and writes it into the pages.

    python docs/measure.py                every part but the long ones
    python docs/measure.py siege pages    these parts; the others stay as they were stored
    python docs/measure.py --long         the long ones
    python docs/measure.py sensitivity    what each of the detector's numbers does

Each part is one `backlift bench --only PART --json` (or `--sensitivity`), with the noise of the machine before and after it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click

from station.bench import MEASUREMENTS, SENSITIVITY

DOCS = Path(__file__).parent
STORED = DOCS / "bench.json"
LONG = ("accuracy", "light-loads", "false-alarms", "corruption")
"""They tell about the detector, not about the machine."""
PARTS = MEASUREMENTS | {"sensitivity": SENSITIVITY}


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option("--long", "long", is_flag=True, help=f"Measure the long parts: {', '.join(LONG)}.")
def main(parts: tuple[str, ...], long: bool) -> None:
    """Measure what docs/bench.json holds, and write it into the pages."""
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    for part in parts or [name for name in MEASUREMENTS if (name in LONG) == long]:
        began_s = time.monotonic()
        asked = ["--only", part] if part in MEASUREMENTS else [f"--{part}"]
        measured = json.loads(subprocess.check_output([sys.executable, "-m", "station", "bench", "--json", *asked]))
        stored[part] = {"took_s": round(time.monotonic() - began_s), "measured": measured}
        missing = [one["why_missing"] for one in measured if one.get("why_missing")]
        click.echo(f"{part}: {stored[part]['took_s']} s" + "".join(f"; {why}" for why in missing))
        # Stored after each part: a run that is ended early keeps what it has.
        STORED.write_text(as_lines({name: stored[name] for name in PARTS if name in stored}), encoding="utf-8")
    subprocess.check_call([sys.executable, DOCS / "reference.py"])


def as_lines(stored: dict[str, Any]) -> str:
    """JSON with one figure a line, so that a difference between two runs can be read."""
    runs = []
    for part, run in stored.items():
        figures = ",\n".join(json.dumps(one) for one in run["measured"])
        runs.append(f'{json.dumps(part)}: {{"took_s": {json.dumps(run["took_s"])}, "measured": [\n{figures}\n]}}')
    return "{\n" + ",\n".join(runs) + "\n}\n"


if __name__ == "__main__":
    main()
