from struct import pack

import pytest

from resolver.answers.outcome import Failure, Reply, Settled, Transfer
from resolver.plugins.response_class import DENIAL, ERROR, SUCCESS, classify
from resolver.wire import codes
from resolver.wire.query import Edns, Query
from resolver.wire.reply import Record
from tests.support.questions import question, record

NOW = 1_700_000_000.0
A = record("web. 5 A 10.0.0.1")
NS = record("web. 5 NS ns.web.")
SOA = record("web. 5 SOA ns.web. root.web. 1 2 3 4 5")


def signature(begins: int, ends: int) -> Record:
    return Record(A.owner, codes.RRSIG, codes.IN, 5, pack("!HBBIIIH", codes.A, 8, 1, 5, ends, begins, 1) + b"\0sig")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (None, ERROR),
        (Failure(codes.REFUSED), ERROR),
        (Reply(answer=[A]), SUCCESS),
        (Reply(), SUCCESS),
        (Reply(authority=[NS]), SUCCESS),
        (Reply(authority=[SOA]), DENIAL),
        (Reply(answer=[A], authority=[SOA]), SUCCESS),
        (Reply(codes.NXDOMAIN, authority=[SOA]), DENIAL),
        (Reply(codes.NXDOMAIN), DENIAL),
        (Reply(codes.NXDOMAIN, answer=[A]), ERROR),
        (Reply(codes.SERVFAIL, authority=[SOA]), ERROR),
        (Reply(codes.NOTIMP), ERROR),
    ],
)
def test_replies_are_a_success_a_denial_or_an_error(outcome: Settled, expected: str) -> None:
    assert classify(question("web."), outcome, NOW) == expected


@pytest.mark.parametrize(
    "query", [question("web.", "AXFR"), question("web.", "IXFR"), question("web.", flags=codes.NOTIFY << 11)]
)
def test_transfers_and_other_opcodes_count_as_errors(query: Query) -> None:
    assert classify(query, Transfer([[A]]), NOW) == ERROR


@pytest.mark.parametrize(
    ("begins", "ends", "do", "expected"),
    [
        (-10, 10, True, SUCCESS),
        (0, 0, True, SUCCESS),
        (-10, -1, True, ERROR),
        (1, 10, True, ERROR),
        (-10, -1, False, SUCCESS),
    ],
)
def test_signatures_out_of_date_are_errors_to_those_who_ask_for_them(
    begins: int, ends: int, do: bool, expected: str
) -> None:
    reply = Reply(answer=[A, signature(int(NOW) + begins, int(NOW) + ends)])
    assert classify(question("web.", edns=Edns(1232, do=do)), reply, NOW) == expected
