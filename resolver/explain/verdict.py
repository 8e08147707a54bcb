"""What was answered in a word and a sentence, and what each plugin did on the way."""

from collections import Counter
from typing import Final

from resolver.answers.outcome import no_next_plugin
from resolver.explain.explanation import Step
from resolver.explain.notes import Decision, Notes, Sections, Visit
from resolver.wire import codes
from resolver.wire.names import name_to_text

_TELLING: Final = ("kubernetes", "server")
"""Who says by which rule; of others it is known that they answered."""
_END: Final = no_next_plugin("").error.partition(": ")[2]


def outcome_of(rcode: int | None, answers: int) -> str:
    """``answer``, ``NODATA``, the rcode, or ``silence``."""
    if rcode is None:
        return "silence"
    if rcode != codes.NOERROR:
        return codes.rcode_text(rcode)
    return "answer" if answers else "NODATA"


def settled_by(notes: Notes) -> list[Decision]:
    """The rules that have settled the reply, each once, the last one last; what stands in where a plugin told none."""
    found = list(dict.fromkeys(reversed(notes.decisions)))[::-1]
    top = [visit for visit in notes.visits if not visit.depth]
    last = next((visit for visit in reversed(top) if visit.passed_on is None), None)
    failed = next((visit for visit in reversed(top) if visit.inner is not None and visit.inner.error), None)
    if failed is not None and failed.inner is not None and _END in failed.inner.error:
        found.append(Decision("N6", f"{failed.plugin} passes the question on, and no plugin comes after it"))
    elif last is not None and last.plugin not in _TELLING:
        found.append(Decision("M", f"the plugin {last.plugin} {_answered(last)}"))
    return found


def verdict(outcome: str, type: str, name: str, types: Counter[str], said: str) -> str:
    """A sentence or two. `types` are the record types of the answer section, `said` what the last rule says."""
    why = f": {said}" if said else ""
    if outcome == "answer":
        listed = ", ".join(f"{count} {each}" for each, count in types.items())
        return f"{name} has {listed} record{'s' if sum(types.values()) > 1 else ''}{why}."
    if outcome == "NODATA":
        return f"{name} exists and has no {type} record{why}."
    if outcome == "NXDOMAIN":
        return f"{name} does not exist{why}."
    if outcome == "silence":
        return f"The server keeps silent{why}."
    return f"The server answers {outcome}{why}."


def steps(notes: Notes) -> tuple[Step, ...]:
    """What each plugin did, in chain order; those that only pass on are left out."""
    found = []
    for visit in notes.visits:
        did = _did(visit)
        if did:
            found.append(Step(visit.plugin, did, visit.depth, name_to_text(visit.asked)))
    return tuple(found)


def _did(visit: Visit) -> str:
    if visit.passed_on is None:
        return _answered(visit)
    if visit.passed_on != visit.asked:
        return f"asked for {name_to_text(visit.passed_on)} instead"
    before, after = visit.inner, visit.outer
    if before == after:
        return ""
    if before is None or after is None:
        return "kept the reply back" if after is None else "gave a reply of its own"
    return _changed(before, after)


def _answered(visit: Visit) -> str:
    said = visit.outer
    if said is None:
        return "kept silent"
    if visit.plugin == "cache":
        return "answered with a reply it keeps"
    if said.error:
        return f"failed: {said.error}"
    if said.rcode != codes.NOERROR:
        return f"answered {codes.rcode_text(said.rcode)}"
    return "answered" if said.answer else "answered that there is no such data"


def _changed(before: Sections, after: Sections) -> str:
    if before.rcode != after.rcode:
        return f"changed {codes.rcode_text(before.rcode)} into {codes.rcode_text(after.rcode)}"
    if sorted(before.records) == sorted(after.records):
        return "put the records in another order" if before.records != after.records else "changed flags"
    unaged = [sorted(record._replace(ttl=0) for record in each.records) for each in (before, after)]
    return "changed TTLs" if unaged[0] == unaged[1] else "changed the records"
