"""How far a long run is, for whoever waits at a terminal."""

from __future__ import annotations

import os
import sys
import time

_PATIENCE = 1.0
"""Seconds before anything is said."""
_PAUSE = 0.1


class Progress:
    """Tells a terminal how many files are done; silent otherwise."""

    def __init__(self, total: int, *, silent: bool) -> None:
        self.total = total
        self.shown = False
        heard = not silent and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self.next = time.monotonic() + _PATIENCE if heard else None

    def tick(self, done: int) -> None:
        """Hear that so many files are done."""
        if self.next is not None and time.monotonic() >= self.next:
            sys.stderr.write(f"\rchecked {done:,} of {self.total:,} files")
            sys.stderr.flush()
            self.shown = True
            self.next = time.monotonic() + _PAUSE

    def clear(self) -> None:
        """Leave the line as it was."""
        if self.shown:
            sys.stderr.write("\r\x1b[K")
