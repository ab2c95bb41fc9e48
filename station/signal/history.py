"""The last minute of rows, as arrays one can look back through."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class History:
    """Keeps at least the last `rows` rows of `columns` numbers with their times, in constant memory.

    >>> history = History(3, 1)
    >>> for second in range(5):
    ...     history.append(float(second), np.array([10.0 * second]))
    >>> history.times(2).tolist(), history.values(2)[:, 0].tolist()
    ([3.0, 4.0], [30.0, 40.0])
    """

    def __init__(self, rows: int, columns: int) -> None:
        self._keep = rows
        self._t_s = np.zeros(2 * rows)
        self._values = np.zeros((2 * rows, columns))
        self._end = 0

    def append(self, t_s: float, values: NDArray[np.float64]) -> None:
        """Add one row; `values` has shape (columns,)."""
        if self._end == 2 * self._keep:
            self._t_s[: self._keep] = self._t_s[self._keep :]
            self._values[: self._keep] = self._values[self._keep :]
            self._end = self._keep
        self._t_s[self._end] = t_s
        self._values[self._end] = values
        self._end += 1

    def __len__(self) -> int:
        return min(self._end, self._keep)

    def times(self, rows: int) -> NDArray[np.float64]:
        """Times of the last `rows` rows (fewer if there are fewer); a view."""
        return self._t_s[max(0, self._end - min(rows, self._keep)) : self._end]

    def values(self, rows: int) -> NDArray[np.float64]:
        """Values of the last `rows` rows, shape (rows, columns); a view."""
        return self._values[max(0, self._end - min(rows, self._keep)) : self._end]

    def since(self, t_s: float) -> int:
        """How many rows lie at or after `t_s`."""
        times = self.times(self._keep)
        return len(times) - int(np.searchsorted(times, t_s))
