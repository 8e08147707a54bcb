from collections.abc import Sequence

import pytest

from resolver.server.history_entry import Asked
from resolver.server.history_filter import BadFilter
from resolver.testing.questions import Questions

WEB = "web.default.svc.cluster.local"


def asked(name, type="A", rcode="NOERROR", answers=None):
    if answers is None:
        answers = (f"{name}. 5 IN {type} x",) if rcode == "NOERROR" else ()
    return Asked(1.0, "127.0.0.1", 4000, 53, "udp", 7, name, type, rcode, ("qr", "aa"), tuple(answers), 60, 1)


def questions(*rows):
    return Questions([asked(*row) for row in rows])


def test_questions_are_a_sequence():
    found = questions((WEB,), (WEB, "AAAA"))
    assert isinstance(found, Sequence)
    assert len(found) == found.count == 2
    assert found[1].type == "AAAA"
    assert [each.type for each in reversed(found)] == ["AAAA", "A"]
    assert found[:1] == questions((WEB,))
    assert found[0] in found
    assert found != [*found]
    assert not questions()


def test_their_parts_come_as_lists():
    found = questions(("WEB.default.svc.cluster.local",), ("nix.", "AAAA", "NXDOMAIN"), (WEB, "A", None))
    assert found.types == ["A", "AAAA", "A"]
    assert found.names == [WEB, "nix.", WEB]
    assert found.rcodes == ["NOERROR", "NXDOMAIN", None]


def test_they_say_what_they_are():
    assert repr(questions((WEB,), (WEB, "AAAA"))) == f"<2 questions: {WEB} A, {WEB} AAAA>"


@pytest.mark.parametrize(
    "steps",
    [
        (),
        ("A",),
        ("A", "AAAA"),
        ("A", "SRV"),
        ("web.default", "db.shop"),
        (("web.default", "AAAA"), ("*.shop", "SRV")),
        (("**", "A"), "SRV"),
    ],
)
def test_an_order_is_kept_with_others_between(steps):
    assert questions((WEB,), (WEB, "AAAA"), ("db.shop.svc.cluster.local", "SRV")).in_order(*steps)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (("AAAA", "A"), "A was not asked after AAAA; what was asked:"),
        (("A", "A"), "A was not asked after A;"),
        ((("db.shop", "AAAA"),), "db.shop AAAA was not asked;"),
        (("MX",), "MX was not asked;"),
    ],
)
def test_an_order_that_was_not_kept_is_told_with_what_was_asked(steps, words):
    with pytest.raises(AssertionError) as caught:
        questions((WEB,), (WEB, "AAAA")).in_order(*steps)
    first, *rest = str(caught.value).splitlines()
    assert first.startswith(words)
    assert [f"{WEB} A ->" in rest[0], f"{WEB} AAAA ->" in rest[2]] == [True, True]


def test_nothing_asked_is_told_with_the_selection():
    with pytest.raises(AssertionError) as caught:
        Questions([], selection="name='web'").in_order("A")
    assert str(caught.value) == "A was not asked (name='web'); what was asked:\n  nothing at all"


def test_a_type_that_does_not_exist_is_told_with_the_nearest():
    with pytest.raises(BadFilter, match=r"there is no record type 'AAAAA' \(did you mean AAAA\?\)"):
        questions().in_order("AAAAA")


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(WEB,), (WEB, "AAAA"), (WEB,)],
        [("web.svc.cluster.local", "A", "NXDOMAIN"), ("db.svc.cluster.local", "A", "NXDOMAIN")],
        [("web.shop.svc.cluster.local", "A", "NXDOMAIN"), (WEB,)],
        [(WEB,), ("web.svc.cluster.local", "A", "NXDOMAIN")],  # nobody goes on after an answer
        [("0.db.shop.svc.cluster.local", "A", "NXDOMAIN"), ("db.shop.svc.cluster.local",)],
    ],
)
def test_other_questions_are_no_walk(rows):
    assert questions(*rows).no_search_path_walk()


@pytest.mark.parametrize(
    ("rows", "stem"),
    [
        ([(WEB, "A", "NXDOMAIN"), ("web.svc.cluster.local", "A", "NXDOMAIN")], "web"),
        ([("web.shop.default.svc.cluster.local", "A", "NXDOMAIN"), ("web.shop.svc.cluster.local",)], "web.shop"),
        ([(f"{WEB}.default.svc.cluster.local", "A", "NXDOMAIN"), (WEB.upper(),)], WEB),
        ([("example.com.cluster.local", "A", "NXDOMAIN"), ("example.com", "A", "REFUSED")], "example.com"),
        ([(WEB, "AAAA", "NOERROR", ()), ("web.svc.cluster.local", "AAAA", "NXDOMAIN")], "web"),
        ([("example.com", "A", "NXDOMAIN"), ("example.com.svc.cluster.local", "A", None)], "example.com"),
    ],
)
def test_a_walk_is_told_with_its_questions(rows, stem):
    with pytest.raises(AssertionError) as caught:
        questions(("other.default.svc.cluster.local",), *rows).no_search_path_walk()
    first, *rest = str(caught.value).splitlines()
    assert first == f"the search path was walked for {stem}; what was asked:"
    assert not any("other" in line for line in rest)
    assert len([line for line in rest if " -> " in line]) == 2
