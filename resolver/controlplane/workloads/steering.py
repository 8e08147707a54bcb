"""Annotations that steer the simulation of a Pod; on the template of a workload they steer all its Pods."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from resolver.cluster.addresses import canonical_address, packed_address

READY: Final = "dualdns.dev/ready"
PHASE: Final = "dualdns.dev/phase"
POD_IPS: Final = "dualdns.dev/pod-ips"

_PHASES: Final = ("Pending", "Running", "Succeeded", "Failed")


class BadSteering(ValueError):
    """An annotation that cannot be read; the text says what to write instead."""


class Steering(NamedTuple):
    """`ready`: the condition Ready. `addresses`: groups of a Pod's addresses; a Pod takes the first that is free."""

    ready: bool = True
    phase: str = "Running"
    addresses: tuple[tuple[str, ...], ...] = ()


def steering(annotations: Mapping[str, str]) -> Steering:
    """Reads a Pod's annotations. Raises BadSteering."""
    ready = annotations.get(READY, "true")
    if ready not in ("true", "false"):
        raise BadSteering(f'annotation {READY} is {ready!r}: write "true" or "false"')
    phase = annotations.get(PHASE, "Running")
    if phase not in _PHASES:
        raise BadSteering(f"annotation {PHASE} is {phase!r}: write one of {', '.join(_PHASES)}")
    groups = annotations.get(POD_IPS, "").split(";")
    return Steering(ready == "true", phase, tuple(_addresses(each) for each in groups if each.strip()))


def _addresses(text: str) -> tuple[str, ...]:
    """One address, or one of each family with a comma between."""
    found = []
    for part in text.split(","):
        packed = packed_address(part.strip())
        if packed is None:
            raise BadSteering(_pod_ips(f"{part.strip()!r} is no IP address"))
        found.append(packed)
    if len({len(each) for each in found}) != len(found):
        raise BadSteering(_pod_ips(f"{text.strip()!r} has two addresses of one family"))
    return tuple(canonical_address(each) for each in found)


def _pod_ips(problem: str) -> str:
    example = "10.244.0.7,fd00:10:244::7"
    return f'annotation {POD_IPS}: {problem}; write for example "{example}", and ";" between the Pods of a workload'
