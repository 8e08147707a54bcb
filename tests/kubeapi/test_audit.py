from itertools import count

import pytest

from resolver.cluster.objects import NAMESPACES, ClusterObject, Namespace
from resolver.kubeapi.audit import Audit, Standing, overlaid
from resolver.kubeapi.listing import Habits, Listing


def names(*texts: bytes) -> list[ClusterObject]:
    return [Namespace(text) for text in texts]


def audit_of(listed: str, floor: str) -> Audit:
    listing = Listing(NAMESPACES, Habits(), count(1), lambda: 0.0)
    listing.version, listing.objects, listing.done = listed, names(b"a", b"b"), True
    return Audit(listing, floor)


@pytest.mark.parametrize(
    ("listed", "floor", "reached", "standing"),
    [
        ("20", "10", "19", Standing.BEHIND),
        ("20", "10", "20", Standing.REACHED),
        ("20", "10", "30", Standing.REACHED),
        ("9", "10", "10", Standing.WENT_BACK),
        ("x", "10", "10", Standing.BEHIND),
        ("x", "w", "x", Standing.REACHED),
        ("20", "", "", Standing.BEHIND),
    ],
)
def test_a_list_can_be_compared_once_the_stream_has_reached_it(
    listed: str, floor: str, reached: str, standing: Standing
) -> None:
    assert audit_of(listed, floor).standing(reached) is standing


def test_what_the_stream_brought_after_the_list_is_laid_over_it_and_nothing_older() -> None:
    audit = audit_of("20", "10")
    for change, name, version in [
        ("ADDED", b"older", "20"),
        ("ADDED", b"c", "21"),
        ("DELETED", b"a", "22"),
        ("DELETED", b"never there", "23"),
    ]:
        audit.note((change, Namespace(name)), version)
    assert audit.expected() == names(b"b", b"c")
    assert audit.listed() == names(b"a", b"b")


def test_changes_are_laid_over_in_order() -> None:
    changes: list[tuple[str, ClusterObject]] = [("DELETED", Namespace(b"a")), ("ADDED", Namespace(b"a"))]
    assert overlaid(names(b"a", b"b"), changes) == names(b"b", b"a")
