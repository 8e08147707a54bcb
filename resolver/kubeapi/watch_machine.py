"""Keeping one kind of object in step with the Kubernetes API, as a state machine of values (pure).

Events go in with the time, commands come out; nothing here waits, reads, or knows a clock. The behaviour is that of
client-go's reflector (tools/cache) with two additions: a watch that was cut goes on from its last version instead of
listing anew, and audits find what a stream has lost without saying so.

    begin ─► Listing ──the whole list──► watching ──410, nonsense──► Listing ─► …
                                          │    ▲
                               cut, 5xx … ▼    │ same version, after a back-off
                                         waiting              (an audit may run beside watching and waiting)
"""

from collections.abc import Callable
from itertools import count

from resolver import limits
from resolver.cluster.objects import Kind
from resolver.kubeapi import events, refusals
from resolver.kubeapi.auditing import Auditing
from resolver.kubeapi.backoff import Backoff
from resolver.kubeapi.commands import (
    Apply,
    Cancel,
    Command,
    Found,
    Lost,
    Reauthenticate,
    Replace,
    Wait,
    Watch,
)
from resolver.kubeapi.listing import Habits, Listing, refusal_of, report_rule, watch_timeout
from resolver.kubeapi.stream import Stream


class WatchMachine:
    """Begin it once, then carry out its commands in order and hand it every event of the requests and waits.

    `random` gives numbers in [0, 1); times are seconds of one monotonic clock. An audit is due every
    `audit_interval` seconds; 0 is never. `relists` counts whole lists after the first, `reconnects` watches opened
    after the first.
    """

    def __init__(self, kind: Kind, random: Callable[[], float], audit_interval: float) -> None:
        self._kind = kind
        self._random = random
        self._numbers = count(1)
        self._habits = Habits()
        self._backoff = Backoff(random)
        self._stream = Stream(kind)
        self._auditing = Auditing(kind, self._stream, self._habits, self._numbers, random, audit_interval)
        self._listing: Listing | None = None
        self._listed_at = -limits.RELIST_SPACING
        self._watch = 0
        self._opened_at = 0.0
        self._moved = False
        self._retry = 0
        self._settling = 0
        self._lost = False
        self.synced = False
        self.relists = 0
        self.reconnects = 0

    @property
    def version(self) -> str:
        """The resourceVersion up to which the sink is told everything; empty before the first list."""
        return self._stream.version

    def begin(self, now: float) -> list[Command]:
        """Starts the first list."""
        return self._relist(now)

    def handle(self, event: events.Event, now: float) -> list[Command]:
        """What to do about an event. Events of requests and waits that are over are ignored."""
        out = self._dispatch(event, now)
        if self._auditing.restart_at is not None:
            out += self._go_on_from(self._auditing.restart_at, now)
        return out

    def _dispatch(self, event: events.Event, now: float) -> list[Command]:
        if isinstance(event, events.TimerFired):
            return self._timer_fired(event.timer, now)
        if event.request == self._watch:
            return self._watched(event, now)
        if self._listing is not None and event.request == self._listing.request:
            return self._listed(self._listing, self._listing.handle(event, now), now)
        if event.request == self._auditing.request:
            return self._auditing.handle(event, now)
        return []

    def _timer_fired(self, timer: int, now: float) -> list[Command]:
        if timer == self._retry:
            self._retry = 0
            return self._reopen(now) if self._listing is None else self._listing.begin(now)
        if timer == self._settling:
            self._settling = 0
            return self._found(now)
        if self._listing is not None and timer in self._listing.timers:
            return self._listed(self._listing, self._listing.timer_fired(timer, now), now)
        if self._auditing.owns_timer(timer):
            return self._auditing.timer_fired(timer, now, self._lost)
        return []

    # -- listing

    def _relist(self, now: float, wait: bool = False) -> list[Command]:
        """A fresh list at the last version: at once or, with `wait` and soon after the last list, after a back-off."""
        out = self._auditing.abandon()
        self._watch = self._settling = 0
        self._listing = Listing(self._kind, self._habits, self._numbers, self._random, self._stream.version)
        if wait or now - self._listed_at < limits.RELIST_SPACING:
            return out + self._wait(self._backoff.delay(now), "a fresh list")
        return out + self._listing.begin(now)

    def _listed(self, listing: Listing, commands: list[Command], now: float) -> list[Command]:
        """The commands of the list, and what follows when it is whole."""
        if any(isinstance(command, Lost) for command in commands):
            self._lost = True
        if not listing.done:
            return commands
        self._listing = None
        self._listed_at = now
        self._stream.restart(listing.version)
        self.relists += self.synced
        self.synced = True
        commands.append(Replace(listing.objects))
        if listing.later:
            commands.append(Apply(listing.later))
        commands += self._found(now)
        commands += self._auditing.schedule(now)
        if listing.unreadable:
            commands += self._auditing.soon(now, limits.AUDIT_SOON)
        if not listing.streamed:
            return commands + self._open(now)
        self._watch, self._opened_at, self._moved = listing.request, now, True
        if not listing.rest:
            return commands
        return commands + self._lines(events.LinesArrived(listing.request, listing.rest), now)

    # -- watching

    def _open(self, now: float) -> list[Command]:
        self._watch, self._opened_at, self._moved = next(self._numbers), now, False
        return [Watch(self._watch, self._stream.version, watch_timeout(self._random))]

    def _reopen(self, now: float) -> list[Command]:
        self.reconnects += 1
        return self._open(now)

    def _watched(self, event: events.RequestEvent, now: float) -> list[Command]:
        match event:
            case events.LinesArrived():
                return self._lines(event, now)
            case events.Opened():
                return self._opened()
        brought_nothing = now - self._opened_at < limits.SHORT_WATCH and not self._moved
        self._watch = self._settling = 0
        match event:
            case events.StreamEnded() if brought_nothing:
                return self._failed(f"the watch of {self._kind.name} ended at once", now)
            case events.ConnectionFailed() if brought_nothing or self._lost:
                return self._failed(event.text, now)
            case events.Silence() if self._habits.sends_bookmarks:
                return [*self._reopen(now), *self._auditing.soon(now, limits.AUDIT_SOON)]
            case events.Malformed():
                self._lost = True
                return [Lost(event.text, f"{self._kind.name} nonsense"), *self._relist(now)]
            case events.HttpFailed():
                return self._refused(event, now)
        return self._reopen(now)

    def _opened(self) -> list[Command]:
        """A quiet watch brings no line for long; that it stays open shows that the API is back."""
        if not self._lost:
            return []
        self._settling = next(self._numbers)
        return [Wait(self._settling, limits.OUTAGE_SETTLED, "the watch to stay open")]

    def _lines(self, arrived: events.LinesArrived, now: float) -> list[Command]:
        before = self._stream.version
        taken = self._stream.take(arrived.events)
        out: list[Command] = [*taken.reports]
        if taken.changes:
            out.append(Apply(taken.changes))
            self._auditing.note(taken.changes, taken.versions)
        if taken.bookmark:
            self._habits.sends_bookmarks = True
        if self._stream.version != before:
            self._moved = True
            out += self._auditing.stream_moved(now)
        if taken.doubt:
            out += self._auditing.soon(now, limits.AUDIT_SOON)
        if taken.error is None:
            return out + self._found(now)
        refused, self._watch, self._settling = self._watch, 0, 0
        return [*out, Cancel(refused), *self._refused(refusal_of(taken.error, refused), now)]

    def _refused(self, refusal: events.HttpFailed, now: float) -> list[Command]:
        if refusal.status == refusals.GONE:
            return self._relist(now)
        self._lost = True
        lost = refusals.lost("watch", self._kind, refusal)
        out: list[Command] = [lost]
        if refusal.status in refusals.NOT_UNDERSTOOD:
            return out + self._relist(now, wait=True)
        if refusal.status == refusals.UNAUTHORIZED:
            out.append(Reauthenticate())
        if refusal.status == refusals.FORBIDDEN:
            out += report_rule(self._kind, self._habits, refusal)
        return out + self._wait(refusals.retry_delay(refusal, self._backoff, now), lost.text)

    # -- what both need

    def _go_on_from(self, version: str, now: float) -> list[Command]:
        """An audit found the stream at a version that leads nowhere."""
        self._auditing.restart_at = None
        self._stream.restart(version)
        if not self._watch:
            return []  # a wait is running, and goes on from there
        return [Cancel(self._watch), *self._reopen(now)]

    def _failed(self, text: str, now: float) -> list[Command]:
        self._lost = True
        return [Lost(text), *self._wait(self._backoff.delay(now), text)]

    def _found(self, now: float) -> list[Command]:
        """Something good came. After an outage the stream is checked soon: what came back may not be what went away."""
        if not self._lost:
            return []
        self._lost = False
        shortest, longest = limits.AUDIT_AFTER_OUTAGE
        delay = shortest + self._random() * (longest - shortest)
        return [Found(), *self._auditing.soon(now, delay)]

    def _wait(self, seconds: float, reason: str) -> list[Command]:
        self._retry = next(self._numbers)
        return [Wait(self._retry, seconds, reason)]
