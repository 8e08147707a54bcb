"""errors: logs what went wrong where the chain ended without a reply (CoreDNS plugin/errors)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from resolver import limits
from resolver.answers.outcome import Answer, Failure, Handler, Reply, Settled, after
from resolver.corefile.directives import Directive, Option
from resolver.corefile.settings import between, duration, only_once
from resolver.corefile.tokens import BadConfig, Token
from resolver.plugins.durations import duration_text
from resolver.plugins.patterns import compile_pattern
from resolver.plugins.plugin import Host
from resolver.wire import codes
from resolver.wire.names import name_to_text
from resolver.wire.query import Query

NAME: Final = "errors"

_LEVELS: Final = {"warning": "WARNING", "error": "ERROR", "info": "INFO", "debug": "DEBUG"}


@dataclass(slots=True)
class Consolidation:
    """Errors like `pattern` (`source` as written) are counted for `seconds` from the first on, then told in a line."""

    seconds: float
    source: str
    pattern: re.Pattern[str]
    level: str = "ERROR"
    show_first: bool = False
    count: int = 0


class Errors:
    """One line for each Failure that has an error text, or one for many where they are consolidated."""

    name = NAME

    def __init__(self, host: Host, consolidations: Sequence[Consolidation] = ()) -> None:
        self.consolidations = tuple(consolidations)
        self._host = host
        self._stopped = False

    def answer(self, query: Query, next: Handler, /) -> Answer:
        answer = next(query)
        if isinstance(answer, Reply):
            return answer
        return after(answer, lambda outcome: self._look_at(query, outcome))

    def _look_at(self, query: Query, outcome: Settled) -> Settled:
        if isinstance(outcome, Failure) and outcome.error:
            matching = (each for each in self.consolidations if each.pattern.search(outcome.error))
            consolidation = next(matching, None)
            if consolidation is None or not self._is_consolidated(consolidation):
                level = "ERROR" if consolidation is None else consolidation.level
                question = f"{name_to_text(query.name)} {codes.type_text(query.qtype)}"
                self._host.log(level, f"plugin/errors: {outcome.rcode} {question}: {outcome.error}")
        return outcome

    def _is_consolidated(self, consolidation: Consolidation) -> bool:
        """Counts it; False where it is to be shown all the same."""
        if self._stopped:
            return False
        consolidation.count += 1
        if consolidation.count > 1:
            return True
        self._host.later(consolidation.seconds, lambda: self._tell(consolidation))
        return not consolidation.show_first

    def _tell(self, consolidation: Consolidation) -> None:
        count, consolidation.count = consolidation.count, 0
        if count > consolidation.show_first:
            period = duration_text(consolidation.seconds)
            line = f"{count} errors like '{consolidation.source}' occurred in last {period}"
            self._host.log(consolidation.level, f"plugin/errors: {line}")

    async def stop(self) -> None:
        """Tells what has been counted and consolidates no more."""
        self._stopped = True
        for consolidation in self.consolidations:
            self._tell(consolidation)


def setup(uses: Sequence[Directive], host: Host) -> Errors:
    """Raises BadConfig."""
    use = uses[0]
    arguments = between(use, 0, 1)
    if arguments and arguments[0].text != "stdout":
        raise BadConfig.at(arguments[0], f"invalid log file: {arguments[0].text}")
    consolidations = []
    for option in use.options:
        match option.name.text:
            case "stacktrace":
                for word in option.arguments:
                    raise _unknown(word)
                host.show_stacktraces()
            case "consolidate":
                consolidations.append(_consolidation(option))
            case _:
                raise _unknown(option.name)
    if len(consolidations) > limits.CONSOLIDATIONS:
        raise BadConfig.at(use.name, f"more than {limits.CONSOLIDATIONS} lines of consolidate")
    only_once(uses)
    plugin = Errors(host, consolidations)
    host.on_stop(plugin.stop)
    return plugin


def _unknown(word: Token) -> BadConfig:
    return BadConfig.at(word, f"Unknown field {word.text} (known: consolidate, stacktrace)")


def _consolidation(option: Option) -> Consolidation:
    period, pattern, *words = between(option, 2, 4)
    seconds = duration(period)
    try:
        compiled = compile_pattern(pattern.text)
    except ValueError as error:
        raise BadConfig.at(pattern, str(error)) from None
    level, show_first = "", False
    for word in words:
        if word.text in _LEVELS:
            if level:
                raise BadConfig.at(word, "multiple log levels specified in consolidate")
            if show_first:
                raise BadConfig.at(word, "log level must come before show_first in consolidate")
            level = _LEVELS[word.text]
        elif word.text == "show_first":
            show_first = True
        else:
            raise BadConfig.at(word, f"unknown option in consolidate: {word.text}")
    return Consolidation(seconds, pattern.text, compiled, level or "ERROR", show_first)
