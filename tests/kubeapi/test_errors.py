"""What JSON from outside raises is known, and errors say what to do."""

from typing import Any

import msgspec
import pytest

from resolver.kubeapi.errors import UNREADABLE, ApiSilent, ApiUnavailable, BadCredentials, NotAList, Oversized


@pytest.mark.parametrize(
    ("body", "type"),
    [
        (b"", Any),
        (b"{", Any),
        (b'{"a": 1}', list[int]),
        (b'["\xff"]', list[str]),
        (b"[" * 100_000 + b"]" * 100_000, Any),
    ],
    ids=["empty", "broken", "another type", "no UTF-8", "nested too deep"],
)
def test_what_cannot_be_read_raises_nothing_else(body: bytes, type: Any) -> None:
    with pytest.raises(UNREADABLE):
        msgspec.json.decode(body, type=type)


@pytest.mark.parametrize("error", [BadCredentials, ApiSilent, Oversized, NotAList])
def test_all_are_caught_at_the_one_boundary(error: type[ApiUnavailable]) -> None:
    assert issubclass(error, ApiUnavailable)


def test_something_too_large_is_told_with_the_limit() -> None:
    assert str(Oversized("watch line", 512)) == (
        "the API sent a watch line of more than 512 bytes; no Kubernetes object is that large"
    )
