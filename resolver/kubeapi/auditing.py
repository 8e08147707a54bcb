"""When to audit, and what an audit leads to (pure): the part of a watch machine that distrusts its stream."""

from collections.abc import Callable, Iterator
from typing import Final

from resolver import limits
from resolver.cluster.objects import Kind
from resolver.kubeapi import events
from resolver.kubeapi.audit import Audit, Standing
from resolver.kubeapi.commands import Cancel, Change, Command, Found, Lost, Replace, Report, Wait
from resolver.kubeapi.listing import Habits, Listing
from resolver.kubeapi.stream import Stream

_SPREAD: Final = 0.1  # share of the interval by which audits of several kinds drift apart


class Auditing:
    """Audits of one kind's stream, every `interval` seconds (0: never) and soon after a doubt.

    `restart_at` is set when an audit has found that the watch must go on from another version.
    """

    def __init__(
        self,
        kind: Kind,
        stream: Stream,
        habits: Habits,
        numbers: Iterator[int],
        random: Callable[[], float],
        interval: float,
    ) -> None:
        self._kind = kind
        self._stream = stream
        self._habits = habits
        self._numbers = numbers
        self._random = random
        self._interval = max(interval, limits.AUDIT_FLOOR) if interval > 0 else 0.0
        self._audit: Audit | None = None
        self._timer = 0
        self._due = 0.0
        self._began = -limits.AUDIT_SPACING
        self.restart_at: str | None = None

    @property
    def request(self) -> int:
        """The request of a running audit's list; 0 where none runs."""
        return self._audit.listing.request if self._audit else 0

    def owns_timer(self, timer: int) -> bool:
        if timer == self._timer:
            return True
        audit = self._audit
        return audit is not None and (timer == audit.deadline or timer in audit.listing.timers)

    def schedule(self, now: float) -> list[Command]:
        """The next regular audit, counted from now."""
        return self._set(now, self._interval * (1 - _SPREAD + 2 * _SPREAD * self._random()), "audit")

    def soon(self, now: float, delay: float) -> list[Command]:
        """An audit in `delay` seconds, or as soon after it as audits may follow each other."""
        due = max(now + delay, self._began + limits.AUDIT_SPACING)
        if self._audit is not None or (self._timer and self._due <= due):
            return []
        return self._set(now, due - now, "early audit")

    def abandon(self) -> list[Command]:
        """Ends a running audit and its schedule: the kind is being listed anew."""
        cancelled: list[Command] = [Cancel(self.request)] if self._audit and not self._audit.listing.done else []
        self._audit, self._timer = None, 0
        return cancelled

    def note(self, changes: list[Change], versions: list[str]) -> None:
        """The stream brought changes, and they were applied."""
        if self._audit is not None:
            for change, version in zip(changes, versions, strict=True):
                self._audit.note(change, version)

    def timer_fired(self, timer: int, now: float, outage: bool) -> list[Command]:
        """A timer that is owned here fired. During an outage no audit begins: one follows the outage's end."""
        audit = self._audit
        if timer == self._timer:
            self._timer = 0
            if outage:
                return self.schedule(now)
            self._began = now
            listing = Listing(self._kind, self._habits, self._numbers, self._random)
            self._audit = Audit(listing, self._stream.version)
            return listing.begin(now)
        if audit is None:
            return []
        if timer == audit.deadline:
            text = f"{self._kind.name}: the watch did not come to version {audit.listing.version} of a fresh list"
            return [Report("INFO", f"{text}; it goes on from there"), *self._finish(audit, now, alone=True)]
        return self._progress(audit, audit.listing.timer_fired(timer, now), now)

    def handle(self, event: events.RequestEvent, now: float) -> list[Command]:
        """An event of the audit's list."""
        audit = self._audit
        return self._progress(audit, audit.listing.handle(event, now), now) if audit else []

    def stream_moved(self, now: float) -> list[Command]:
        """The stream has come to another version: a waiting audit may be able to end."""
        audit = self._audit
        if audit is None or not audit.listing.done or audit.standing(self._stream.version) is not Standing.REACHED:
            return []
        return self._finish(audit, now)

    def _progress(self, audit: Audit, commands: list[Command], now: float) -> list[Command]:
        if audit.hopeless:
            failures = [command.text for command in commands if isinstance(command, Lost)]
            report = Report("WARNING", f"audit of {self._kind.name} given up for now: {' '.join(failures)}")
            self._audit = None
            return [report, *self.schedule(now)]
        out: list[Command] = [command for command in commands if not isinstance(command, Lost | Found)]
        if not audit.listing.done:
            return out
        if audit.listing.streamed:
            out.append(Cancel(audit.listing.request))
        standing = audit.standing(self._stream.version)
        if standing is Standing.REACHED:
            return out + self._finish(audit, now)
        if standing is Standing.WENT_BACK:
            text = f"the API server went back in time, from version {self._stream.version} to {audit.listing.version}"
            return [*out, Report("WARNING", f"{self._kind.name}: {text}"), *self._finish(audit, now, alone=True)]
        if not audit.deadline:
            audit.deadline = next(self._numbers)
            out.append(Wait(audit.deadline, limits.AUDIT_PATIENCE, "the watch to reach the audit's version"))
        return out

    def _finish(self, audit: Audit, now: float, alone: bool = False) -> list[Command]:
        """Hands over what should be held; `alone`: the list only, and the watch is to go on from it."""
        self._audit = None
        if alone:
            self.restart_at = audit.listing.version
        return [Replace(audit.listed() if alone else audit.expected(), audit=True), *self.schedule(now)]

    def _set(self, now: float, delay: float, reason: str) -> list[Command]:
        if not self._interval:
            return []
        self._timer, self._due = next(self._numbers), now + delay
        return [Wait(self._timer, delay, reason)]
