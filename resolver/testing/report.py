"""Questions, answers and faults in words: what a failed test shows of its servers."""

from collections.abc import Iterable, Sequence

from resolver import limits
from resolver.faults.fault import Fault
from resolver.faults.fault_list import Firing
from resolver.server.history_entry import Asked


def question_lines(asked: Sequence[Asked]) -> list[str]:
    """A line for each question, and one for each record of its answer; of very many only the last."""
    left_out = len(asked) - limits.REPORTED_QUESTIONS
    lines = [f"... {left_out} earlier"] if left_out > 0 else []
    begin = asked[0].at if asked else 0.0
    for each in asked[-limits.REPORTED_QUESTIONS :]:
        lines += _lines(each, begin)
    return lines


def _lines(asked: Asked, begin: float) -> Iterable[str]:
    what = f"{asked.name or '?'} {asked.type or '?'}"
    flags = " ".join(flag for flag in asked.flags if flag != "qr")
    said = "no reply" if asked.rcode is None else " ".join(part for part in (asked.rcode, flags) if part)
    if asked.rcode == "NOERROR" and not asked.answers:
        said += ", no records"
    seconds = f"{asked.at - begin:+.3f} s"
    yield f"{seconds:>10}  {asked.client} ({asked.protocol})  {what} -> {said}"
    for record in asked.answers[: limits.REPORTED_ANSWERS]:
        yield f"{'':12}{record}"
    if len(asked.answers) > limits.REPORTED_ANSWERS:
        yield f"{'':12}... {len(asked.answers) - limits.REPORTED_ANSWERS} more"


def fault_lines(faults: Sequence[Fault], firings: Sequence[Firing], begin: float) -> list[str]:
    """A line for each fault, and one for each time one of them fired, `begin` being the time of the first question."""
    lines = [f"fault {each.id}: {each.describe()}: fired {_times(each.count)}" for each in faults]
    left_out = len(firings) - limits.REPORTED_QUESTIONS
    if left_out > 0:
        lines.append(f"... {left_out} earlier firings")
    for each in firings[-limits.REPORTED_QUESTIONS :]:
        seconds = f"{each.at - begin:+.3f} s"
        lines.append(f"{seconds:>10}  {each.client}  {each.name} {each.qtype}: fault {each.fault_id} ({each.kind})")
    return lines


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
