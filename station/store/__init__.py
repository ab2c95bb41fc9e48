"""Sessions on a card that people unplug: one writer (`Store`), any number of readers (`Reader`).

    with Store(path) as store:                      with Reader(path) as reader:
        store.begin_session(t_s, ...)                   reader.sessions()
        store.add_frames(block); store.add(event)       reader.session(7).repetitions
        store.commit()                                  reader.trace(7, pixels=1200)

What `commit` acknowledged survives a power cut.  database.py opens with an essay on how.
"""

from station.store.reader import Reader
from station.store.store import Store
from station.store.store_errors import (
    BadArchiveError,
    CardFailingError,
    CardFullError,
    CorruptDatabaseError,
    MissingDatabaseError,
    NewerDatabaseError,
    NotStoredError,
    StoreError,
    WriterBusyError,
)

__all__ = [
    "BadArchiveError",
    "CardFailingError",
    "CardFullError",
    "CorruptDatabaseError",
    "MissingDatabaseError",
    "NewerDatabaseError",
    "NotStoredError",
    "Reader",
    "Store",
    "StoreError",
    "WriterBusyError",
]
