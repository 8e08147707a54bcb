"""Metric rows as the page that Prometheus reads. Imports prometheus_client: to be imported only where it is used."""

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Final, TypeAlias

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from resolver.plugins.metric_rows import Buckets, Labels, MetricRow

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Rows: TypeAlias = Callable[[], Iterable[MetricRow]]


class RowCollector(Collector):
    """Rows as metric families; rows of equal name and labels are added up, but of timestamps the latest counts."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def collect(self) -> Iterator[Metric]:
        families: dict[str, tuple[MetricRow, dict[Labels, float | Buckets]]] = {}
        for row in self._rows():
            _, values = families.setdefault(row.name, (row, {}))
            before = values.get(row.labels)
            values[row.labels] = row.value if before is None else _together(row.name, before, row.value)
        for first, values in families.values():
            yield _family(first, values)


def page_maker(rows: Rows, *, runtime: Callable[[], bool]) -> Callable[[], bytes]:
    """The function that makes the page: these rows and the process's own metrics, more of Python's where `runtime`."""
    registry, with_runtime = CollectorRegistry(auto_describe=False), CollectorRegistry(auto_describe=False)
    GCCollector(registry=with_runtime)
    for each in (registry, with_runtime):
        each.register(RowCollector(rows))
        ProcessCollector(registry=each)
        PlatformCollector(registry=each)
    return lambda: generate_latest(with_runtime if runtime() else registry)


def _together(name: str, one: float | Buckets, other: float | Buckets) -> float | Buckets:
    if isinstance(one, Buckets) and isinstance(other, Buckets):
        counts = tuple(a + b for a, b in zip(one.counts, other.counts, strict=True))
        return Buckets(one.bounds, counts, one.sum + other.sum)
    if isinstance(one, Buckets) or isinstance(other, Buckets):
        raise TypeError(f"{name} is a histogram in one row and a number in another")
    return max(one, other) if name.endswith("_timestamp_seconds") else one + other


def _family(first: MetricRow, values: dict[Labels, float | Buckets]) -> Metric:
    name = first.name.removesuffix("_total") if first.kind == "counter" else first.name
    family = Metric(name, first.help, first.kind)
    for pairs, value in values.items():
        labels = dict(pairs)
        if isinstance(value, Buckets):
            _add_buckets(family, labels, value)
        else:
            family.add_sample(first.name, labels, value)
    return family


def _add_buckets(family: Metric, labels: dict[str, str], value: Buckets) -> None:
    totals = list(accumulate(value.counts))
    for bound, total in zip((*value.bounds, float("inf")), totals, strict=True):
        family.add_sample(f"{family.name}_bucket", {**labels, "le": _bound_text(bound)}, total)
    family.add_sample(f"{family.name}_sum", labels, value.sum)
    family.add_sample(f"{family.name}_count", labels, totals[-1])


def _bound_text(bound: float) -> str:
    return "+Inf" if bound == float("inf") else f"{bound:.15g}"
