"""What can go wrong with the data, by what the person can do about it.  Each message is one line with the likely cause and the
way out."""

from __future__ import annotations

from hardware.errors import BackliftError


class StoreError(BackliftError, OSError):
    """Base of every error of the store."""


class CardFullError(StoreError):
    """No room left on the card."""


class CardFailingError(StoreError):
    """The card is read-only, gone or answers with input/output errors."""


class CorruptDatabaseError(StoreError):
    """The file is not a sound database any more."""


class NewerDatabaseError(StoreError):
    """A newer program made this database; this one leaves it alone."""


class MissingDatabaseError(StoreError, FileNotFoundError):
    """There is no database yet, so there is nothing to read."""


class WriterBusyError(StoreError):
    """Another process holds the database for writing: there is one writer, always."""


class NotStoredError(StoreError, LookupError):
    """What was asked for (a session, a lift, a correction) is not in the database."""


class NotClosedError(StoreError):
    """A database with a log that cannot be taken in where it lies."""


class BadTargetError(StoreError, ValueError):
    """What was named to be written is no file, or lies in no folder."""


class BadArchiveError(StoreError, ValueError):
    """A backup or an exported archive cannot be used; nothing was replaced."""
