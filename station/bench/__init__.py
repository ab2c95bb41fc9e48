"""What `backlift bench` measures, by name.  Each measurement stands in a module of its own and is imported when it is asked for."""

from __future__ import annotations

MEASUREMENTS: dict[str, tuple[str, str]] = {
    "help": ("station.bench.processes:help_time", "how long 'backlift --help' takes"),
    "scan": ("station.bench.scan:measure", "frames a second over the simulated I2C bus"),
    "corruption": ("station.bench.corrupted_reads:measure", "how many reads that a bad wire changed are believed"),
    "false-alarms": ("station.bench.false_alarms:measure", "how often a well mat is called faulty by eight people in an hour each"),
    "pipeline": ("station.bench.pipeline:measure", "cost of detection, speed of a replay"),
    "accuracy": ("station.bench.accuracy:measure", "how well the phases of simulated lifts are timed"),
    "light-loads": ("station.bench.light_loads:measure", "detection where elbows and feet lie beside their sensors"),
    "start": ("station.bench.processes:start", "from exec to the first frame, and to the first page"),
    "memory": ("station.bench.processes:memory_and_idle", "memory of both processes, CPU while nobody is on the mat"),
    "storage": ("station.bench.storage:measure", "bytes written per hour of practice"),
    "siege": ("station.bench.siege:measure", "pages and sampling while far too many knock"),
    "pages": ("station.bench.pages:measure", "what a browser sees: events on the screen, a session opened, tablets"),
    "fleet": ("station.bench.fleet:measure", "200 stations on one broker, which restarts meanwhile"),
    "gaps": ("station.bench.processes:gaps", "regularity of sampling while a long session is looked at"),
}
"""Name -> ("module:function", what it measures).  A function returns a list of `station.bench.figure.Measured`."""

SENSITIVITY = ("station.bench.sensitivity:measure", "what each of the detector's parameters changes")
"""Takes long and tells about the detector, not about the machine: only when it is asked for."""
