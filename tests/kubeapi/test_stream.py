"""What a batch of watch lines comes to."""

import pytest

from resolver.cluster.decoding import WatchEvent
from resolver.cluster.objects import NAMESPACES, Namespace
from resolver.kubeapi.stream import Stream, Taken

SHOP = Namespace(b"\x04shop")


def stream_at(version: str) -> Stream:
    stream = Stream(NAMESPACES)
    stream.restart(version)
    return stream


def line(type: str, version: str) -> WatchEvent:
    return WatchEvent(type, SHOP, version)


@pytest.mark.parametrize(
    ("start", "lines", "kept", "end", "doubt"),
    [
        ("5", [("ADDED", "6"), ("MODIFIED", "7"), ("DELETED", "8")], "AMD", "8", False),
        ("5", [("BOOKMARK", "9")], "", "9", False),
        ("5", [("ADDED", "6"), ("ADDED", "7"), ("ADDED", "6"), ("ADDED", "7")], "AAA", "7", False),
        ("5", [("ADDED", "4")], "", "5", True),
        ("5", [("DELETED", "4")], "D", "5", True),
        ("5", [("BOOKMARK", "4")], "", "5", True),
        ("5", [("ADDED", ""), ("MODIFIED", "5")], "AM", "5", False),
        ("", [("ADDED", "9"), ("ADDED", "3"), ("MODIFIED", "11"), ("ADDED", "12")], "AAMA", "12", False),
        ("x1", [("ADDED", "x0"), ("MODIFIED", "x2")], "AM", "x2", False),
        ("5", [("SHRUGGED", "6"), ("ADDED", "7")], "A", "7", False),
    ],
    ids=str,
)
def test_lines_become_changes_and_a_version(
    start: str, lines: list[tuple[str, str]], kept: str, end: str, doubt: bool
) -> None:
    stream = stream_at(start)
    taken = stream.take([line(*one) for one in lines])
    assert "".join(change[0] for change, _ in taken.changes) == kept
    assert len(taken.versions) == len(taken.changes)
    assert (stream.version, taken.doubt) == (end, doubt)


def test_an_object_that_could_not_be_read_moves_the_version_and_leaves_a_doubt() -> None:
    stream = stream_at("5")
    taken = stream.take([WatchEvent("MODIFIED", None, "6")])
    assert (taken.changes, taken.doubt, stream.version) == ([], True, "6")


def test_nothing_after_an_error_event_counts() -> None:
    stream = stream_at("5")
    taken = stream.take([line("ADDED", "6"), WatchEvent("ERROR", None), line("ADDED", "7")])
    assert (len(taken.changes), taken.error is not None, stream.version) == (1, True, "6")


def test_each_unknown_type_is_reported_once_and_not_without_end() -> None:
    stream = stream_at("5")
    takings: list[Taken] = [stream.take([line(f"TYPE{number % 50}", "6")]) for number in range(200)]
    assert sum(len(taken.reports) for taken in takings) == 8
