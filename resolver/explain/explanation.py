"""An explanation as a value: what was answered, of what it was made, and what was left out and why."""

from dataclasses import dataclass, field
from typing import Any, Literal

from resolver.explain.rules import Rule

Reason = Literal[
    "not-ready", "terminating", "other-family", "no-hostname", "other-subdomain", "other-name", "other-zone",
    "no-such-port", "no-port", "no-address", "ended", "namespace-hidden", "label-missing", "broken", "truncated",
    "not-seen-yet", "no-slice",
]  # fmt: skip
"""In a word why something is not in a reply."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where a manifest says an object, or the one whose controller made it (`subject`, ``Deployment shop/web``)."""

    file: str
    line: int
    subject: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}"
        return f"{self.subject} at {place}" if self.subject else place

    def as_json(self) -> dict[str, Any]:
        return {"file": self.file, "line": self.line, **({"subject": self.subject} if self.subject else {})}


@dataclass(frozen=True, slots=True)
class Source:
    """An object of the cluster and the field of it that counts; `detail` is what else matters of it.

    `namespace` is empty for an object of the cluster. `behind` are the objects that it speaks of: a Pod, a Node.
    """

    kind: str
    namespace: str
    name: str
    field: str = ""
    value: str = ""
    detail: str = ""
    written: Written | None = None
    behind: "tuple[Source, ...]" = ()

    @property
    def subject(self) -> str:
        """``Service shop/web``."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": self.kind, "namespace": self.namespace, "name": self.name}
        found |= {key: text for key in ("field", "value", "detail") if (text := getattr(self, key))}
        if self.written is not None:
            found["written"] = self.written.as_json()
        if self.behind:
            found["behind"] = [each.as_json() for each in self.behind]
        return found


@dataclass(frozen=True, slots=True)
class ExplainedRecord:
    """One record of the reply. `text` as dig prints it; `section` is ``answer``, ``authority`` or ``additional``."""

    section: str
    text: str
    name: str
    ttl: int
    type: str
    data: str
    dns_class: str = "IN"
    why: str = ""
    rule: Rule | None = None
    sources: tuple[Source, ...] = ()

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {key: getattr(self, key) for key in ("section", "name", "ttl")}
        found |= {"class": self.dns_class, "type": self.type, "data": self.data}
        found["why"], found["rule"] = self.why, _rule_json(self.rule)
        found["sources"] = [each.as_json() for each in self.sources]
        return found


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An address, a name or a record that somebody may have looked for; `why` says in words what `reason` does."""

    what: str
    reason: Reason
    why: str
    rule: Rule | None = None
    sources: tuple[Source, ...] = ()

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"what": self.what, "reason": self.reason, "why": self.why}
        found["rule"] = _rule_json(self.rule)
        found["sources"] = [each.as_json() for each in self.sources]
        return found


@dataclass(frozen=True, slots=True)
class Step:
    """A plugin and what it did. `depth` is above 0 in questions of the server to itself, whose name is `name`."""

    plugin: str
    did: str
    depth: int
    name: str

    def as_json(self) -> dict[str, Any]:
        return {"plugin": self.plugin, "did": self.did, "depth": self.depth, "name": self.name}


@dataclass(frozen=True, slots=True)
class Explanation:
    """All there is to say of one question.

    `name` is the full name asked, with the last dot; `given` what it was taken from. `rcode` is None where the server
    keeps silent; `outcome` is ``answer``, ``NODATA``, an rcode other than NOERROR, or ``silence``. `rules` settled it,
    the last of them in the end. `size` is that of the reply in bytes, and `whole_size` what it would have with all and
    no name cut short, which decides whether it fits.
    """

    given: str
    name: str
    type: str
    protocol: str
    bufsize: int
    rcode: str | None
    outcome: str
    verdict: str
    size: int = 0
    whole_size: int = 0
    flags: tuple[str, ...] = ()
    rules: tuple[tuple[Rule, str], ...] = ()
    records: tuple[ExplainedRecord, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    steps: tuple[Step, ...] = ()
    hints: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    """Faults that may change what a client gets; the explanation is of the reply without them."""
    notes: tuple[str, ...] = field(default=())
    """What could not be looked at, and how the name was taken."""

    @property
    def resolves(self) -> bool:
        """There is no error, and a record."""
        return self.outcome == "answer"

    def text(self, color: bool = False) -> str:
        """For reading; `color` for a terminal."""
        from resolver.explain.text import written

        return written(self, color=color)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "question": {
                "given": self.given,
                "name": self.name,
                "type": self.type,
                "protocol": self.protocol,
                "bufsize": self.bufsize,
            },
            "rcode": self.rcode,
            "outcome": self.outcome,
            "verdict": self.verdict,
            "flags": list(self.flags),
            "size": self.size,
            "whole_size": self.whole_size,
            "rules": [{**(_rule_json(rule) or {}), "said": said} for rule, said in self.rules],
            "records": [each.as_json() for each in self.records],
            "left_out": [each.as_json() for each in self.left_out],
            "steps": [each.as_json() for each in self.steps],
            "hints": list(self.hints),
            "faults": list(self.faults),
            "notes": list(self.notes),
        }


def _rule_json(rule: Rule | None) -> dict[str, str] | None:
    return rule._asdict() if rule is not None else None
