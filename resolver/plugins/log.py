"""log: a line for each question and its reply (CoreDNS plugin/log)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from resolver import limits
from resolver.answers.observation import Observation, observe
from resolver.answers.outcome import Answer, Handler, Outcome, Reply, Settled, after
from resolver.corefile.directives import Directive
from resolver.corefile.settings import at_least, choice, unknown_option
from resolver.plugins.log_format import COMBINED, COMMON, Reported, class_text, compile_format, query_size, rcode_text
from resolver.plugins.plugin import Host
from resolver.plugins.response_class import ALL, classify
from resolver.wire import codes
from resolver.wire.names import BadName, is_at_or_below, name_from_text, name_to_text
from resolver.wire.peer import Peer
from resolver.wire.query import Query

NAME: Final = "log"

_QUESTION_END: Final = 4  # bytes of type and class
_CLASSES: Final = frozenset((ALL, "success", "denial", "error"))


@dataclass(frozen=True, slots=True)
class Rule:
    """Names at or below `scope` (lower case, wire form) are logged in `format` if the reply is of one of `classes`."""

    scope: bytes
    format: str = COMMON
    classes: frozenset[str] = frozenset((ALL,))


class QueryLine:
    """Writes the lines of one rule; `bare` ones are about replies that the server itself writes after the log.

    They count as written, and their size is that of header and question.
    """

    def __init__(self, host: Host, rule: Rule, *, bare: bool) -> None:
        self._host = host
        self._bare = bare
        self._text = compile_format(rule.format, bare=bare)

    def hear(self, observation: Observation, query_id: int, client: Peer, seconds: float) -> None:
        if self._bare:
            size = limits.HEADER_SIZE + len(observation.qname) + _QUESTION_END
            observation = observation._replace(written=True, size=size)
        self._write(observation, Reported(query_id, client, seconds))

    def tell_silence(self, query: Query, seconds: float) -> None:
        """The line of a question that gets no reply."""
        dropped = observe(query, codes.NOERROR, 0, 0, written=False)
        self._write(dropped, Reported(query.id, query.client, seconds))

    def _write(self, observation: Observation, reported: Reported) -> None:
        fields = members(observation, reported, bare=self._bare) if self._host.json_log else None
        self._host.log("INFO", self._text(observation, reported), fields)


class Log:
    """The first rule whose scope holds the name decides."""

    name = NAME

    def __init__(self, host: Host, rules: Sequence[Rule]) -> None:
        self._host = host
        self._rules = tuple(
            (rule.scope, rule.classes, QueryLine(host, rule, bare=False), QueryLine(host, rule, bare=True))
            for rule in rules
        )

    def answer(self, query: Query, next: Handler, /) -> Answer:
        name = query.name
        for rule in self._rules:
            if is_at_or_below(name, rule[0]):
                break
        else:
            return next(query)
        _, classes, line, bare_line = rule
        begun = self._host.monotonic()

        def tell(outcome: Settled) -> Settled:
            if ALL in classes or classify(query, outcome, self._host.now()) in classes:
                if isinstance(outcome, Outcome):
                    outcome.listeners += (line if isinstance(outcome, Reply) else bare_line,)
                else:
                    bare_line.tell_silence(query, self._host.monotonic() - begun)
            return outcome

        return after(next(query), tell)


def members(observation: Observation, reported: Reported, *, bare: bool) -> Mapping[str, object]:
    """The members that a query's JSON line has beside time, level and msg (CoreDNS plugin/log/json.go)."""
    return {
        "plugin": NAME,
        "client_ip": reported.client.address,
        "client_port": reported.client.port,
        "qname": name_to_text(observation.qname),
        "qtype": codes.type_text(observation.qtype),
        "qclass": class_text(observation.qclass),
        "protocol": observation.protocol,
        "id": reported.query_id,
        "opcode": (observation.query_flags & codes.OPCODE) >> 11,
        "request_size": query_size(observation, bare=bare),
        "dnssec_ok": observation.do,
        "bufsize": observation.bufsize,
        "rcode": rcode_text(observation.rcode) if observation.written else None,
        "response_size": observation.size,
        "duration_seconds": round(reported.seconds, 9),
    }


def setup(uses: Sequence[Directive], host: Host) -> Log:
    """Raises BadConfig."""
    return Log(host, [rule for use in uses for rule in _rules(use)])


def _rules(use: Directive) -> list[Rule]:
    """One rule a name; one argument is always a name, of several the last is a format if it has a brace."""
    words = [word.text for word in use.arguments]
    line_format = COMMON
    if len(words) > 1 and "{" in words[-1]:
        line_format = words.pop().replace("{common}", COMMON).replace("{combined}", COMBINED)
    classes: set[str] = set()
    for option in use.options:
        if option.name.text != "class":
            raise unknown_option(option, ("class",))
        classes.update(choice(word, _CLASSES, "invalid Class: {}") for word in at_least(option, 1))
    rules = []
    for word in words or ["."]:
        try:
            scope = name_from_text(word).lower()
        except BadName:
            continue  # no question can have such a name: the rule would never match
        rules.append(Rule(scope, line_format, frozenset(classes or (ALL,))))
    return rules
