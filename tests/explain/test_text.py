"""Long lists are cut in the text, and only there."""

from resolver import limits
from resolver.explain.explanation import ExplainedRecord, Explanation, LeftOut, Source, Step, Written
from resolver.explain.rules import RULES


def explanation(**more: object) -> Explanation:
    plain: dict[str, object] = {
        "given": "web",
        "name": "web.test.",
        "type": "A",
        "protocol": "udp",
        "bufsize": 1232,
        "rcode": "NOERROR",
        "outcome": "answer",
        "verdict": "so it is.",
    }
    return Explanation(**(plain | more))  # type: ignore[arg-type]


def record(number: int) -> ExplainedRecord:
    return ExplainedRecord("answer", f"web.test. 5 IN A 10.0.0.{number}", "web.test.", 5, "A", f"10.0.0.{number}")


def test_a_screen_of_records_is_enough() -> None:
    count = limits.EXPLAINED_RECORDS + 3
    found = explanation(records=tuple(record(number) for number in range(count)))
    text = found.text()
    assert f"Answer: {count} records" in text
    assert text.count(" IN A ") == limits.EXPLAINED_RECORDS
    assert "  ... and 3 more" in text
    assert len(found.as_json()["records"]) == count


def test_of_each_reason_some_are_shown() -> None:
    count = limits.EXPLAINED_LEFT_OUT + 2
    left = [LeftOut(f"10.0.0.{number}", "not-ready", "is not ready", RULES["F2"]) for number in range(count)]
    left.append(LeftOut("10.0.1.1", "other-family", "is of the other family", RULES["k8s.N1"]))
    text = explanation(left_out=tuple(left)).text()
    assert text.count("is not ready") == limits.EXPLAINED_LEFT_OUT
    assert "... and 2 more: not-ready" in text
    assert text.count(f"  {RULES['F2']}: ") == 1
    assert "10.0.1.1: is of the other family" in text


def test_colour_is_for_terminals() -> None:
    source = Source("Service", "shop", "web", "spec.clusterIPs[0]", written=Written("a.yaml", 3))
    left = LeftOut("x", "broken", "is broken", RULES["F2"], (source,))
    found = explanation(left_out=(left,), faults=("fault 1",), notes=("a note",), hints=("one", "two"))
    assert "\x1b" not in found.text()
    assert "\x1b[31m" in found.text(color=True)
    assert "Hints" in found.text()


def test_steps_are_shown_where_there_is_more_than_the_usual_one() -> None:
    usual = Step("kubernetes", "answered", 0, "web.test.")
    inner = Step("hosts", "answered", 1, "files.test.")
    assert "On the way" not in explanation(steps=(usual,)).text()
    assert "    hosts answered (asked for files.test.)" in explanation(steps=(usual, inner)).text()


def test_silence_is_said() -> None:
    assert "no reply: so it is." in explanation(rcode=None, outcome="silence").text()
