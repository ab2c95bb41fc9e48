"""The detector reaches on simulated practice what it reached when the bounds were set, and a plain threshold never does better.

Other seeds than those of `backlift bench`; see bounds.py for where the numbers come from.
"""

from __future__ import annotations

import bounds
import pytest

from station.bench.accuracy import quality


@pytest.mark.timeout(900)  # minutes of simulated practice, on a machine that may be busy
@pytest.mark.parametrize("name", bounds.BOUNDS)
def test_the_detector_is_as_good_as_it_was(name: str) -> None:
    reached = bounds.reach(name)
    assert reached.raised == ()
    missed = []
    found = bounds.figures(reached.detector)
    for figure, (least, most) in bounds.BOUNDS[name].items():
        value = found[figure]
        if value is None or (least is not None and value < least) or (most is not None and value > most):
            missed.append(f"{figure} is {value}, must be {least} to {most}")
    assert missed == [], "; ".join(reached.detector.worst[:12])
    assert quality(reached.detector) >= quality(reached.threshold), "a plain threshold does better"
