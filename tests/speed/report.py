"""Samples into ratios, ratios against their targets, and the table of all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

DUALDNS, COREDNS, FLOOR, KUBE_APISERVER = "dualdns", "coredns", "floor", "kube-apiserver"
OTHERS = {COREDNS: "CoreDNS", FLOOR: "floor", KUBE_APISERVER: "kube-apiserver"}


@dataclass(frozen=True)
class Target:
    """What a figure must reach. `against` is another program, or empty for the figure itself.

    `times`: the other's figure divided by ours must be at least `value` (how many times as much we do for the same);
    else ours divided by the other's, or ours alone, at most `value`.
    """

    value: float
    against: str = COREDNS
    times: bool = False

    def __str__(self) -> str:
        if self.times:
            return f">= {self.value:g} times {OTHERS[self.against]}"
        return f"<= {self.value:g}" + (f" of {OTHERS[self.against]}" if self.against else "")


@dataclass(frozen=True)
class Verdict:
    """A target, what was reached of it (None: nothing to compare with), and whether that is enough."""

    target: Target
    reached: float | None

    @property
    def met(self) -> bool | None:
        if self.reached is None:
            return None
        return self.reached >= self.target.value if self.target.times else self.reached <= self.target.value

    def __str__(self) -> str:
        if self.reached is None:
            return f"{self.target}: not measured"
        return f"{self.target}: {self.reached:.2f}, {'met' if self.met else 'NOT MET'}"


@dataclass
class Figure:
    """One thing that was measured: `samples` of each program, in the order they were taken, turn by turn."""

    name: str
    unit: str
    targets: tuple[Target, ...] = ()
    samples: dict[str, list[float]] = field(default_factory=dict)

    def add(self, program: str, value: float) -> None:
        self.samples.setdefault(program, []).append(value)

    def median(self, program: str) -> float | None:
        return median(self.samples[program]) if self.samples.get(program) else None

    def ratio(self, target: Target) -> float | None:
        """The median of the ratios of samples that were taken one after the other."""
        if not target.against:
            return self.median(DUALDNS)
        ours, theirs = self.samples.get(DUALDNS, ()), self.samples.get(target.against, ())
        return median_ratio(theirs, ours) if target.times else median_ratio(ours, theirs)

    @property
    def verdicts(self) -> list[Verdict]:
        return [Verdict(target, self.ratio(target)) for target in self.targets]

    def as_json(self) -> dict[str, Any]:
        medians = {program: self.median(program) for program in self.samples}
        verdicts = [{"target": str(one.target), "reached": one.reached, "met": one.met} for one in self.verdicts]
        return {"name": self.name, "unit": self.unit, "median": medians, "samples": self.samples, "targets": verdicts}


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float | None:
    """The median of the ratios pair by pair; a shared machine is slow for both of a pair. None without any pair."""
    ratios = [one / other for one, other in zip(above, below, strict=False) if other]
    return median(ratios) if ratios else None


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all values is below or at."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(figures: Sequence[Figure], others: Sequence[str] = (COREDNS, FLOOR)) -> str:
    """One line a figure: medians of dualdns and of these others, and every target with what was reached."""
    programs = (DUALDNS, *others)
    last = len(programs) + 2
    rows: list[tuple[str, ...]] = [("", "unit", DUALDNS, *(OTHERS[other] for other in others), "target: reached")]
    for figure in figures:
        medians = [_number(figure.median(program)) for program in programs]
        verdicts = [str(verdict) for verdict in figure.verdicts] or [""]
        rows.append((figure.name, figure.unit, *medians, verdicts[0]))
        rows += [(*[""] * last, verdict) for verdict in verdicts[1:]]
    widths = [max(len(row[column]) for row in rows) for column in range(last + 1)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if 2 <= column < last else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"
