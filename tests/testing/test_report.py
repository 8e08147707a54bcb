from resolver import limits
from resolver.server.history_entry import Asked
from resolver.testing.report import question_lines


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
