"""The pages.  Each is whole without scripts, as far as that makes sense; the bundles named in it make it live."""

from __future__ import annotations

import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request, send_file
from werkzeug.exceptions import NotFound

from hardware.mat import Mat
from hardware.mats import find_mat, shipped_mats
from station.locale.texts import languages
from station.practice.exercise import Language, load_exercises
from station.practice.sounds import UnknownSoundError, design, wav
from station.store import MissingDatabaseError
from station.store.backup import backup as store_backup
from station.store.records import Person, SessionRecord
from web.context import current_mat, services, settings_in_force, texts
from web.pages import progress as progress_view
from web.pages import review
from web.pages.body_outline import spots
from web.pages.calendar import month_page
from web.pages.exercise_cards import Card, cards
from web.pages.faults import fault_spans

blueprint = Blueprint("pages", __name__)
USUAL_OF = 20
"""What is usual is told by so many sessions before."""
IN_SAFE_MODE = ("pages.healthz", "pages.backup")


@blueprint.get("/")
def live() -> str:
    mat = current_mat()
    settings = _settings()
    config = services().config
    offered = _cards(mat)
    chosen = settings["practice.exercise"] or config.practice.exercise
    # The last one beside free practice; for somebody who has only practised freely, the whole Back Lift.
    last = next((card for name in (chosen, "back_lift") for card in offered if card.name == name != "free" and card.offered), None)
    return render_template(
        "live.html",
        page="live",
        spots=spots(mat),
        first_time=not settings["station.setup_done"],
        cards=offered,
        chosen=chosen,
        last=last,
        simulated=config.simulated,
        people=_people(),
        person=settings["practice.person"],
        boot=_boot("live", "limb", "notice", "phase", "zone"),
    )


@blueprint.get("/sessions")
def sessions() -> str:
    """A month of days, and the sessions of one of them: `?month=2025-10`, `?day=2025-10-14&days=7`, `?person=2`."""
    asked = request.args
    try:
        shown = month_page(
            services().reader,
            texts(),
            month=asked.get("month", ""),
            day=asked.get("day", ""),
            days=min(asked.get("days", 1, int), 31),
            person=asked.get("person", None, int),
        )
    except MissingDatabaseError:
        shown = None
    return render_template("sessions.html", page="sessions", shown=shown)


@blueprint.get("/sessions/<int(max=2147483647):session_id>")
def session(session_id: int) -> str:
    record = services().reader.session(session_id)
    shown = _shown(record)
    boot = _boot("review", "lift", "limb", "phase", "part", "zone", data=review.for_script(record))
    people = _people()
    return render_template(
        "session.html", page="sessions", session=shown, people=people, person=record.summary.person_id, boot=boot
    )


@blueprint.get("/sessions/<int(max=2147483647):session_id>/rows")
def session_rows(session_id: int) -> str:
    """The repetitions alone: the page asks for them again after a correction."""
    return render_template("_repetitions.html", session=_shown(services().reader.session(session_id)))


@blueprint.get("/sessions/<int(max=2147483647):session_id>/print")
def session_print(session_id: int) -> str:
    """For paper or PDF: everything in one table."""
    record = services().reader.session(session_id)
    boot = _boot("limb", data=review.for_script(record))
    return render_template("print.html", page="sessions", session=_shown(record), boot=boot)


@blueprint.get("/progress")
def progress() -> str:
    """Medians and spread per part and side: `?span=4w` by day, `?span=3m` by week, `?span=all`; `?person=2`."""
    span = progress_view.span_of(request.args.get("span", ""))
    person = request.args.get("person", None, int)
    try:
        shown = progress_view.page(services().reader, span, person, texts(), time.time())
    except MissingDatabaseError:
        shown = progress_view.EMPTY
    return render_template("progress.html", page="progress", span=span, shown=shown, person=person)


@blueprint.get("/setup")
def setup() -> str:
    mat = current_mat()
    mats = {name: find_mat(name)[0].mat.name for name in shipped_mats()}
    return render_template(
        "setup.html",
        page="setup",
        mat=mat,
        mats=mats,
        spots=spots(mat),
        languages=languages(),
        cards=_cards(mat),
        chosen=_settings()["practice.exercise"] or services().config.practice.exercise,
        settings=_settings(),
        version=version("backlift-station"),
        boot=_boot("setup", "zone", "limb", "notice", "live"),
    )


@blueprint.get("/sound")
def sound() -> str:
    language: Language = "de" if texts().language == "de" else "en"
    return render_template(
        "sound.html",
        page="sound",
        meanings={name: melody.meaning.in_(language) for name, melody in design().sounds.items()},
        sets=tuple(design().voices),
        settings=_settings(),
        boot=_boot("sound", "live"),
    )


@blueprint.get("/sounds/<sound_set>/<name>.wav")
def sound_file(sound_set: str, name: str) -> Response:
    try:
        return Response(wav(name, sound_set), mimetype="audio/wav")
    except UnknownSoundError as error:
        raise NotFound(str(error)) from None


@blueprint.get("/healthz")
def healthz() -> Response:
    """Whether the dashboard answers, and whether it hears the station.  No data of anybody."""
    return jsonify(dashboard="ok", station=services().live.link_up)


@blueprint.get("/backup")
def backup() -> Response:
    """The whole database as one file, also when nothing else works."""
    target = Path(tempfile.mkdtemp(prefix="backlift-backup-")) / "backlift-backup.db"
    try:
        store_backup(services().config.database, target)
        opened = target.open("rb")
    finally:
        # The open file outlives its name: nothing is left behind when the download ends or breaks.
        target.unlink(missing_ok=True)
        target.parent.rmdir()
    return send_file(opened, mimetype="application/vnd.sqlite3", as_attachment=True, download_name=target.name)


def safe_page(words: str) -> str:
    return render_template("safe.html", page="", words=words)


def error_page(status: int, words: str) -> str:
    return render_template("error.html", page="", status=status, words=words)


def _shown(record: SessionRecord) -> review.Shown:
    reader = services().reader
    return review.session(record, reader.sessions(USUAL_OF, before=record.id), texts(), fault_spans(reader.events(record.id)))


def _settings() -> dict[str, Any]:
    return settings_in_force()


def _people() -> list[Person]:
    try:
        return services().reader.persons()
    except MissingDatabaseError:
        return []


def _cards(mat: Mat) -> list[Card]:
    return cards(load_exercises(services().config.data_dir / "exercises", current_app.logger.warning), mat, texts())


def _boot(*prefixes: str, data: Any = None) -> dict[str, Any]:
    """What a page's script starts from: its texts, and whatever the server knows already."""
    return {"texts": texts().with_prefixes("common", *prefixes), "language": texts().language, "data": data}
