"""loadbalance: another order of addresses from reply to reply (CoreDNS plugin/loadbalance).

Kept replies are turned round by the core, at no cost here. What has to be chosen anew each time, by weight or by
preferred network, cannot be kept.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from resolver import limits
from resolver.answers.outcome import Answer, Handler, Reply, Settled, after
from resolver.corefile import go_syntax
from resolver.corefile.directives import Directive, Option
from resolver.corefile.settings import unknown_option
from resolver.corefile.tokens import BadConfig
from resolver.plugins.plugin import Host
from resolver.plugins.weights import Weights
from resolver.wire import codes
from resolver.wire.query import Query
from resolver.wire.reply import Record

NAME: Final = "loadbalance"

Network: TypeAlias = IPv4Network | IPv6Network
Groups: TypeAlias = tuple[list[Record], list[Record], list[Record], list[Record]]

_TRANSFERS: Final = (codes.AXFR, codes.IXFR)
_WEIGHTED: Final = (codes.A, codes.AAAA, codes.SRV)
_CNAME, _REST, _ADDRESS, _MX = range(4)
_GROUPS: Final = {codes.CNAME: _CNAME, codes.A: _ADDRESS, codes.AAAA: _ADDRESS, codes.MX: _MX}


class LoadBalance:
    """Round robin: aliases first, then other types, addresses, MX; the last two in another order each time.

    With `preferred` networks their addresses go before all others, in the order of the networks.
    """

    name = NAME

    def __init__(self, host: Host, preferred: Sequence[Network] = ()) -> None:
        self._random = host.random
        self._preferred = tuple(preferred)

    def answer(self, query: Query, next: Handler, /) -> Answer:
        answer = next(query)
        if query.qtype in _TRANSFERS:
            return answer
        return after(answer, self._balance)

    def _balance(self, outcome: Settled) -> Settled:
        if not isinstance(outcome, Reply) or outcome.rcode:
            return outcome
        if len(outcome.answer) > 1:
            outcome.answer = self._ordered(outcome, outcome.answer, preferring=True)
        if len(outcome.authority) > 1:
            outcome.authority = self._ordered(outcome, outcome.authority, preferring=False)
        if len(outcome.additional) > 1:
            outcome.additional = self._ordered(outcome, outcome.additional, preferring=True)
        return outcome

    def _ordered(self, reply: Reply, records: list[Record], *, preferring: bool) -> list[Record]:
        """The section in its new order; asks for turns, or shuffles, where it has several addresses or MX."""
        aliases, rest, addresses, exchanges = groups(records)
        preferring = preferring and bool(self._preferred)
        if len(addresses) > 1 or len(exchanges) > 1:
            if preferring:
                reply.depends = None
            if reply.depends is None:
                self._random.shuffle(addresses)
                self._random.shuffle(exchanges)
            else:
                reply.rotate = True
        if preferring:
            addresses.sort(key=self._rank)
            return [*aliases, *addresses, *exchanges, *rest]
        return [*aliases, *rest, *addresses, *exchanges]

    def _rank(self, record: Record) -> int:
        """Which of the preferred networks holds the address; one more than there are, if none."""
        address = ip_address(record.rdata)
        for rank, network in enumerate(self._preferred):
            if address in network:
                return rank
        return len(self._preferred)


class WeightedLoadBalance:
    """One address first, chosen by weight; the others keep their places."""

    name = NAME

    def __init__(self, host: Host, weights: Weights) -> None:
        self.weights = weights
        self._random = host.random

    def answer(self, query: Query, next: Handler, /) -> Answer:
        answer = next(query)
        if query.qtype not in _WEIGHTED:
            return answer
        return after(answer, self._balance)

    def _balance(self, outcome: Settled) -> Settled:
        if isinstance(outcome, Reply) and not outcome.rcode:
            outcome.answer = self._ordered(outcome, outcome.answer)
            outcome.additional = self._ordered(outcome, outcome.additional)
        return outcome

    def _ordered(self, reply: Reply, records: list[Record]) -> list[Record]:
        aliases, rest, addresses, exchanges = groups(records)
        if not addresses:
            return records
        if len(addresses) > 1:
            reply.depends = None
            weights = [self.weights.of(record) for record in addresses]
            top = self._random.choices(range(len(addresses)), weights)[0]
            addresses[0], addresses[top] = addresses[top], addresses[0]
        return [*aliases, *rest, *addresses, *exchanges]


def groups(records: list[Record]) -> Groups:
    """Aliases, other types, addresses and MX, each in the order they had."""
    found: Groups = ([], [], [], [])
    for record in records:
        found[_GROUPS.get(record.rtype, _REST)].append(record)
    return found


def setup(uses: Sequence[Directive], host: Host) -> LoadBalance | WeightedLoadBalance:
    """Of several uses the last policy counts, the preferred networks of all do, as in CoreDNS. Raises BadConfig."""
    preferred: list[Network] = []
    weighted: Weights | None = None
    for use in uses:
        policy, *words = use.arguments or (None,)
        match policy.text if policy else "round_robin":
            case "round_robin":
                if words:
                    raise BadConfig.at(words[0], "unknown property for round_robin")
                weighted = None
                preferred += [network for option in use.options for network in _networks(option)]
            case "weighted":
                weighted = _weights(use, host)
                preferred = []
            case unknown:
                raise BadConfig.at(use.arguments[0], f"unknown policy: {unknown}")
    if weighted is None:
        return LoadBalance(host, preferred)
    host.on_start(weighted.start)
    return WeightedLoadBalance(host, weighted)


def _networks(option: Option) -> list[Network]:
    if option.name.text != "prefer":
        raise unknown_option(option, ("prefer",))
    networks = []
    for word in option.arguments:
        try:
            if "/" not in word.text:
                raise ValueError(f"invalid CIDR address: {word.text}")
            networks.append(ip_network(word.text, strict=False))
        except ValueError as error:
            raise BadConfig.at(word, f"invalid CIDR {go_syntax.quote(word.text)}: {error}") from None
    return networks


def _weights(use: Directive, host: Host) -> Weights:
    words = use.arguments[1:]
    if not words:
        raise BadConfig.at(use.name, "missing weight file argument")
    if len(words) > 1:
        raise BadConfig.at(words[1], "unexpected argument(s)")
    reload = limits.WEIGHTS_RELOAD
    for option in use.options:
        if option.name.text != "reload":
            raise unknown_option(option, ("reload",))
        if not option.arguments:
            raise BadConfig.at(option.name, "reload duration value is missing")
        if len(option.arguments) > 1:
            raise BadConfig.at(option.arguments[1], "unexpected argument")
        try:
            reload = go_syntax.duration(option.arguments[0].text)
        except ValueError:
            raise BadConfig.at(option.arguments[0], f"invalid reload duration '{option.arguments[0].text}'") from None
    return Weights(host, words[0].text, reload)
