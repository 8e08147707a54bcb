"""How a rolling update goes on from where it stands (pure; kube-controller-manager pkg/controller/deployment)."""

from collections.abc import Sequence
from math import ceil, floor
from typing import NamedTuple


class Size(NamedTuple):
    """Of a ReplicaSet: Pods asked for, and Pods that are available."""

    replicas: int
    available: int


class Bounds(NamedTuple):
    """How many Pods a rollout may have beyond those asked for, and how many of them it may lack."""

    surge: int
    unavailable: int


def bounds(surge: int | str | None, unavailable: int | str | None, desired: int) -> Bounds:
    """Resolves maxSurge (rounded up) and maxUnavailable (rounded down): numbers, or per cent of the replicas."""
    more = _resolved(surge, desired, up=True)
    fewer = _resolved(unavailable, desired, up=False)
    if not more and not fewer:
        fewer = 1
    return Bounds(more, min(fewer, desired))


def _resolved(value: int | str | None, total: int, *, up: bool) -> int:
    if value is None or isinstance(value, int):
        return value or 0
    share = int(value.removesuffix("%")) * total / 100
    return ceil(share) if up else floor(share)


def grown(new: Size, old: Sequence[Size], desired: int, surge: int) -> int:
    """How many Pods the new ReplicaSet is to have now."""
    if new.replicas >= desired:
        return desired
    room = desired + surge - new.replicas - sum(each.replicas for each in old)
    return new.replicas + max(min(room, desired - new.replicas), 0)


def shrunk(new: Size, old: Sequence[Size], desired: int, unavailable: int) -> list[int]:
    """How many Pods the old ReplicaSets, oldest first, are to keep now: those that are not available go first."""
    least = desired - unavailable
    sizes = [each.replicas for each in old]
    room = new.replicas + sum(sizes) - least - (new.replicas - new.available)
    if room <= 0:
        return sizes
    for index, each in enumerate(old):
        gone = min(room, each.replicas - each.available)
        if gone > 0:
            sizes[index] -= gone
            room -= gone
    spare = new.available + sum(min(each.available, size) for each, size in zip(old, sizes, strict=True)) - least
    for index, size in enumerate(sizes):
        gone = max(min(spare, size), 0)
        sizes[index] -= gone
        spare -= gone
    return sizes
