"""One fresh list of a kind, from the first request to the whole list, through whatever goes wrong (pure).

A streamed list is tried first (watch with sendInitialEvents), then pages. Used for the first list, for lists after an
expired version, and for audits.
"""

from collections.abc import Callable, Iterator, Sequence

from resolver import limits
from resolver.cluster.decoding import WatchEvent
from resolver.cluster.objects import ClusterObject, Kind
from resolver.kubeapi import events, refusals
from resolver.kubeapi.backoff import Backoff
from resolver.kubeapi.commands import (
    NOT_OLDER_THAN,
    Cancel,
    Change,
    Command,
    List,
    Lost,
    Reauthenticate,
    Report,
    Wait,
    Watch,
)
from resolver.kubeapi.stream import CHANGES


class Habits:
    """What has been learnt of the server, for one kind: does it stream lists, does it send bookmarks."""

    def __init__(self) -> None:
        self.streams_lists = True
        self.sends_bookmarks = False
        self.rule_reported = False


class Listing:
    """Begin it, hand it the events of `request` and of `timers`, and carry out what it says until it is `done`.

    Then `objects` at `version` are the list, to which `later` (changes that came before the end of a streamed list)
    must be applied. A streamed list goes on as a watch: `streamed`, with `rest` the events after its end.
    """

    def __init__(
        self,
        kind: Kind,
        habits: Habits,
        numbers: Iterator[int],
        random: Callable[[], float],
        resource_version: str = "",
    ) -> None:
        self._kind = kind
        self._habits = habits
        self._numbers = numbers
        self._random = random
        self._backoff = Backoff(random)
        self._at = resource_version
        self._limit = limits.API_PAGE
        self._continue = ""
        self._page_start = 0
        self._heard = 0.0
        self._odd_streams = 0
        self._expired_pages = 0
        self._retry = 0
        self._quiet = 0
        self.objects: list[ClusterObject] = []
        self.later: list[Change] = []
        self.rest: Sequence[WatchEvent] = ()
        self.version = ""
        self.request = 0
        self.streamed = False
        self.unreadable = False
        self.done = False
        self.failures = 0

    @property
    def timers(self) -> tuple[int, int]:
        """The numbers of the waits that this list is waiting for; 0 where there is none."""
        return self._retry, self._quiet

    def begin(self, now: float) -> list[Command]:
        """Starts the list, or starts it anew."""
        self.objects, self.later = [], []
        self._continue, self._page_start = "", 0
        self._retry = self._quiet = 0
        if not self._habits.streams_lists:
            return [self._page()]
        self.streamed = True
        self._heard = now
        self.request = next(self._numbers)
        self._quiet = next(self._numbers)
        return [
            Watch(self.request, self._at, watch_timeout(self._random), initial_events=True),
            Wait(self._quiet, limits.INITIAL_EVENTS_SILENCE, "initial events"),
        ]

    def handle(self, event: events.Event, now: float) -> list[Command]:
        """What to do about an event of this list."""
        self._heard = now
        match event:
            case events.LinesArrived():
                return self._lines(event, now)
            case events.ItemsArrived():
                self.objects.extend(event.objects)
                return []
            case events.PageEnded():
                return self._page_ended(event)
            case events.HttpFailed():
                return self._refused(event, now)
            case events.StreamEnded():
                return self._odd_stream("the stream ended before its initial events did", now)
            case events.Malformed():
                return self._odd_stream(event.text, now)
            case events.ConnectionFailed():
                return self._failed(Lost(event.text), self._backoff.delay(now))
            case events.Silence():
                return self._failed(Lost(f"silent for {event.seconds:g} s"), self._backoff.delay(now))
            case _:
                return []

    def timer_fired(self, timer: int, now: float) -> list[Command]:
        """One of `timers` fired."""
        if timer == self._retry:
            self._retry = 0
            return self._again(now)
        self._quiet = 0
        left = self._heard + limits.INITIAL_EVENTS_SILENCE - now
        if left > 0:
            self._quiet = next(self._numbers)
            return [Wait(self._quiet, left, "initial events")]
        return [Cancel(self.request), *self._take_pages("the initial events have no end")]

    def _lines(self, arrived: events.LinesArrived, now: float) -> list[Command]:
        for place, event in enumerate(arrived.events):
            if event.type in CHANGES:
                if event.object is None:
                    self.unreadable = True
                elif event.type == "ADDED" and not self.later:
                    self.objects.append(event.object)
                else:
                    self.later.append((event.type, event.object))
            elif event.type == "BOOKMARK" and event.initial_events_end:
                self.rest = arrived.events[place + 1 :]
                self._complete(event.resource_version)
                break
            elif event.type == "ERROR":
                refusal = refusal_of(event, self.request)
                return [Cancel(self.request), *self._refused(refusal, now)]
        return []

    def _page(self) -> Command:
        self.streamed = False
        self.request = next(self._numbers)
        if self._continue:  # the token holds the version; naming both is refused
            return List(self.request, self._limit, self._continue)
        return List(self.request, self._limit, "", self._at, NOT_OLDER_THAN if self._at else "")

    def _page_ended(self, page: events.PageEnded) -> list[Command]:
        self._page_start = len(self.objects)
        self._continue = page.continue_token
        if self._continue:
            return [self._page()]
        self._complete(page.resource_version)
        return []

    def _complete(self, version: str) -> None:
        self.version = version
        self.done = True
        self._retry = self._quiet = 0

    def _refused(self, refusal: events.HttpFailed, now: float) -> list[Command]:
        if self.streamed and refusal.status in refusals.NOT_UNDERSTOOD:
            return self._take_pages("")
        if self._continue and refusal.status == refusals.GONE:
            self._continue = ""
            self._expired_pages += 1
            if self._expired_pages == 1:
                return self.begin(now)
            self._limit = 0  # pages that expire twice come too slowly: all at once
        elif self._at and refusals.is_version_unusable(refusal):
            self._at = ""
            return self.begin(now)
        delay = refusals.retry_delay(refusal, self._backoff, now)
        if self._continue and refusal.status in refusals.NOT_UNDERSTOOD:
            self._continue = ""
        commands = self._failed(refusals.lost("list", self._kind, refusal), delay)
        if refusal.status == refusals.UNAUTHORIZED:
            commands.insert(0, Reauthenticate())
        if refusal.status == refusals.FORBIDDEN:
            commands[:0] = report_rule(self._kind, self._habits, refusal)
        return commands

    def _odd_stream(self, text: str, now: float) -> list[Command]:
        """A list that makes no sense: again, and if it was streamed, by pages the second time."""
        self._odd_streams += 1
        if self.streamed and (self.objects or self._odd_streams > 1):
            return self._take_pages(text)
        self._continue = ""
        return self._failed(Lost(text, f"{self._kind.name} nonsense"), self._backoff.delay(now))

    def _take_pages(self, why: str) -> list[Command]:
        self._habits.streams_lists = False
        self._quiet = self._retry = 0
        self.objects, self.later = [], []
        report = [Report("INFO", f"{self._kind.name}: {why}; taking plain lists from here on")] if why else []
        return [*report, self._page()]

    def _failed(self, lost: Lost, delay: float) -> list[Command]:
        self.failures += 1
        self._quiet = 0
        self._retry = next(self._numbers)
        return [lost, Wait(self._retry, delay, lost.text)]

    def _again(self, now: float) -> list[Command]:
        if not self._continue:
            return self.begin(now)
        del self.objects[self._page_start :]
        return [self._page()]


def watch_timeout(random: Callable[[], float]) -> int:
    """Seconds after which the server is to end a watch."""
    shortest, longest = limits.WATCH_TIMEOUT
    return int(shortest + random() * (longest - shortest))


def refusal_of(event: WatchEvent, request: int) -> events.HttpFailed:
    """The Status of an ERROR event as a refused request: the same numbers, in a stream that began well."""
    status = event.status
    if status is None:
        return events.HttpFailed(request, 500)
    return events.HttpFailed(request, status.code or 500, None, status.reason or "", status.message or "")


def report_rule(kind: Kind, habits: Habits, refusal: events.HttpFailed) -> list[Command]:
    """The missing RBAC rule, the first time."""
    if habits.rule_reported:
        return []
    habits.rule_reported = True
    return [Report("ERROR", refusals.missing_rule(kind, refusal.message))]
