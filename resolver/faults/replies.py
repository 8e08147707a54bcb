"""What faults do to the records of a reply. Each function gives the section or reply changed, the old lists stay."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

from resolver.answers.outcome import Reply
from resolver.faults.effects import Effects
from resolver.faults.values import Only, Order
from resolver.wire import codes
from resolver.wire.reply import Record

_ADDRESSES: Final = (codes.A, codes.AAAA)
_SIZES: Final = {codes.A: 4, codes.AAAA: 16}


def for_once(reply: Reply, turn: int) -> None:
    """Makes the reply hold for this one time; the turns that kept replies take (loadbalance) are taken here."""
    reply.depends = None
    if reply.rotate:
        reply.rotate = False
        reply.answer = _addresses_changed(reply.answer, lambda run: _turned(run, turn))
        reply.additional = _addresses_changed(reply.additional, lambda run: _turned(run, turn))


def leave(only: Only, reply: Reply) -> bool:
    """Takes addresses away; whether nothing is left of an answer that had some."""
    had_some = bool(reply.answer)
    reply.answer = _left(only, reply.answer)
    reply.additional = _left(only, reply.additional)
    return had_some and not reply.answer


def change(effects: Effects, reply: Reply) -> None:
    """What else happens to records: addresses replaced, then their order, then the TTLs, then TC and no records."""
    replace, order, ttl = effects.replace, effects.order, effects.ttl
    if replace:
        reply.answer = _replaced(replace, reply.answer)
        reply.additional = _replaced(replace, reply.additional)
    if order is not None:
        reply.rotate = False
        reply.answer = _addresses_changed(reply.answer, lambda run: _ordered(order, run))
        reply.additional = _addresses_changed(reply.additional, lambda run: _ordered(order, run))
    if ttl is not None:
        reply.answer = [record._replace(ttl=ttl) for record in reply.answer]
        reply.authority = [record._replace(ttl=ttl) for record in reply.authority]
        reply.additional = [record._replace(ttl=ttl) for record in reply.additional]
    if effects.truncate:
        reply.flags |= codes.TC
        reply.answer, reply.authority, reply.additional = [], [], []


def denial_of(found: object, rcode: int) -> Reply:
    """NODATA or NXDOMAIN with the SOA of what was found for a question that has no answer."""
    reply = Reply(rcode)
    if isinstance(found, Reply):
        reply.flags = found.flags & (codes.AA | codes.RA)
        soas = [record for record in found.authority if record.rtype == codes.SOA]
        if soas:
            reply.authority, reply.soa, reply.serial = soas[:1], found.soa, found.serial
    return reply


def _left(only: Only, records: list[Record]) -> list[Record]:
    if only.count is None:
        return [record for record in records if record.rtype not in _ADDRESSES or _is_named(only, record.rdata)]
    counts: dict[tuple[bytes, int], int] = {}
    left = []
    for record in records:
        if record.rtype in _ADDRESSES:
            place = record.owner, record.rtype
            counts[place] = counts.get(place, 0) + 1
            if counts[place] > only.count:
                continue
        left.append(record)
    return left


def _is_named(only: Only, rdata: bytes) -> bool:
    address = ip_address(rdata)
    return any(address in network for network in only.networks)


def _replaced(addresses: tuple[bytes, ...], records: list[Record]) -> list[Record]:
    """Where a name has addresses of a family, these of that family stand in their place; the others stay."""
    result: list[Record] = []
    done: set[tuple[bytes, int]] = set()
    for record in records:
        others = [each for each in addresses if len(each) == _SIZES.get(record.rtype)]
        place = record.owner, record.rtype
        if not others:
            result.append(record)
        elif place not in done:
            done.add(place)
            result += [record._replace(rdata=each) for each in others]
    return result


def _ordered(order: Order, run: list[Record]) -> list[Record]:
    if order.rule:
        if order.rule == "fixed":
            return run
        return sorted(run, key=lambda record: (record.rtype, record.rdata), reverse=order.rule == "descending")
    places = {address: place for place, address in enumerate(order.first)}
    return sorted(run, key=lambda record: places.get(record.rdata, len(places)))


def _turned(run: list[Record], turn: int) -> list[Record]:
    first = turn % len(run)
    return run[first:] + run[:first]


def _addresses_changed(records: list[Record], put: Callable[[list[Record]], list[Record]]) -> list[Record]:
    """The section with its addresses put otherwise; all else keeps its place."""
    run = [record for record in records if record.rtype in _ADDRESSES]
    if len(run) < 2:
        return records
    others = iter(put(run))
    return [next(others) if record.rtype in _ADDRESSES else record for record in records]
