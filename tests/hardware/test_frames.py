"""A reading survives every form it takes: ADC code, volts, printed text."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from hardware.frames import MISSING, Frame, FrameBlock, codes_from_volts, volts_from_codes

codes = npst.arrays(np.int16, npst.array_shapes(max_dims=2, max_side=8), elements=st.integers(-32768, 32767))


@given(codes)
def test_codes_to_volts_and_back_changes_nothing(given_codes):
    np.testing.assert_array_equal(codes_from_volts(volts_from_codes(given_codes)), given_codes)


@given(st.integers(-32767, 32767))
def test_volts_equal_the_text_a_recording_prints_to_the_bit(code):
    # 125 uV steps end after six decimals; the text is built from whole microvolts, without floating point.
    microvolts = abs(code) * 125
    text = f"{'-' if code < 0 else ''}{microvolts // 1_000_000}.{microvolts % 1_000_000:06d}"
    assert volts_from_codes(np.array([code], np.int16))[0] == float(text)


def test_a_missing_channel_is_nan_and_never_a_number():
    volts = volts_from_codes(np.array([0, MISSING, 8000], np.int16))
    assert volts[0] == 0.0 and np.isnan(volts[1]) and volts[2] == 1.0


def test_conversion_leaves_its_input_alone():
    given_volts = np.array([np.nan, 1.0])
    codes_from_volts(given_volts)
    assert np.isnan(given_volts[0]) and given_volts[1] == 1.0


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=5, unique=True).map(sorted))
def test_a_block_keeps_the_frames_in_order_with_their_own_times(times_us):
    frames = [Frame(t, np.array([i, -i], np.int16), np.zeros(2, np.int32)) for i, t in enumerate(times_us)]
    block = FrameBlock.of(frames)
    assert len(block) == len(frames)
    assert [round(t * 1e6) for t in block.t_s] == times_us
    assert block.volts[:, 0].tolist() == [i / 8000 for i in range(len(frames))]
