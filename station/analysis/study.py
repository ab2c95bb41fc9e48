"""Sessions in the formats of those who study movement: a table of lifts, EDF+, BIDS.

Frames come when the bus gives them; these formats want an even rate.  So frames are put on an even grid, each step with the frame
nearest to it; a step without one near is missing, and is said to be.  The exact frames are in the zip and in Parquet.
"""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.errors import pip_install
from station.store.files import atomic_write
from station.store.reader import Reader
from station.store.records import LiftRecord, RepetitionRecord, SessionRecord
from station.store.store_errors import StoreError

NEAR = 0.75
"""A frame belongs to a step when it lies within this share of a step of it."""
_PHASES = (("prepare", "prepare_start", "lift_off"), ("aloft", "lift_off", "touch_down"), ("melt", "touch_down", "melt_end"))

COLUMNS: dict[str, str] = {
    "session": "number of the session",
    "started_utc": "when the session began, ISO 8601, UTC; empty when its date is unknown",
    "repetition": "number of the repetition in its session",
    "kind": "arm, leg, or full (an arm and the opposite leg)",
    "limb": "name of the limb in the mat file",
    "part": "what of the limb left the mat",
    "prepare_s": "seconds from the first change of load to lift-off",
    "aloft_s": "seconds from lift-off to touch-down",
    "melt_s": "seconds from touch-down until the load had settled",
    "melt_sd_s": "one standard deviation of melt_s; empty when set by hand or unknown",
    "extent": "share of the limb's resting load that left the mat, 0..1",
    "softness_share": "share of the resting load that came back in the first half second",
    "lift_off_s": "seconds from the session's start to lift-off",
    "touch_down_s": "seconds from the session's start to touch-down",
    "corrected": "boundaries that were set by hand",
    "not_a_lift": "1 when somebody marked it so",
    "comfort_before": "face 1..5 given before the session",
    "comfort_after": "face 1..5 given after it",
    "detector": "version of the detector that found it",
}
"""Column of the table of lifts -> what it means."""


@dataclass(frozen=True, slots=True)
class EvenFrames:
    """volts: shape (n, zones) at `rate_hz` from the session's first frame on, NaN where nothing was measured."""

    volts: NDArray[np.float32]
    rate_hz: float
    first_s: float


def lift_rows(reader: Reader, session_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """One row per lift over all the sessions, corrections applied; keys as in `COLUMNS`, None where nothing is known."""
    for session_id in session_ids:
        record = reader.session(session_id)
        detector = next((analysis.detector_version for analysis in record.analyses if analysis.current), None)
        for repetition in record.repetitions:
            for lift in repetition.lifts:
                yield _row(record, repetition, lift, detector)


def lift_table(reader: Reader, session_ids: Sequence[int]) -> Iterator[bytes]:
    """The same as CSV, piece by piece."""
    yield (",".join(COLUMNS) + "\n").encode()
    for row in lift_rows(reader, session_ids):
        line = io.StringIO()
        csv.DictWriter(line, list(COLUMNS), lineterminator="\n").writerow(row)
        yield line.getvalue().encode()


def even_frames(reader: Reader, record: SessionRecord) -> EvenFrames:
    """A session's frames at an even rate.  Raises StoreError when the raw recording is gone."""
    block = reader.frames(record.id)
    if len(block) < 2:
        raise StoreError(f"session {record.id}: its raw recording is not there any more; the table of lifts still has its times")
    rate_hz = float(max(1, round(record.rate_hz)))
    first_s = float(block.t_s[0])
    at_s = first_s + np.arange(int((block.t_s[-1] - first_s) * rate_hz) + 1) / rate_hz
    after = np.clip(np.searchsorted(block.t_s, at_s), 1, len(block.t_s) - 1)
    nearest = after - (at_s - block.t_s[after - 1] < block.t_s[after] - at_s)
    volts = block.volts[nearest].astype(np.float32)
    volts[np.abs(block.t_s[nearest] - at_s) > NEAR / rate_hz] = np.nan
    return EvenFrames(volts, rate_hz, first_s)


def happened(reader: Reader, record: SessionRecord, first_s: float) -> list[dict[str, Any]]:
    """Phases, faults, marks and notes with onset and duration in seconds after `first_s`, in order."""
    found: list[dict[str, Any]] = []

    def add(kind: str, from_s: float, to_s: float | None, limb: str = "", text: str = "") -> None:
        duration_s = 0.0 if to_s is None else to_s - from_s
        found.append({"onset": from_s - first_s, "duration": duration_s, "trial_type": kind, "limb": limb, "text": text})

    for repetition in record.repetitions:
        for lift in repetition.lifts:
            for phase, begin, end in _PHASES:
                start_s, end_s = getattr(lift.lift, begin), getattr(lift.lift, end)
                if start_s is not None and end_s is not None and not lift.not_a_lift:
                    add(phase, start_s, end_s, lift.lift.limb, f"repetition {repetition.number}")
    for start_s, end_s in record.gaps:
        add("gap", start_s, end_s)
    for event in reader.events(record.id):
        if event.type == "fault" and not event.body["over"]:
            add("fault", event.t_s, None, text=f"{event.body['kind']} {event.body['zone'] or 'mat'}")
        elif event.type == "phase" and event.body["kind"] == "unweighting":
            add("unweighting", event.t_s, None, event.body["limb"])
        elif event.type == "mark":
            add("mark", event.t_s, None, text=str(event.body.get("text", "")))
    for note in record.notes:
        if note.from_s is not None:
            add("note", note.from_s, None, note.limb or "", note.text)
    return sorted((one for one in found if one["onset"] >= 0), key=lambda one: one["onset"])


def export_edf(reader: Reader, session_id: int, target: Path) -> None:
    """One session as EDF+: millivolts of each zone, phases as annotations.  A missing sample is 0, and "missing" is annotated.

    Needs the extra 'study'; raises StoreError without it.
    """
    try:
        from edfio import Edf, EdfAnnotation, EdfSignal, Patient, Recording
    except ImportError:
        raise StoreError(f"EDF needs one more package: {pip_install('edfio')}") from None
    record = reader.session(session_id)
    frames = even_frames(reader, record)
    whole = int(np.ceil(len(frames.volts) / frames.rate_hz) * frames.rate_hz)  # a data record is one second
    millivolts = np.zeros((whole, len(record.zones)))
    millivolts[: len(frames.volts)] = np.nan_to_num(frames.volts) * 1000
    top = float(max(np.ceil(millivolts.max() / 100) * 100, 3300.0))
    signals = [
        EdfSignal(
            np.clip(millivolts[:, column], 0.0, top),
            frames.rate_hz,
            label=zone[:16],
            physical_dimension="mV",
            physical_range=(0.0, top),
            transducer_type="force-sensitive resistor",
        )
        for column, zone in enumerate(record.zones)
    ]
    told = [
        EdfAnnotation(
            one["onset"], one["duration"] or None, " ".join(part for part in (one["trial_type"], one["limb"], one["text"]) if part)
        )
        for one in happened(reader, record, frames.first_s)
    ]
    told += [EdfAnnotation(from_s, until_s - from_s, f"missing {zone}") for zone, from_s, until_s in _missing(frames, record.zones)]
    started = _started(record)
    edf = Edf(
        signals,
        patient=Patient(),
        recording=Recording(startdate=started.date() if started else None, equipment_code="Back_Lift_Station"),
        starttime=started.time().replace(microsecond=0) if started else None,
        annotations=sorted(told, key=lambda one: one.onset),
    )
    with atomic_write(target) as part:
        edf.write(part)


def bids_files(reader: Reader, session_ids: Sequence[int], name: str = "Back Lift Station") -> Iterator[tuple[str, bytes]]:
    """The files of a BIDS dataset, path -> content: each session's frames as `_physio`, its phases as `_events`, their JSON beside.

    One person, `sub-01`: who it was stays here.  Frames whose raw recording is gone are left out; events remain.
    """
    yield (
        "dataset_description.json",
        _json(
            {
                "Name": name,
                "BIDSVersion": "1.9.0",
                "DatasetType": "raw",
                "License": "n/a",
                "GeneratedBy": [{"Name": "backlift-station"}],
            }
        ),
    )
    yield (
        "README",
        b"Practice of the Back Lift of Clinical Somatics on a mat of force-sensitive resistors; volts at each divider.\n",
    )
    yield "participants.tsv", b"participant_id\nsub-01\n"
    for session_id in session_ids:
        record = reader.session(session_id)
        stem = f"sub-01/ses-{session_id:04d}/beh/sub-01_ses-{session_id:04d}_task-backlift"
        first_s = record.summary.started_s
        try:
            frames = even_frames(reader, record)
        except StoreError:
            frames = None
        if frames is not None:
            first_s = frames.first_s
            facts: dict[str, Any] = {
                "SamplingFrequency": frames.rate_hz,
                "StartTime": 0.0,
                "Columns": list(record.zones),
                "Manufacturer": "self-built",
            }
            facts |= {zone: {"Description": f"voltage at the divider of zone {zone}", "Units": "V"} for zone in record.zones}
            yield f"{stem}_physio.json", _json(facts)
            yield f"{stem}_physio.tsv.gz", _physio(frames)
        yield f"{stem}_events.json", _json(_EVENT_FACTS)
        yield f"{stem}_events.tsv", _events_table(happened(reader, record, first_s))


def export_bids(reader: Reader, session_ids: Sequence[int], folder: Path) -> None:
    """Write the dataset into a folder that is empty or not there.  Raises StoreError when something is in it."""
    if folder.exists() and any(folder.iterdir()):
        raise StoreError(f"{folder}: not empty; a BIDS dataset is a folder of its own")
    for path, content in bids_files(reader, session_ids):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


_EVENT_FACTS = {
    "trial_type": {
        "Description": "what happened",
        "Levels": {
            "prepare": "the muscles engage, nothing has left the mat",
            "aloft": "the limb is off the mat",
            "melt": "from touch-down until the load has settled",
            "unweighting": "the load fell and returned without losing contact",
            "fault": "a sensor failed",
            "gap": "nothing was measured",
            "mark": "a moment marked by the person",
            "note": "words written about this moment",
        },
    },
    "limb": {"Description": "name of the limb in the mat file"},
    "text": {"Description": "more about it"},
}


def _row(record: SessionRecord, repetition: RepetitionRecord, lift: LiftRecord, detector: str | None) -> dict[str, Any]:
    summary, shown = record.summary, lift.lift
    started = _started(record)
    by_hand = {correction.boundary for correction in lift.corrections if correction.boundary}
    known_sd = shown.melt_end_sd is not None and not by_hand & {"touch_down", "melt_end"} and lift.melt_s is not None
    melt_sd_s = float(np.hypot(shown.melt_end_sd or 0.0, shown.touch_down_sd or 0.0)) if known_sd else None
    return {
        "session": record.id,
        "started_utc": started.isoformat(timespec="seconds") if started else None,
        "repetition": repetition.number,
        "kind": repetition.kind,
        "limb": shown.limb,
        "part": shown.part,
        "prepare_s": _rounded(lift.prepare_s),
        "aloft_s": _rounded(lift.aloft_s),
        "melt_s": _rounded(lift.melt_s),
        "melt_sd_s": _rounded(melt_sd_s),
        "extent": _rounded(shown.extent),
        "softness_share": _rounded(shown.softness_share),
        "lift_off_s": _rounded(shown.lift_off, -summary.started_s),
        "touch_down_s": _rounded(shown.touch_down, -summary.started_s),
        "corrected": " ".join(sorted(by_hand)),
        "not_a_lift": int(lift.not_a_lift),
        "comfort_before": summary.comfort_before,
        "comfort_after": summary.comfort_after,
        "detector": detector,
    }


def _rounded(value: float | None, shift: float = 0.0) -> float | None:
    return None if value is None else round(value + shift, 3)


def _started(record: SessionRecord) -> datetime.datetime | None:
    wall_s = record.summary.started_wall_s
    return None if wall_s is None else datetime.datetime.fromtimestamp(wall_s, datetime.UTC)


def _missing(frames: EvenFrames, zones: Sequence[str]) -> Iterator[tuple[str, float, float]]:
    """Zone, from, until (seconds after the first frame) of every stretch without samples."""
    for column, zone in enumerate(zones):
        gone = np.isnan(frames.volts[:, column])
        edges = np.flatnonzero(np.diff(np.concatenate([[0], gone.astype(int), [0]])))
        for begin, stop in zip(edges[::2], edges[1::2], strict=True):
            yield zone, float(begin / frames.rate_hz), float(stop / frames.rate_hz)


def _physio(frames: EvenFrames) -> bytes:
    """Without a header, as BIDS has it for continuous recordings; `n/a` where nothing was measured."""
    lines = ["\t".join("n/a" if np.isnan(value) else f"{value:.6f}" for value in row) for row in frames.volts]
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)


def _events_table(events: Sequence[dict[str, Any]]) -> bytes:
    lines = ["onset\tduration\ttrial_type\tlimb\ttext"]
    for one in events:
        words = [" ".join(str(one[name]).split()) or "n/a" for name in ("trial_type", "limb", "text")]
        lines.append("\t".join([f"{one['onset']:.3f}", f"{one['duration']:.3f}", *words]))
    return ("\n".join(lines) + "\n").encode()


def _json(content: Any) -> bytes:
    return json.dumps(content, indent=2, ensure_ascii=False).encode() + b"\n"
