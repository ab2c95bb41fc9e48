"""Frames in even steps of time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def binned(t_s: NDArray[np.float64], values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of each column between each two edges, shape (len(edges) - 1, columns); NaN where there is nothing."""
    out = np.full((len(edges) - 1, values.shape[1]), np.nan)
    step = np.searchsorted(edges, t_s, side="right") - 1
    for column in range(values.shape[1]):
        known = ~np.isnan(values[:, column]) & (step >= 0) & (step < len(out))
        count = np.bincount(step[known], minlength=len(out))
        total = np.bincount(step[known], values[known, column], minlength=len(out))
        out[:, column] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return out


def smoothed(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Moving mean over `width` steps, same length, NaN passed over; NaN where the whole stretch is NaN."""
    width = max(1, int(width))
    known = ~np.isnan(values)
    kernel = np.ones(min(width, len(values)) if len(values) else 1)
    total = np.convolve(np.where(known, values, 0.0), kernel, mode="same")
    count = np.convolve(known.astype(float), kernel, mode="same")
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
