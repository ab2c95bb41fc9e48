"""The rows of the past, as arrays one can look back through: the last minutes whole, the last hour in means.

A lift may last any time, so what looks back needs more than a fixed window of rows; but a movement of minutes does not need them
one by one.  `FINE_ROWS` are kept as they came (three minutes at 25 a second), before them means of `MERGED` rows (half an hour).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FINE_ROWS = 4500
COARSE_ROWS = 4500
MERGED = 10


class _Ring:
    """The last `rows` rows of `columns` numbers, in constant memory."""

    def __init__(self, rows: int, columns: int) -> None:
        self._keep = rows
        self._t_s = np.zeros(2 * rows)
        self._values = np.zeros((2 * rows, columns))
        self._end = 0

    def append(self, t_s: float, values: Array) -> None:
        if self._end == 2 * self._keep:
            self._t_s[: self._keep] = self._t_s[self._keep :]
            self._values[: self._keep] = self._values[self._keep :]
            self._end = self._keep
        self._t_s[self._end] = t_s
        self._values[self._end] = values
        self._end += 1

    def times(self, rows: int) -> Array:
        return self._t_s[max(0, self._end - min(rows, self._keep)) : self._end]

    def values(self, rows: int) -> Array:
        return self._values[max(0, self._end - min(rows, self._keep)) : self._end]

    def since(self, t_s: float) -> int:
        times = self.times(self._keep)
        return len(times) - int(np.searchsorted(times, t_s))


class History:
    """Rows of `columns` numbers with their times.

    >>> history = History(1, fine_rows=3)
    >>> for second in range(5):
    ...     history.append(float(second), np.array([10.0 * second]))
    >>> history.times(2).tolist(), history.values(2)[:, 0].tolist()
    ([3.0, 4.0], [30.0, 40.0])
    """

    def __init__(self, columns: int, fine_rows: int = FINE_ROWS, coarse_rows: int = COARSE_ROWS) -> None:
        self._fine = _Ring(fine_rows, columns)
        self._coarse = _Ring(coarse_rows, columns)
        self._fine_rows = fine_rows
        self._sum: Array = np.zeros(columns)
        self._sum_t_s = 0.0
        self._summed = 0

    def append(self, t_s: float, values: Array) -> None:
        """Add one row; `values` has shape (columns,)."""
        self._fine.append(t_s, values)
        self._sum += values
        self._sum_t_s += t_s
        self._summed += 1
        if self._summed == MERGED:
            self._coarse.append(self._sum_t_s / MERGED, self._sum / MERGED)
            self._sum[:] = 0.0
            self._sum_t_s, self._summed = 0.0, 0

    def times(self, rows: int) -> Array:
        """Times of the last `rows` rows (fewer if there are fewer), unmerged; a view."""
        return self._fine.times(rows)

    def values(self, rows: int) -> Array:
        """Values of the last `rows` rows, shape (rows, columns), unmerged; a view."""
        return self._fine.values(rows)

    def back(self, since_s: float) -> tuple[Array, Array]:
        """Times (n,) and values (n, columns) since a time: merged where that is long ago, else whole."""
        rows = self._fine.since(since_s)
        if rows < self._fine_rows:
            return self._fine.times(rows), self._fine.values(rows)
        times, values = self._fine.times(rows), self._fine.values(rows)
        older = self._coarse.since(since_s)
        old_times, old_values = self._coarse.times(older), self._coarse.values(older)
        before = int(np.searchsorted(old_times, times[0]))
        return np.concatenate([old_times[:before], times]), np.concatenate([old_values[:before], values])
