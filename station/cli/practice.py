"""`backlift practice` and `backlift sounds`: guiding from the command line, and what the sounds are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hardware.errors import BackliftError

if TYPE_CHECKING:
    from hardware.frames import FrameBlock
    from hardware.mat import Mat
    from station.practice.exercise import Exercise, Language
    from station.practice.rehearsal import Rehearsal
    from station.service.ipc import IpcClient

REHEARSED_S = 310.0
"""More than one lap of the simulated practice, from lying down to getting up."""


class SoundFileError(BackliftError, OSError):
    """A sound cannot be written or played."""


def _where(function: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say which station is meant."""
    for option in (
        click.option("--runtime", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the station's socket."),
        click.option("--simulate", is_flag=True, help="The station that runs with --simulate."),
    ):
        function = option(function)
    return function


_config = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="BACKLIFT_CONFIG",
    help="station.toml; without it the defaults.",
)


def _link(runtime: Path | None, simulate: bool) -> IpcClient:
    from station.service.ipc import IpcClient
    from station.service.runtime import SOCKET_NAME, runtime_dir

    return IpcClient((runtime or runtime_dir("backlift-simulated" if simulate else "backlift")) / SOCKET_NAME)


@click.group()
def practice() -> None:
    """Choose an exercise; begin, pause and end a session from here.

    None of it is needed: lie down and be still, and the session begins automatically.

    \b
    Example:
      backlift practice list
      backlift practice start leg
      backlift practice watch
    """


@practice.command("list")
@click.option("--mat", metavar="FILE", help="Also say what this mat cannot feel.")
@click.option("--german", is_flag=True, help="In German.")
@click.option("--simulate", is_flag=True, help="The exercises of the station that runs with --simulate.")
@_config
def list_(mat: str | None, german: bool, simulate: bool, config: Path | None) -> None:
    """List the exercises: those that come with the station, and your own.

    Your own are TOML files in the folder that the last line names; a running station reads it at every start of an exercise.

    \b
    Example:
      backlift practice list --mat full-16
    """
    from hardware.mats import find_mat
    from station.practice.exercise import for_mat, missing_limbs

    language: Language = "de" if german else "en"
    found = find_mat(mat)[0] if mat else None
    for name, exercise in _exercises(config, simulate).items():
        click.echo(f"{name:26} {exercise.title.in_(language)}")
        click.echo(f"{'':26} {exercise.about.in_(language)}")
        for step in exercise.steps:
            click.echo(f"{'':28} {step.repetitions} x {step.title.in_(language)} ({', '.join(step.limbs)})")
        missing = missing_limbs(exercise, found) if found else ()
        if missing and found:
            rest = "the other steps are guided" if for_mat(exercise, found) else "so it cannot be guided on it"
            click.echo(f"{'':28} this mat does not feel {', '.join(missing)}: {rest}")
    click.echo(f"\nYour own exercises: {_folder(config, simulate)}")


def _folder(config: Path | None, simulate: bool) -> Path:
    from station.config import load_config, overridden

    return overridden(load_config(config), simulate=simulate).data_dir / "exercises"


def _exercises(config: Path | None, simulate: bool = False) -> dict[str, Exercise]:
    from station.practice.exercise import load_exercises

    return load_exercises(_folder(config, simulate), lambda words: click.echo(f"left out: {words}", err=True))


@practice.command()
@click.argument("exercise", required=False)
@click.option("--step", type=click.IntRange(1), default=1, show_default=True, help="Begin with this step.")
@_where
def start(exercise: str | None, step: int, runtime: Path | None, simulate: bool) -> None:
    """Guide through an exercise, from its first step or the one named.

    Without a name: the one chosen on the tablet, else the one of station.toml.

    \b
    Example:
      backlift practice start one_of_each
      backlift practice start back_lift --step 3
    """
    args = {"exercise": exercise} if exercise else {}
    answer = _link(runtime, simulate).command("guide_start", {**args, "step": step} if step > 1 else args)
    if answer:
        when = "now" if answer["begins"] == "now" else "when you next lie down on the mat"
        click.echo(f"{answer['exercise']}: begins {when}.")


def _order(name: str, command: str, words: str, **args: str) -> None:
    @practice.command(name, help=f"{words}\n\n\b\nExample:\n  backlift practice {name}")
    @_where
    def order(runtime: Path | None, simulate: bool) -> None:
        _link(runtime, simulate).command(command, args or None)


_order("stop", "session_stop", "End the session now, lying down or not.")
_order("pause", "pause", "Be quiet and do not guide until 'resume'.")
_order("resume", "resume", "Go on after a pause.")
_order("count", "guide_count", "Begin the count of the release now.")
_order("skip", "guide_skip", "Leave the rest of this step out.")
_order("repeat", "guide_repeat", "Do this step again from its first repetition, and hear its instruction.")
_order("back", "guide_back", "Go back to the step before.")
_order("smaller", "guide_feel", "That lift was too much: make your range smaller.", feel="too_much")
_order("larger", "guide_feel", "Let your range grow a little.", feel="larger")


@practice.command()
@_where
def watch(runtime: Path | None, simulate: bool) -> None:
    """Show sounds and words as they come, with their times (Ctrl-C ends).

    \b
    Example:
      backlift practice watch --simulate
    """
    for message in _link(runtime, simulate).subscribe():
        if message["type"] == "cue":
            click.echo(f"{message['at_s']:12.2f}  {message['sound']:12}  {message['say'] or ''}".rstrip())
        elif message["type"] == "event" and message["event"]["type"] == "session":
            click.echo(f"{message['event']['t_s']:12.2f}  session {message['event']['kind']}")


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Write every sound as a WAV file.")
@click.option("--play", "played", metavar="NAME", help="Play one sound through this machine's speaker.")
@click.option(
    "--timeline", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="A whole practice as one WAV file."
)
@click.option("--recording", type=click.Path(path_type=Path), metavar="FILE", help="...of this recording, not a simulated one.")
@click.option("--mat", default="full-16", show_default=True, metavar="FILE", help="Mat of the time line.")
@click.option("--exercise", default="free", show_default=True, metavar="NAME", help="Exercise of the time line.")
@click.option("--counting", is_flag=True, help="Count the release in the time line.")
@click.option("--follow", is_flag=True, help="With the continuous tone that follows the load.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the simulated person.")
@click.option("--set", "sound_set", default="bowl", show_default=True, metavar="NAME", help="Which set of sounds.")
@click.option("--volume", type=click.FloatRange(0, 1), default=0.5, show_default=True)
@_config
def sounds(
    out: Path | None,
    played: str | None,
    timeline: Path | None,
    recording: Path | None,
    mat: str,
    exercise: str,
    counting: bool,
    follow: bool,
    seed: int,
    sound_set: str,
    volume: float,
    config: Path | None,
) -> None:
    """List the sounds, write or play them, or let a whole practice be heard.

    \b
    Example:
      backlift sounds
      backlift sounds --play touch_down
      backlift sounds --timeline practice.wav --counting
      backlift sounds --timeline lesson.wav --recording lesson.csv.gz --mat my.mat.toml
    """
    from station.practice import sounds as made

    made.voice(sound_set)
    if out is not None:
        _write_all(out, sound_set, volume)
    if played is not None:
        _play(played, sound_set, volume)
    if timeline is not None:
        from hardware.mats import find_mat
        from station.practice.exercise import find_exercise, for_mat
        from station.practice.guide import Guide, GuideSettings
        from station.practice.positions import body_map, mat_in
        from station.practice.rehearsal import rehearse
        from station.signal.detector import Detector

        parsed, _ = find_mat(mat)
        chosen = for_mat(find_exercise(exercise, _exercises(config)), parsed)
        if chosen is None:
            raise SoundFileError(f"the mat '{mat}' cannot feel what '{exercise}' moves")
        guide = Guide(chosen, GuideSettings(counting=counting, volume=volume), body_map(parsed))
        frames = _simulated(parsed, seed) if recording is None else _recorded(recording, parsed)
        heard = rehearse(frames, lambda position: Detector(mat_in(parsed, position)), guide)
        _hear(heard, sound_set, timeline, volume if follow else 0.0)
    if out is None and played is None and timeline is None:
        for name, melody in made.design().sounds.items():
            click.echo(f"{name:14} {melody.meaning.en}")
        click.echo(f"\nSets: {', '.join(made.design().voices)}")


def _write_all(folder: Path, sound_set: str, volume: float) -> None:
    from station.practice import sounds as made

    for name in made.design().sounds:
        _write(folder / f"{name}.wav", made.wav(name, sound_set, round(volume * 100)))
        click.echo(folder / f"{name}.wav")


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise SoundFileError(f"{path}: cannot be written: {error.strerror or error}") from None


def _play(name: str, sound_set: str, volume: float) -> None:
    import tempfile
    import time

    from station.practice.cue import Cue
    from station.practice.sounds import melody
    from station.service.speaker import HUNG_AFTER_S, Speaker

    until_s = time.monotonic() + melody(name).length_s + HUNG_AFTER_S + 0.5
    with tempfile.TemporaryDirectory() as folder:
        speaker = Speaker(Path(folder), sound_set=sound_set)
        now_s = time.monotonic()
        speaker.add(Cue(name, now_s, until_s, None, volume))  # type: ignore[arg-type]
        speaker.pump(now_s)
        while speaker.busy and time.monotonic() < until_s:
            time.sleep(0.02)
            speaker.pump(time.monotonic())
        speaker.close()
    if speaker.words:
        raise SoundFileError(speaker.words)


def _recorded(recording: Path, mat: Mat) -> FrameBlock:
    from station.recording import read_recording

    return read_recording(recording, mat.zone_names)


def _simulated(mat: Mat, seed: int) -> FrameBlock:
    """One lap of the simulated practice, 100 frames a second."""
    import numpy as np

    from hardware.frames import FrameBlock, codes_from_volts, volts_from_codes
    from hardware.sim.body import SimulatedMat
    from hardware.sim.script import practice_script

    t_us = np.arange(0, round(REHEARSED_S * 1e6), 10_000)
    volts = SimulatedMat(mat, practice_script(), seed).volts_at(np.repeat(t_us[:, None], len(mat.zone), axis=1))
    return FrameBlock(t_us / 1e6, volts_from_codes(codes_from_volts(volts)))


def _hear(rehearsal: Rehearsal, sound_set: str, path: Path, follow: float) -> None:
    from station.practice.sounds import heard, timeline, wav_of

    samples = timeline(rehearsal.cues, rehearsal.begin_s, rehearsal.end_s, sound_set)
    if follow > 0.0:
        samples += rehearsal.tone(len(samples), follow)
    _write(path, wav_of(samples))
    for cue in heard(rehearsal.cues):
        click.echo(f"{cue.at_s - rehearsal.begin_s:8.2f}  {cue.sound:12}  {cue.say or ''}".rstrip())
    click.echo(f"\n{rehearsal.words()}\n{path}: {rehearsal.end_s - rehearsal.begin_s:.0f} s")
