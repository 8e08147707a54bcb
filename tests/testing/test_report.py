from resolver import limits
from resolver.faults.fault import Fault
from resolver.faults.fault_list import Firing
from resolver.server.history_entry import Asked
from resolver.testing.report import fault_lines, question_lines


def asked(at=1.0, name="web.default.svc.cluster.local", rcode="NOERROR", answers=(), flags=("qr", "aa", "rd")):
    return Asked(at, "::1", 4000, 53, "tcp", 7, name, "AAAA" if name else "", rcode, flags, answers, 60, 1)


def test_a_question_has_a_line_and_each_record_has_one():
    record = "web.default.svc.cluster.local. 5 IN AAAA fd00::1"
    lines = question_lines([asked(answers=(record,)), asked(at=1.25, rcode="NXDOMAIN")])
    assert [line.split() for line in lines] == [
        ["+0.000", "s", "::1", "(tcp)", "web.default.svc.cluster.local", "AAAA", "->", "NOERROR", "aa", "rd"],
        record.split(),
        ["+0.250", "s", "::1", "(tcp)", "web.default.svc.cluster.local", "AAAA", "->", "NXDOMAIN", "aa", "rd"],
    ]


def test_silence_no_records_and_packets_that_are_no_question_are_told():
    lines = question_lines([asked(rcode=None, flags=()), asked(), asked(name="", rcode="FORMERR", flags=("qr",))])
    assert [line.partition(")  ")[2] for line in lines] == [
        "web.default.svc.cluster.local AAAA -> no reply",
        "web.default.svc.cluster.local AAAA -> NOERROR aa rd, no records",
        "? ? -> FORMERR",
    ]


def test_of_very_many_the_last_are_shown():
    lines = question_lines([asked()] * (limits.REPORTED_QUESTIONS + 5))
    assert lines[0] == "... 5 earlier"
    assert len(lines) == limits.REPORTED_QUESTIONS + 1
    records = question_lines([asked(answers=("x",) * (limits.REPORTED_ANSWERS + 2))])
    assert len(records) == limits.REPORTED_ANSWERS + 2
    assert records[-1].strip() == "... 2 more"


def test_nothing_asked_has_no_lines():
    assert question_lines([]) == []


def test_faults_are_told_with_when_they_fired():
    fault = Fault.make("web.shop", qtype="AAAA", drop=True, times=3)
    fault.id, fault.count = 1, 2
    firings = [Firing(2.0 + number, 1, "drop", "web.shop.svc.cluster.local", "AAAA", "::1") for number in range(2)]
    lines = fault_lines([fault], firings, 1.5)
    assert lines[0] == f"fault 1: {fault.describe()}: fired 2 times"
    assert [line.split() for line in lines[1:]] == [
        [when, "s", "::1", "web.shop.svc.cluster.local", "AAAA:", "fault", "1", "(drop)"]
        for when in ("+0.500", "+1.500")
    ]
    many = fault_lines([], firings * limits.REPORTED_QUESTIONS, 0.0)
    assert (many[0], len(many)) == (f"... {limits.REPORTED_QUESTIONS} earlier firings", limits.REPORTED_QUESTIONS + 1)
