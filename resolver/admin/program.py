"""The program itself: its counters, a reload, an answer explained, and what the API has."""

import asyncio
from collections.abc import Iterable
from importlib import import_module
from ipaddress import ip_address
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

import resolver
from resolver import limits
from resolver.admin.operation import Answer, Desk, Nothing, Refused
from resolver.plugins.metric_rows import Buckets, MetricRow
from resolver.plugins.request_totals import RequestTotals


class HistogramShown(msgspec.Struct):
    """`counts[i]` values were at most `bounds[i]` and above the bound before; the last count is of those above all."""

    bounds: list[float]
    counts: list[int]
    sum: float


class CounterShown(msgspec.Struct):
    """One value; rows of one name and equal labels, from several server blocks, are to be added up."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: dict[str, str]
    value: float | HistogramShown


class Counters(msgspec.Struct):
    """All counters of the program. Those of requests are there where a block has `prometheus`."""

    counters: list[CounterShown]


class ExplainWanted(msgspec.Struct, forbid_unknown_fields=True):
    """A question."""

    name: Annotated[str, Meta(description="A name, with or without the zone, or an address.")]
    type: Annotated[str, Meta(description="A record type.")] = "A"
    namespace: Annotated[str, Meta(description="That of a name of one label.")] = "default"
    protocol: Annotated[Literal["udp", "tcp"], Meta(description="How it is asked.")] = "udp"
    bufsize: Annotated[
        int, Meta(ge=0, le=0xFFFF, description="Bytes of a reply by EDNS; 0 for a question without.")
    ] = limits.EXPLAINED_BUFSIZE
    client: Annotated[str, Meta(description="Who asks, by address.")] = "127.0.0.1"


class Reloaded(msgspec.Struct):
    """The configuration was read again and is in use."""

    reloaded: bool


class Page(msgspec.Struct):
    """One operation."""

    method: str
    path: str
    summary: str


class Root(msgspec.Struct):
    """What there is."""

    program: str
    openapi: str
    operations: list[Page]


async def list_counters(desk: Desk, parameters: Nothing, body: None) -> Answer:
    desk.server.flush_counts()
    return Counters([_shown(row) for row in _rows(desk)])


async def explain(desk: Desk, parameters: ExplainWanted, body: None) -> Answer:
    await asyncio.to_thread(import_module, "resolver.explain")  # half a second, in which questions are answered too
    from resolver.explain import BadQuestion, explain_question

    try:
        ip_address(parameters.client)
    except ValueError:
        raise Refused(400, f"client {parameters.client!r} is no address: write 127.0.0.1 or ::1") from None
    try:
        explanation = await explain_question(
            desk.server,
            parameters.name,
            parameters.type,
            protocol=parameters.protocol,
            bufsize=parameters.bufsize,
            client=parameters.client,
            namespace=parameters.namespace,
        )
    except BadQuestion as error:
        raise Refused(400, str(error)) from None
    found: dict[str, Any] = explanation.as_json()
    return found


async def reload(desk: Desk, parameters: Nothing, body: None) -> Answer:
    problem = await desk.server.reload_now()
    if problem:
        raise Refused(409, f"the configuration stays as it was: {problem}")
    return Reloaded(True)


async def show_root(desk: Desk, parameters: Nothing, body: None) -> Answer:
    from resolver.admin.operations import OPERATIONS  # that table names this function

    pages = [Page(each.method, each.path, each.summary) for each in OPERATIONS]
    return Root(f"dualdns-{resolver.__version__}", "/openapi.json", pages)


async def show_openapi(desk: Desk, parameters: Nothing, body: None) -> Answer:
    from resolver.admin.openapi import document
    from resolver.admin.operations import OPERATIONS  # as above

    return document(OPERATIONS)


def _rows(desk: Desk) -> Iterable[MetricRow]:
    totals = desk.server.lasting.get("prometheus totals")
    if isinstance(totals, RequestTotals):
        yield from totals.rows()
    yield from desk.server.metrics()
    yield from desk.server.traffic()
    if desk.history is not None:
        yield MetricRow("dualdns_history_questions_total", "counter", "Questions recorded.", (), desk.history.total)
        yield MetricRow("dualdns_history_questions", "gauge", "Questions kept.", (), len(desk.history))


def _shown(row: MetricRow) -> CounterShown:
    value = row.value
    if isinstance(value, Buckets):
        shown: float | HistogramShown = HistogramShown(list(value.bounds), list(value.counts), value.sum)
    else:
        shown = float(value)
    return CounterShown(row.name, row.kind, row.help, dict(row.labels), shown)
