"""Looking at a stored session again with the detector of today.  The recording, the old results and all corrections stay."""

from __future__ import annotations

from hardware.mat import parse_mat
from station.analysis.replay import PositionChange, announcements_by_position
from station.analysis.stored_constants import stored_constants
from station.model import Lift, Repetition
from station.signal.detector import DETECTOR_VERSION
from station.store.reader import Reader
from station.store.store import Store
from station.store.store_errors import StoreError


def analyse(reader: Reader, session_id: int) -> list[Lift | Repetition]:
    """What the present detector finds in a session's frames, with the calibration and the positions of then.

    Reads only; any process may do it.

    Raises NotStoredError; StoreError when the raw frames were let go, or the mat file of then is lost.
    """
    record = reader.session(session_id)
    if record.summary.raw == "thinned":
        raise StoreError(f"session {session_id}: its raw recording was let go to make room; the phases found then remain")
    if not record.mat_known:
        raise StoreError(f"session {session_id}: its mat file was lost; export it and replay it with a mat file")
    mat = parse_mat(record.mat, f"mat of session {session_id}")
    announced = announcements_by_position(
        mat, stored_constants(record), reader.frame_blocks(session_id), _positions(reader, session_id)
    )
    return [one for one in announced if isinstance(one, Lift | Repetition)]


def reanalyse(store: Store, reader: Reader, session_id: int) -> int:
    """Analyse a session again and keep the result as its current analysis; returns the number of that analysis."""
    return store.analysis_add(session_id, DETECTOR_VERSION, analyse(reader, session_id))


def _positions(reader: Reader, session_id: int) -> list[PositionChange]:
    """How somebody lay, from when on; nothing stored: on the belly."""
    found: list[PositionChange] = []
    since = 0
    while events := reader.events(session_id, since=since):
        found += [PositionChange(event.t_s, event.body["position"]) for event in events if event.type == "position"]
        since = events[-1].id
    return sorted(found, key=lambda event: event.t_s)
