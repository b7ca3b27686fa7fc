"""When the next scan is due. Times are seconds of a monotonic clock unless said otherwise."""

from hashlib import sha256

from hostprobe.facts.settings import AgentSettings

PATIENCE = 6
"""Debounce times that changes without pause can put a scan off."""


class Schedule:
    """A grid of scans, and between them those that changes ask for."""

    def __init__(self, settings: AgentSettings, share: float, now: float) -> None:
        self._settings, self._share = settings, share
        self._regular = now
        self._first: float | None = None
        self._last = now
        self.cause = ""
        """What the next scan is for; empty for the grid."""

    def adopt(self, settings: AgentSettings, now: float, wall: float) -> None:
        """Other settings hold from now on."""
        self._settings = settings
        self._regular = now + until_slot(wall, settings.interval, self._share)

    def changed(self, cause: str, now: float) -> None:
        """Something that a scan reads was changed."""
        if self._first is None:
            self._first, self.cause = now, cause
        self._last = now

    def request(self, cause: str, now: float) -> None:
        """A scan was asked for by name: it is due now."""
        self._regular, self.cause = now, cause

    def begun(self, now: float, wall: float) -> None:
        """A scan sees everything up to now; the next regular one is on the grid."""
        self._regular = now + until_slot(wall, self._settings.interval, self._share)
        self._first, self.cause = None, ""

    @property
    def due(self) -> float:
        """When the next scan begins."""
        if self._first is None:
            return self._regular
        debounce = self._settings.debounce
        settled = min(self._last + debounce, self._first + PATIENCE * debounce)
        return min(settled, self._regular)


def until_slot(wall: float, interval: float, share: float) -> float:
    """Seconds to the next time of this host's grid; `wall` in seconds since the epoch.

    The grid does not depend on when the agent started, so that a fleet that boots at once is
    spread over the interval all the same.
    """
    return interval - (wall - share * interval) % interval


def share_of_host(identity: bytes) -> float:
    """From 0 to below 1, always the same for one host; `identity` is its machine-id(5).

    The identity itself is hashed with a name of ours, as that manual page asks for.
    """
    digest = sha256(b"hostprobe agent " + identity).digest()
    return int.from_bytes(digest[:6]) / (1 << 48)
