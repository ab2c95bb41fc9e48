"""Kinds of recordings: sensors and wires as real ones are, under ordinary lifts.

Seen in readings of real FSRs, velostat and resistive insoles: creep of up to 30 % per decade, exact zeros, equal codes for seconds,
rests that differ by 2 : 1, 8-30 frames a second, resistors nobody wrote down, contact lingering below the break force, loads that
lie beside the sensor, readings near the supply, and wires that break before or in a lift.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from msgspec import structs

from hardware.sim.draft import Draft, draw_lift, on_mat, one_of, uncalibrated
from hardware.sim.script import Rest, Script, Step, WireFault
from hardware.sim.sensors import G_FORCE

HALF_OFF = (0.22, 0.40)
"""Share of the usual load on elbows and feet that lie half off their marks."""
FAINT = (0.07, 0.14)
"""The same where they touch the sensor with an edge only."""


def _creep30(draft: Draft) -> None:
    rng, n = draft.rng, len(draft.mat.zone)
    draft.change(creep_per_decade=rng.uniform(0.15, 0.3, n), creep_remains=rng.uniform(0.0, 0.4, n))
    draft.arrives = rng.random() < 0.5


def _coarse(draft: Draft) -> None:
    """A quiet amplifier with coarse steps: equal codes for seconds, exact zeros under nothing."""
    n = len(draft.mat.zone)
    draft.step_v = float(draft.rng.choice([0.004, 0.013, 0.026]))
    nothing = np.zeros(n)
    draft.change(noise_v=nothing, mains_v=nothing, below_break=nothing, creep_remains=nothing)
    draft.person = replace(draft.person, tremor_share=draft.person.tremor_share * 0.3)


def _lowrate(draft: Draft) -> None:
    draft.rate_hz = float(draft.rng.uniform(8.0, 30.0))


def _unequal(draft: Draft) -> None:
    """One side carries twice what the other does."""
    left = float(draft.rng.choice([2.0, 0.5]))
    share = np.array([left**0.5 if zone.x_cm < 0 else left**-0.5 if zone.x_cm > 0 else 1.0 for zone in draft.mat.zone])
    draft.person = replace(draft.person, rest_n=draft.person.rest_n * share)


def _unknown(draft: Draft) -> None:
    """The mat file names some resistor, the wiring has another, and nobody has calibrated anything."""
    rng = draft.rng
    draft.mat = uncalibrated(draft.mat)
    draft.file_mat = draft.mat
    true_ohms = float(rng.choice([1000.0, 2200.0, 22000.0, 47000.0]))
    draft.mat = structs.replace(draft.mat, zone=tuple(structs.replace(zone, resistor_ohms=true_ohms) for zone in draft.mat.zone))


def _saturated(draft: Draft) -> None:
    """Heavy loads on sensors that give no more: most of the fall happens before the reading moves much."""
    k, gamma = float(np.median(draft.traits.k)), float(np.median(draft.traits.gamma))
    draft.person = replace(draft.person, rest_n=draft.person.rest_n * float(draft.rng.uniform(1.5, 2.5)))
    draft.change(saturation_siemens=k * float(draft.rng.uniform(8.0, 25.0)) ** gamma)


def _linger(draft: Draft) -> None:
    """The limb comes down so softly that its load stays below the sensor's break force for a while."""
    rng, n = draft.rng, len(draft.mat.zone)
    draft.lift_ranges |= {"landing_share": (0.005, 0.06), "landing_s": (0.3, 2.5), "melt_s": (3.0, 15.0)}
    draft.change(on_n=rng.uniform(40.0, 90.0, n) * G_FORCE, off_n=rng.uniform(25.0, 38.0, n) * G_FORCE)


def _on_lead_zones(draft: Draft, zones: int, shares: tuple[float, float]) -> None:
    on_mat(draft, zones)
    leads = {limb.zones[0] for limb in draft.mat.limb}
    share = np.array([draft.rng.uniform(*shares) if name in leads else 1.0 for name in draft.mat.zone_names])
    draft.person = replace(draft.person, rest_n=draft.person.rest_n * share)


def _offmark(draft: Draft) -> None:
    _on_lead_zones(draft, 16, HALF_OFF)


def _offmark4(draft: Draft) -> None:
    _on_lead_zones(draft, 4, HALF_OFF)


def _faint(draft: Draft) -> None:
    _on_lead_zones(draft, 16, FAINT)


def _faint4(draft: Draft) -> None:
    _on_lead_zones(draft, 4, FAINT)


def _cut_before(draft: Draft) -> None:
    """A wire breaks between two lifts and stays broken; often one of a following zone, which only the total shows."""
    draft.script = lambda d: _cut_script(d, before=True)


def _cut_during(draft: Draft) -> None:
    """A wire breaks in the midst of a lift and stays broken."""
    draft.script = lambda d: _cut_script(d, before=False)


def _cut_script(draft: Draft, before: bool) -> Script:
    rng, mat = draft.rng, draft.mat
    limb = one_of(rng, [limb for limb in mat.limb if len(limb.zones) > 1] or list(mat.limb))
    zone = limb.zones[int(rng.random() < 0.75 and len(limb.zones) > 1)]
    lifts = [draw_lift(draft, one_of(rng, mat.limb).name), draw_lift(draft, limb.name)]
    lifts += [draw_lift(draft, one_of(rng, mat.limb).name), draw_lift(draft, limb.name)]
    steps: list[Step] = []
    for number, lift in enumerate(lifts):
        rest = Rest(float(rng.uniform(6.0, 11.0)))
        when_s = 0.5 * rest.duration_s if before else 0.5 * lift.prepare_s + float(rng.uniform(0.0, lift.aloft_s))
        cut = (WireFault(zone, "cut", delay_s=when_s, for_good=True),) if number == 1 else ()
        steps += [(rest, *cut), (lift,)] if before else [(rest,), (lift, *cut)]
    steps.append((Rest(8.0),))
    return Script(tuple(steps))


SENSOR_KINDS: dict[str, Callable[[Draft], None]] = {
    "creep30": _creep30,
    "coarse": _coarse,
    "lowrate": _lowrate,
    "unequal": _unequal,
    "unknown": _unknown,
    "saturated": _saturated,
    "linger": _linger,
    "offmark": _offmark,
    "offmark4": _offmark4,
    "faint": _faint,
    "faint4": _faint4,
    "cutbefore": _cut_before,
    "cutduring": _cut_during,
}
