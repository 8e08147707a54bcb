"""Saying once that the API is gone, and once that it is back, for all watched kinds together (pure)."""

from collections.abc import Callable

from resolver.kubeapi.commands import UNREACHABLE

Log = Callable[[str, str], None]
"""Takes a level (``ERROR``, ``WARNING``, ``INFO``) and a text."""


class Outages:
    """Which kinds cannot be kept in step, and why. A cause is logged when it comes up; that all are well again, too."""

    def __init__(self, log: Log, server: str) -> None:
        self._log = log
        self._server = server
        self._causes: dict[str, str] = {}
        self._since: dict[str, float] = {}
        self.last_error = ""

    @property
    def lasting(self) -> bool:
        """Whether any kind cannot be kept in step now."""
        return bool(self._causes)

    def lost(self, kind: str, text: str, cause: str, now: float) -> None:
        """A kind failed; `cause` is one of a few, the same for all kinds that fail for one reason."""
        self.last_error = text
        before = self._causes.get(kind)
        if before != cause:
            self._causes[kind] = cause
            if before is not None and before not in self._causes.values():
                del self._since[before]  # another trouble has taken its place
        if cause not in self._since:
            self._since[cause] = now
            self._log("ERROR", f"Failed to watch: {text}; answers stay as they are, trying again")

    def found(self, kind: str, now: float) -> None:
        """A kind is in step again."""
        cause = self._causes.pop(kind, None)
        if cause is None or cause in self._causes.values():
            return
        seconds = now - self._since.pop(cause)
        if not self._causes or cause == UNREACHABLE:
            self._log("INFO", f"the Kubernetes API at {self._server} answers again, after {seconds:.0f} s")
