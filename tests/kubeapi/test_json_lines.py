from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver import limits
from resolver.kubeapi.errors import Oversized
from resolver.kubeapi.json_lines import LineSplitter


def fed(pieces: list[bytes], limit: int = 1 << 20) -> tuple[list[bytes], int]:
    splitter = LineSplitter(limit)
    lines = [line for piece in pieces for line in splitter.feed(piece)]
    return lines, splitter.unfinished


@pytest.mark.parametrize(
    ("pieces", "lines", "unfinished"),
    [
        ([], [], 0),
        ([b""], [], 0),
        ([b"one\ntwo\n"], [b"one", b"two"], 0),
        ([b"on", b"e\ntw", b"o\n"], [b"one", b"two"], 0),
        ([b"one\ntw"], [b"one"], 2),
        ([b"one", b"\n"], [b"one"], 0),
        ([b"\n\n \r\none\n"], [b"one"], 0),
    ],
)
def test_lines_end_at_newlines_and_the_rest_waits(pieces: list[bytes], lines: list[bytes], unfinished: int) -> None:
    assert fed(pieces) == (lines, unfinished)


@given(st.lists(st.binary(min_size=1).filter(lambda line: b"\n" not in line and not line.isspace())), st.data())
def test_where_the_stream_is_cut_does_not_matter(lines: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    edges = [0, *cuts, len(stream)]
    assert fed([stream[a:b] for a, b in pairwise(edges)]) == (lines, 0)


@pytest.mark.parametrize("size", [1, 4_096, 65_536, 4_000_000])
def test_a_line_of_three_megabytes_passes_in_pieces_of_any_size(size: int) -> None:
    line = b"x" * 3_000_000
    stream = line + b"\nshort\n"
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert fed(pieces, limits.API_OBJECT) == ([line, b"short"], 0)


@pytest.mark.parametrize(
    "pieces",
    [[b"x" * 11], [b"x" * 6, b"x" * 5], [b"x" * 6, b"x" * 5 + b"\n"], [b"ok\n" + b"x" * 11 + b"\n"]],
    ids=["unfinished", "in pieces", "finished", "after a good one"],
)
def test_a_line_beyond_the_limit_is_refused(pieces: list[bytes]) -> None:
    with pytest.raises(Oversized, match="line of more than 10 bytes"):
        fed(pieces, 10)
