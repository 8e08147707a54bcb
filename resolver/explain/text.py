"""An explanation as text for reading; colour for terminals only."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from resolver import limits
from resolver.explain.explanation import ExplainedRecord, Explanation, LeftOut, Source
from resolver.explain.rules import RULES, Rule

_BOLD: Final = "1"
_FAINT: Final = "2"
_RED: Final = "31"
_GREEN: Final = "32"
_YELLOW: Final = "33"
_OUTCOMES: Final = {"answer": _GREEN, "NODATA": _YELLOW}
_INDENT: Final = "    "
_DENIAL: Final = RULES["A2"]
"""Of the SOA that every denial has: nothing that needs reading."""
_USUAL: Final = "kubernetes"


class _Pen:
    def __init__(self, color: bool) -> None:
        self._color = color

    def __call__(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._color and text else text


def written(explanation: Explanation, *, color: bool = False) -> str:
    """Several lines, without a line break at the end."""
    return "\n".join(_lines(explanation, _Pen(color)))


def _lines(explanation: Explanation, pen: _Pen) -> Iterator[str]:
    yield pen(f"{explanation.name} {explanation.type}", _BOLD)
    for note in explanation.notes:
        yield pen(f"  {note}", _FAINT)
    word = explanation.rcode or "no reply"
    if explanation.outcome == "NODATA":
        word += " without data"
    settled = explanation.rules[-1][0] if explanation.rules else None
    yield f"  {pen(word, _OUTCOMES.get(explanation.outcome, _RED))}: {explanation.verdict}{_cited(settled, pen)}"
    for fault in explanation.faults:
        yield pen(f"  {fault} may change what a client gets; this is the reply without it", _RED)
    records = [record for record in explanation.records if record.rule != _DENIAL]
    yield from _records(records, pen)
    yield from _left_out(explanation.left_out, pen)
    if any(step.plugin != _USUAL or step.depth for step in explanation.steps):
        yield from ("", pen("On the way", _BOLD))
        for step in explanation.steps:
            asked = f" (asked for {step.name})" if step.depth else ""
            yield f"  {'  ' * step.depth}{step.plugin} {step.did}{asked}"
    if explanation.hints:
        yield from ("", pen("Hints" if len(explanation.hints) > 1 else "Hint", _BOLD))
        yield from (f"  {hint}" for hint in explanation.hints)
    cited = [rule for rule, _ in explanation.rules[-1:]]
    cited += [record.rule for record in records if record.rule is not None]
    cited += [left.rule for left in explanation.left_out if left.rule is not None]
    if cited:
        yield from ("", pen("Rules", _BOLD))
        yield from (f"  {rule}: {rule.text}" for rule in dict.fromkeys(cited))


def _records(records: Sequence[ExplainedRecord], pen: _Pen) -> Iterator[str]:
    for section, found in groupby(records, lambda each: each.section):
        shown = list(found)
        yield from ("", pen(f"{section.capitalize()}: {_several(len(shown), 'record')}", _BOLD))
        for record in shown[: limits.EXPLAINED_RECORDS]:
            yield f"  {record.text}{_cited(record.rule, pen)}"
            for source in record.sources:
                yield from _source(source, _INDENT, pen)
        if len(shown) > limits.EXPLAINED_RECORDS:
            yield f"  ... and {len(shown) - limits.EXPLAINED_RECORDS} more"


def _left_out(left_out: Sequence[LeftOut], pen: _Pen) -> Iterator[str]:
    if not left_out:
        return
    yield from ("", pen("Left out", _BOLD))
    shown: dict[str, int] = {}
    for each in left_out:
        shown[each.reason] = shown.get(each.reason, 0) + 1
        if shown[each.reason] > limits.EXPLAINED_LEFT_OUT:
            continue
        yield f"  {each.what}: {each.why}{_cited(each.rule, pen)}"
        for source in each.sources:
            yield from _source(source, _INDENT, pen, of=each.what)
    for reason, count in shown.items():
        if count > limits.EXPLAINED_LEFT_OUT:
            yield f"  ... and {count - limits.EXPLAINED_LEFT_OUT} more: {reason}"


def _source(source: Source, indent: str, pen: _Pen, *, of: str = "") -> Iterator[str]:
    """One line for an object, and for each of those behind it. `of` has been named already."""
    words = [text for text in (source.subject, source.field) if text]
    detail = f" [{source.detail}]" if source.detail else ""
    place = pen(f"  {source.written}", _FAINT) if source.written else ""
    if of != source.subject or detail or place:
        yield f"{indent}{' '.join(words)}{detail}{place}"
    for behind in source.behind:
        yield from _source(behind, indent + "  ", pen)


def _cited(rule: Rule | None, pen: _Pen) -> str:
    return pen(f"  [{rule.document} {rule.id}]", _FAINT) if rule is not None else ""


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
