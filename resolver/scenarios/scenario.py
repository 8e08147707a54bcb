"""A scenario: manifests, faults and steps, and the story of the bug it stands for.

The files beside this module have the members of `Scenario`, with `faults` as lines of words and `steps` as mappings
with the members of `Step`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from typing import Any, Final

import yaml

from resolver import limits
from resolver.faults.fault import Fault
from resolver.faults.pattern import DEFAULT_ZONE
from resolver.faults.values import seconds

_SUFFIX: Final = ".yaml"


class UnknownScenario(ValueError):
    """There is no such scenario; the message says which there are, and the nearest spelling."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """So many replicas of a workload."""

    kind: str
    name: str
    namespace: str
    replicas: int


@dataclass(frozen=True, slots=True)
class Step:
    """What happens `after` seconds, in this order: all faults go, manifests are applied, workloads scaled, faults come.

    `say` is what is told of it.
    """

    after: float
    say: str
    clear: bool = False
    apply: str = ""
    scale: tuple[Scaling, ...] = ()
    faults: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """`story`: the real bug. `client`: what a right client does. `tries`: commands to see it, with ``{address}`` and
    ``{port}`` of the server. `faults` are there from the start; then the steps follow, over and over where `repeat`.

    `hosts` are lines of a hosts file, for names outside of the cluster.
    """

    name: str
    title: str
    story: str
    client: str
    tries: tuple[str, ...]
    manifest: str
    faults: tuple[tuple[str, ...], ...]
    steps: tuple[Step, ...] = ()
    repeat: bool = False
    hosts: tuple[str, ...] = ()

    def make_faults(self, zone: str = DEFAULT_ZONE) -> list[Fault]:
        """The faults that are there from the start, for a cluster of this domain."""
        return [Fault.from_words(words, zone=zone) for words in self.faults]

    def corefile(self, binds: str, port: int = 0, domain: str = DEFAULT_ZONE) -> str:
        """A Corefile to play it with, on these addresses (with blanks between) and this port; questions are logged."""
        zones = (domain, "in-addr.arpa", "ip6.arpa")
        blocks = [_block(" ".join(f"{zone}:{port}" for zone in zones), binds, f"kubernetes {' '.join(zones)}")]
        if self.hosts:
            lines = "".join(f"        {line}\n" for line in self.hosts)
            blocks.append(_block(f".:{port}", binds, f"hosts {{\n{lines}    }}"))
        return "".join(blocks)


def scenario_names() -> list[str]:
    """The scenarios there are, in alphabetical order."""
    found = [entry.name for entry in files("resolver.scenarios").iterdir()]
    return sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX))


def scenario(name: str) -> Scenario:
    """Reads one. Raises UnknownScenario."""
    names = scenario_names()
    if name not in names:
        nearest = get_close_matches(name.lower(), names, n=1)
        hint = f"; did you mean {nearest[0]}?" if nearest else ""
        raise UnknownScenario(f"there is no scenario {name!r}; there are {', '.join(names)}{hint}")
    text = (files("resolver.scenarios") / f"{name}{_SUFFIX}").read_text(encoding="utf-8")
    return _scenario(name, yaml.load(text[: limits.SCENARIO_SIZE], Loader=yaml.CSafeLoader))


def _scenario(name: str, value: Mapping[str, Any]) -> Scenario:
    return Scenario(
        name,
        value["title"],
        value["story"].strip(),
        value["client"].strip(),
        tuple(value["tries"]),
        value["manifest"],
        _faults(value),
        tuple(map(_step, value.get("steps", ()))),
        value.get("repeat", False),
        tuple(value.get("hosts", ())),
    )


def _step(value: Mapping[str, Any]) -> Step:
    return Step(
        seconds(value["after"], "after", limits.FAULT_DURATION_MOST),
        value["say"],
        value.get("clear", False),
        value.get("apply", ""),
        tuple(Scaling(**each) for each in value.get("scale", ())),
        _faults(value),
    )


def _faults(value: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split()) for line in value.get("faults", ()))


def _block(keys: str, binds: str, plugin: str) -> str:
    return f"{keys} {{\n    bind {binds}\n    errors\n    log\n    loadbalance\n    {plugin}\n}}\n"
