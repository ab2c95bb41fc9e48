"""Every number the detector decides by, in groups, each with its unit, its bounds and where it comes from.

Times that are the body's own are ratios to the movement that goes on: there is no longest prepare, time aloft or melt.  What is
left in seconds belongs to a sensor, to the converter or to the definition of a lift.  `replace(parameters, name, value)` makes a
changed set, `table()` lists them all, for `backlift bench --sensitivity`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field, fields
from typing import Any


def _number(default: float, low: float, high: float, unit: str, source: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "unit": unit, "source": source})


@dataclass(frozen=True, slots=True)
class Definitions:
    """What the words mean; changing one of these changes what is measured, not how well."""

    contact_share: float = _number(0.02, 0.005, 0.1, "share of rest", "definition of contact")
    band_share: float = _number(0.05, 0.02, 0.1, "share of rest", "definition of prepare and melt end")
    shortest_aloft_s: float = _number(1.25, 0.5, 2.0, "s", "a lift lasts 1.3 s aloft, a fidget 1.2 s")
    unweighting_depth: float = _number(0.1, 0.05, 0.3, "share of rest", "definition of an unweighting")
    part_left_share: float = _number(0.2, 0.05, 0.4, "share of rest", "a zone below this share of its rest counts as lifted")
    longest_gap_s: float = _number(6.0, 2.0, 15.0, "s", "a lift that began or ended in a longer gap of the readings is given up")
    soft_s: float = _number(0.5, 0.2, 1.5, "s", "how much has come back so soon after touch-down says how soft it was")


@dataclass(frozen=True, slots=True)
class Sensor:
    """Foam, force-sensitive resistor and converter."""

    resolved_volts: float = _number(
        0.0025, 0.0005, 0.01, "V", "20 steps of the converter: the least load of which 5 % can be told from nothing"
    )
    quiet_volts: float = _number(
        0.00003, 0.00001, 0.0002, "V", "rounding of the converter, its step over the square root of 12: no zone is quieter"
    )
    creep_per_decade: float = _number(
        0.05, 0.0, 0.2, "share per decade", "Interlink 400 series 5 %; fixed 5 % halves prepare errors against none"
    )
    left_share: float = _number(
        0.045, 0.03, 0.05, "share of rest", "reading given up when 5 % of the load has left: hysteresis of 10-20 % holds it back"
    )
    band_sd_share: float = _number(
        0.01, 0.003, 0.03, "share of rest", "standard deviation of that reading, from hysteresis and creep, sensor to sensor"
    )
    least_decades: float = _number(
        0.25, 0.1, 0.6, "decades of time", "a rest that spans less does not show creep beside breath and sway"
    )
    usual_lag_s: float = _number(
        0.14, 0.05, 0.3, "s", "of a zone that has not let go yet: slow closed-cell foam, 0.03-0.15 s measured"
    )
    lag_from_share: float = _number(0.3, 0.15, 0.5, "share of rest", "how quickly the reading falls from here on bounds the lag")
    lag_margin: float = _number(
        1.35, 1.0, 1.6, "ratio", "a limb still carries something while it leaves, so no fall shows all of it"
    )
    let_go_from_share: float = _number(0.1, 0.05, 0.2, "share of rest", "the lag of a whole fall is read from here ...")
    let_go_to_share: float = _number(0.02, 0.01, 0.04, "share of rest", "... to here: contact is lost between them")
    fall_s: float = _number(4.0, 1.0, 10.0, "s", "a fall that shows how a zone lets go began no longer before its lift-off")
    lag_borne_share: float = _number(
        0.85, 0.4, 1.0, "share of the lag", "announced before its lag has been seen, a lift-off must be sure"
    )
    resting_lag_s: float = _number(
        0.06, 0.0, 0.1, "s", "of foam that keeps most of its load, where prepare begins and melt ends; 0.1: prepare 0.03 s early"
    )
    shortest_lag_s: float = _number(0.02, 0.005, 0.05, "s", "half a row")
    leaving_level: float = _number(
        0.026,
        0.01,
        0.06,
        "share of rest",
        "reading above the floor, less the lag, at 2 % contact: sensors are steeper at small loads",
    )
    pressed_level: float = _number(
        0.03, 0.01, 0.06, "share of rest", "the same at touch-down, lag and all, where something always presses"
    )
    break_n: float = _number(0.45, 0.2, 0.8, "N, nominal", "break force of the 400 series when it is loaded, 40-50 g")
    below_break: float = _number(
        0.35,
        0.05,
        1.0,
        "share",
        "of the reading that is left just below the break force; from there it falls to nothing with the load",
    )
    largest_creep: float = _number(
        0.2, 0.1, 0.3, "share per decade", "no sensor in use creeps more; with 0.33 nothing would be left"
    )
    sensed_share: float = _number(0.05, 0.02, 0.2, "of the contact level", "a row that reads less is taken for this much")
    creep_soonest_s: float = _number(0.5, 0.1, 1.5, "s", "nobody lands in less: before that, log time means nothing")
    most_volts: float = _number(6.0, 4.0, 8.0, "V", "no converter reads more than 5 V: beyond it a reading is an error")
    usual_siemens: float = _number(4.5e-5, 1e-5, 2e-4, "S per N", "Interlink 402 and 406 in a divider, without calibration")
    most_n: float = _number(2000.0, 500.0, 5000.0, "N", "a person's whole weight twice: a node at the supply is no infinite load")
    landing_lag_s: float = _number(0.025, 0.0, 0.06, "s", "of foam that is loaded, 0.012-0.04 s")
    pressed_share: float = _number(
        0.003, 0.001, 0.05, "share of rest", "a floor above this means that something presses on the sensor; bare ones read 0-0.002"
    )
    level_spread: float = _number(
        0.8,
        0.1,
        2.0,
        "natural log",
        "spread of the contact reading between zones: what is left below the break force varies by so much",
    )


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of the sensor and ratios to the movement's own duration."""

    rest_rises_s: float = _number(1.0, 0.3, 4.0, "s", "a limb put down is at rest within about a second")
    rest_sinks_s: float = _number(60.0, 15.0, 300.0, "s", "5 s instead of 60 s: precision .98 for 1.0 on slow practice")
    lost_s: float = _number(0.12, 0.04, 0.4, "s", "three rows: longer than the bounce of a tremor")
    lost_wait_ratio: float = _number(
        0.055, 0.0, 0.15, "of the fall", "the same for a slow fall, which goes on below the level of contact"
    )
    bare_s: float = _number(0.06, 0.04, 0.2, "s", "two rows, where next to nothing is read")
    landing_s: float = _number(0.2, 0.08, 0.5, "s", "a rise that doubles within this is a landing, not a drift")
    rested_s: float = _number(1.0, 0.3, 3.0, "s", "a zone that carried its load for less was only touched")
    floor_sinks_s: float = _number(0.06, 0.03, 0.2, "s", "how fast the floor of a zone aloft follows what reads less, ...")
    floor_sinks_ratio: float = _number(0.1, 0.03, 0.3, "of aloft", "... and at least so slowly")
    floor_rises_s: float = _number(1.0, 0.3, 3.0, "s", "the same for what reads more: recovering sensors sink, they do not rise")
    floor_rises_ratio: float = _number(3.0, 1.0, 10.0, "of aloft", "... and at least so slowly")
    aloft_noise_s: float = _number(2.0, 0.5, 6.0, "s", "over how long the noise of a zone aloft is learned")
    near_wait_ratio: float = _number(0.3, 0.05, 1.0, "of the fall", "how long a lead zone must stay near its floor")
    near_wait_s: float = _number(0.5, 0.2, 1.0, "s", "the longest such wait while it reads under near_share")
    trembles_s: float = _number(0.3, 0.1, 1.0, "s", "over so long a level near the floor must not tremble; two periods of a tremor")
    high_flat_ratio: float = _number(0.6, 0.2, 2.0, "of the fall", "how long a higher level must be flat to be a floor")
    shortest_high_flat_s: float = _number(1.2, 0.4, 3.0, "s", "and at least so long: longer than a heartbeat")
    sinks_s: float = _number(2.0, 0.5, 8.0, "s", "... within this time; sensors recover more slowly")
    shortest_rest_s: float = _number(0.6, 0.3, 1.5, "s", "three means of 0.2 s say whether a load is calm")
    rest_read_s: float = _number(15.0, 5.0, 40.0, "s", "a rest's level is read from its last breaths, not from its first minutes")
    fit_s: float = _number(6.0, 3.0, 15.0, "s", "rows of a rest count less the longer ago they are; two breaths")
    breath_s: float = _number(4.0, 2.0, 10.0, "s", "a shorter rest holds no breath to be learned from the trunk")
    dwelling_s: float = _number(
        120.0, 40.0, 400.0, "s", "how long it counts where the limb spent its time; a visit's rests, not its first minutes"
    )
    settle_s: float = _number(0.5, 0.3, 2.0, "s", "least calm after a melt; 0.6 announces ordinary melts 0.1 s later, no better")
    settle_near_ratio: float = _number(
        0.03, 0.0, 0.5, "of the melt", "how much longer, wherever the load has come to rest; 0.15: 0.4 s later, no better"
    )
    settle_far_ratio: float = _number(
        35.0, 10.0, 80.0, "of the movement, per squared share of rest", "away from the old rest: 0.35 at 10 %, 1.4 at 20 %"
    )
    usual_distance: float = _number(
        0.03, 0.01, 0.1, "share of rest", "how far from the rest before a load settles, until a person's own melts have shown it"
    )
    usual_melts: float = _number(2.0, 0.5, 8.0, "melts", "how much that counts beside them")
    most_distance: float = _number(
        0.06, 0.03, 0.3, "share of rest", "a melt that ended farther away counts as this far: it may be wrong"
    )
    settle_most_ratio: float = _number(3.0, 1.0, 16.0, "of the movement", "far away; a new level is a rest in the end")
    settle_lead_share: float = _number(
        0.6, 0.2, 1.0, "ratio", "what the lead zone lacks counts so much as distance; 1 waits for ever after a slide"
    )
    settle_prepare_ratio: float = _number(0.4, 0.1, 1.0, "of prepare", "who engages slowly releases slowly")
    settle_aloft_ratio: float = _number(0.3, 0.05, 1.0, "of aloft", "the same")
    tail_ratio: float = _number(
        0.25, 0.05, 1.0, "of the melt", "a settled load may drift on for so long at its last slope: part of the stated error"
    )
    drift_ratio: float = _number(
        0.45, 0.1, 1.0, "of the melt", "a drift is looked at over this long; 0.3: largest errors of slow melts double"
    )
    drift_read_share: float = _number(
        0.67,
        0.2,
        1.0,
        "of the flat stretch",
        "its end, where a drift is read; 1: slow melts announced 2 s later; 0.5: 10 s errors for 5 s",
    )
    ahead_ratio: float = _number(
        0.1,
        0.0,
        0.5,
        "of the melt",
        "a settling load goes on for so long as it did last; 0: slow melts 0.18-0.6 s off for 0.12-0.4 s",
    )
    ahead_read_share: float = _number(0.34, 0.1, 1.0, "of the flat stretch", "its end, where that is read")
    rest_again_ratio: float = _number(
        2.0, 0.5, 5.0, "of the change", "a new level becomes rest when it held this much longer than the change took"
    )
    rest_adapts_s: float = _number(3.0, 1.0, 10.0, "s", "at rest the level follows what creeps and settles, within a breath")
    rest_learns_s: float = _number(0.8, 0.3, 2.0, "s", "over how long a level beside the rest is averaged")
    checking_s: float = _number(1.5, 0.5, 4.0, "s", "a melt is shown as being checked when it would be over so soon")
    new_rest_s: float = _number(
        60.0, 20.0, 180.0, "s", "how far back a new rest is looked for: row by row, at each row, that is what it may cost"
    )
    quiet_s: float = _number(0.6, 0.2, 1.5, "s", "a load that came back for so long has come to rest")
    away_s: float = _number(0.12, 0.04, 0.4, "s", "a load that left its rest for so long moves; three rows")
    rest_again_s: float = _number(4.5, 2.0, 10.0, "s", "and at least as long as a breath")


@dataclass(frozen=True, slots=True)
class Decision:
    """Levels and margins, as shares of rest."""

    lost_share: float = _number(0.05, 0.01, 0.1, "share of rest", "contact is lost at once below this")
    bare_share: float = _number(0.025, 0.005, 0.05, "share of rest", "contact is lost at once below this, even for two rows")
    near_share: float = _number(
        0.075, 0.05, 0.12, "share of rest", "contact is lost below this after a while, unless it trembles: so little is seldom held"
    )
    high_share: float = _number(
        0.47, 0.2, 0.6, "share of rest", "floors reach 35 % of rest in conductance, 45 % where the sensor's power is not known"
    )
    high_flat_share: float = _number(0.006, 0.002, 0.03, "share of rest", "how much a flat level may move to be a floor")
    floor_growth: float = _number(
        1.6,
        1.1,
        3.0,
        "ratio",
        "a floor is not above this many times the lowest level ever seen; insoles: precision .95, .67 without",
    )
    floor_margin: float = _number(0.06, 0.02, 0.15, "share of rest", "... plus this")
    others_growth: float = _number(
        4.0, 1.0, 8.0, "ratio", "how much higher than any other lead zone's a floor may be; a mat presses everywhere or nowhere"
    )
    tremor_share: float = _number(
        0.0006,
        0.0002,
        0.002,
        "share of rest",
        "unevenness of a held limb at 3-12 Hz; steady force varies by .3-1 % in all",
    )
    tremor_noise: float = _number(
        2.5, 1.3, 4.0, "ratio to noise", "simulated floors 0.1-1.2, half-lifts 3-65; practice recordings 12-15"
    )
    fall_begins_share: float = _number(0.6, 0.55, 0.8, "share of rest", "below this a fall has begun")
    noise_level: float = _number(3.0, 1.5, 6.0, "standard deviations", "touch-down is not dated below this")
    landing_level: float = _number(
        1.3, 1.05, 3.0, "ratio", "how far beyond the level at contact a rise is contact that doubles at once"
    )
    known_growth: float = _number(
        0.3, 0.1, 1.0, "share of the floor", "a level so far above the floor of earlier lifts is proved twice as long"
    )
    touching_share: float = _number(0.12, 0.08, 0.3, "share of rest", "above this a zone is in contact for certain")
    sinks_share: float = _number(
        0.05, 0.03, 0.12, "share of rest", "a floor does not sink by this; what did was a limb that still touched"
    )
    touch_share: float = _number(0.010, 0.002, 0.03, "share of rest", "a rise above the floor worth watching")
    touch_noise: float = _number(
        4.0, 2.0, 8.0, "standard deviations", "of the row's own noise; by its variance: recall .65 for 1.0 on slow practice"
    )
    touch_floor: float = _number(0.08, 0.02, 0.25, "share of the floor", "a higher floor moves more")
    touch_sure_share: float = _number(0.04, 0.015, 0.1, "share of rest", "a rise above the floor that only contact makes")
    calm_share: float = _number(0.044, 0.02, 0.08, "share of rest", "a calm stretch stays within this")
    below_top_cost: float = _number(
        20.0, 5.0, 60.0, "1", "cost of a rest below a level of as much time; without it prepare p95 6.9 for 1.45 s on slow practice"
    )
    accompanied_share: float = _number(
        0.2,
        0.05,
        1.0,
        "of the time",
        "what a limb carries while another one moves is seldom its rest; 1: stepping, prepare p95 11 s",
    )
    comparable_time: float = _number(
        0.5,
        0.3,
        1.0,
        "ratio",
        "a level is compared with others of this share of its time; 0.7: slow prepare p95 23 for 3.8 s, 0.4: stepping 13 for 0.2 s",
    )
    drift_prior: float = _number(0.02, 0.005, 0.06, "share per 10 s", "how much the load of a limb at rest may drift")
    breath_prior: float = _number(0.03, 0.01, 0.1, "share of rest", "how much of a limb's load may be breath")
    least_readings: float = _number(1.5, 1.0, 3.0, "1", "so many independent readings a rest is worth at least, else one per 0.5 s")
    least_noise: float = _number(0.0003, 0.0001, 0.002, "share of rest", "no rest is calmer than rounding lets it be")
    lead_low_share: float = _number(0.85, 0.7, 0.95, "share of rest", "the lead zone moves first: below this a limb prepares, ...")
    lead_high_share: float = _number(1.3, 1.1, 2.0, "share of rest", "... or above this: it presses before it leaves")
    silent_left_share: float = _number(0.2, 0.1, 0.5, "share of rest", "other zones that lost less say nothing by coming back")
    silent_back_share: float = _number(
        0.2, 0.1, 0.4, "of what left", "a body seldom settles exactly as it lay before; so much is back when the lead zone touches"
    )
    beginning_share: float = _number(
        0.2, 0.05, 0.4, "of a calm stretch", "its end may already be the beginning of the movement, and is not read"
    )
    first_rest_share: float = _number(0.04, 0.02, 0.08, "share of load", "the first rest of a visit moves by less within a second")
    new_rest_share: float = _number(0.03, 0.01, 0.05, "share of load", "a load that has found another rest moves by less")
    follows_share: float = _number(0.04, 0.02, 0.05, "share of rest", "a rest follows changes smaller than this; inside the band")
    pressed_before_share: float = _number(0.3, 0.2, 0.6, "share of its most", "rest ended before the lead zone last carried this")
    flat_share: float = _number(0.025, 0.01, 0.04, "share of level", "half the band: what stays within it is within 5 % of its end")
    flat_slope_share: float = _number(
        0.03, 0.01, 0.1, "share of rest", "how far a settled load may still drift while it is watched"
    )


@dataclass(frozen=True, slots=True)
class Presence:
    """Who is on the mat.  Where a zone is not calibrated, newtons are nominal (its conductance over a usual one) and only say that
    a sensor is in use at all."""

    loaded_n: float = _number(4.0, 1.0, 10.0, "N, nominal", "covers press up to 3 N")
    loaded_zones_share: float = _number(0.4, 0.2, 0.8, "share of zones", "a person lies on more of them than a cushion does")
    least_n: float = _number(
        0.5, 0.1, 2.0, "N, nominal", "break force of the 400 series, 0.2-0.5 N: below it a sensor reads next to nothing"
    )
    change_ratio: float = _number(2.0, 1.3, 4.0, "ratio", "no sensor or cover doubles within two seconds by itself")
    top_rises_s: float = _number(0.2, 0.1, 1.0, "s", "a load that lasts so long is what the zone carries")
    held_s: float = _number(4.0, 2.0, 10.0, "s", "who shows within this of the first frame lay there when the station started")
    left_growth: float = _number(1.2, 1.05, 2.0, "ratio", "a thing left behind may read so much more without anybody coming")
    settling_s: float = _number(1.0, 0.3, 3.0, "s", "converters settle when a station starts: no life is looked for")
    life_share: float = _number(
        0.002, 0.0005, 0.01, "share of load", "breath moves loads by 0.3-6 %; simulated empty mats stay below 0.0005"
    )
    life_noise: float = _number(5.0, 3.0, 10.0, "standard deviations", "of the mean over 0.2 s")
    forgets_s: float = _number(300.0, 60.0, 1200.0, "s", "how long a zone counts as used")
    carries_share: float = _number(0.2, 0.1, 0.4, "share of its load", "a zone below this carries nothing")
    empty_share: float = _number(0.2, 0.05, 0.4, "share of used zones", "so many may still be pressed on an empty mat")
    empty_s: float = _number(2.0, 1.0, 5.0, "s", "getting up takes longer than rolling over")
    small_mat_empty_s: float = _number(
        300.0, 60.0, 1200.0, "s", "where all used zones may be aloft at once only time tells; lifts of three minutes are practised"
    )
    lifeless_s: float = _number(180.0, 60.0, 900.0, "s", "nobody holds his breath for three minutes")
    mostly_empty_share: float = _number(0.4, 0.2, 0.6, "share of zones", "who lies down loads more than this")
    still_s: float = _number(2.0, 1.0, 5.0, "s", "half a breath")
    still_share: float = _number(0.04, 0.02, 0.1, "share of load", "breath of a person at rest")


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Least and usual standard deviations of what is told; no moment is another for them."""

    level_share: float = _number(0.003, 0.001, 0.01, "share of rest", "no rest level is known better")
    provisional_share: float = _number(0.01, 0.003, 0.03, "share of rest", "that of a rest while a prepare is provisional")
    melt_end_s: float = _number(0.03, 0.02, 0.2, "s", "no melt's end is known better: foam and creep are at work")
    lift_off_s: float = _number(0.045, 0.01, 0.1, "s", "no lift-off is known better; 0.03 held a third of them in one deviation")
    contact_s: float = _number(0.03, 0.01, 0.1, "s", "no touch-down is known better")
    contact_depth: float = _number(1.2, 0.4, 2.5, "of the contact level", "how far a fall's straight line may miss it")
    ramp_share: float = _number(0.1, 0.05, 0.2, "share of rest", "how steep a fall is near contact is read from here to contact")
    unclear_s: float = _number(0.15, 0.05, 0.5, "s", "a contact of which too few rows are left")
    most_s: float = _number(2.0, 0.5, 5.0, "s", "no touch-down is unsure by more, however slowly the load rises")
    silent_s: float = _number(0.5, 0.2, 2.0, "s", "a touch-down that only the limb's other zones told")


@dataclass(frozen=True, slots=True)
class Parameters:
    """All of them."""

    definitions: Definitions = field(default_factory=Definitions)
    sensor: Sensor = field(default_factory=Sensor)
    timing: Timing = field(default_factory=Timing)
    decision: Decision = field(default_factory=Decision)
    presence: Presence = field(default_factory=Presence)
    uncertainty: Uncertainty = field(default_factory=Uncertainty)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the table; name is "group.name"."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    source: str


def table(parameters: Parameters | None = None) -> tuple[Entry, ...]:
    """Every parameter, in order."""
    whole = parameters or Parameters()
    return tuple(
        Entry(f"{group.name}.{one.name}", getattr(getattr(whole, group.name), one.name), **one.metadata)
        for group in fields(whole)
        for one in fields(getattr(whole, group.name))
    )


def replace(parameters: Parameters, name: str, value: float) -> Parameters:
    """The same with one of them changed.  Raises KeyError for a name that does not exist."""
    group, _, one = name.partition(".")
    if group not in {x.name for x in fields(parameters)} or one not in {x.name for x in fields(getattr(parameters, group))}:
        raise KeyError(name)
    changed = dataclasses.replace(getattr(parameters, group), **{one: value})
    return dataclasses.replace(parameters, **{group: changed})
