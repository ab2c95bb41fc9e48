"""A command that cannot be done now, as a code that is put into words in the reader's language."""

from __future__ import annotations

from hardware.errors import BackliftError
from hardware.notices import Notice, Param
from station.locale.texts import Texts


class DeclinedError(BackliftError, RuntimeError):
    """The station declined a command.

    code, params: the reason; station/locale has the text `declined.<code>` in every language.  `str()` is the English one, for logs
    and for programs.
    """

    def __init__(self, code: str, **params: Param) -> None:
        self.notice = Notice(code, params, "info")
        super().__init__(Texts("en")(f"declined.{code}", **params))
