"""Steps of a rolling update."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.controlplane.workloads.rollouts import Bounds, Size, bounds, grown, shrunk


@pytest.mark.parametrize(
    ("surge", "unavailable", "desired", "expected"),
    [
        ("25%", "25%", 4, (1, 1)),
        ("25%", "25%", 3, (1, 0)),
        ("25%", "25%", 1, (1, 0)),
        (2, 0, 5, (2, 0)),
        (0, "10%", 5, (0, 1)),
        ("100%", "100%", 3, (3, 3)),
        (0, 9, 3, (0, 3)),
        (None, None, 3, (0, 1)),
        ("25%", "25%", 0, (0, 0)),
    ],
)
def test_bounds_round_up_for_more_and_down_for_fewer(
    surge: int | str | None, unavailable: int | str | None, desired: int, expected: tuple[int, int]
) -> None:
    assert bounds(surge, unavailable, desired) == expected


@pytest.mark.parametrize(
    ("new", "old", "desired", "surge", "expected"),
    [
        (Size(0, 0), [Size(3, 3)], 3, 1, 1),
        (Size(1, 1), [Size(3, 3)], 3, 1, 1),
        (Size(1, 1), [Size(2, 2)], 3, 1, 2),
        (Size(0, 0), [], 3, 1, 3),
        (Size(5, 5), [], 3, 1, 3),
        (Size(2, 0), [Size(4, 4)], 3, 1, 2),
    ],
)
def test_the_new_one_grows_as_far_as_there_is_room(
    new: Size, old: list[Size], desired: int, surge: int, expected: int
) -> None:
    assert grown(new, old, desired, surge) == expected


@pytest.mark.parametrize(
    ("new", "old", "desired", "unavailable", "expected"),
    [
        (Size(1, 1), [Size(3, 3)], 3, 0, [2]),
        (Size(1, 0), [Size(3, 3)], 3, 0, [3]),
        (Size(1, 0), [Size(3, 1)], 3, 2, [1]),
        (Size(3, 3), [Size(1, 1), Size(2, 2)], 3, 0, [0, 0]),
        (Size(2, 2), [Size(1, 1), Size(1, 1)], 3, 0, [0, 1]),
        (Size(0, 0), [Size(3, 3)], 3, 1, [2]),
    ],
)
def test_old_ones_shrink_as_far_as_enough_is_left(
    new: Size, old: list[Size], desired: int, unavailable: int, expected: list[int]
) -> None:
    assert shrunk(new, old, desired, unavailable) == expected


@given(st.integers(1, 20), st.integers(0, 20), st.integers(0, 20), st.lists(st.integers(0, 10), max_size=3))
def test_a_rollout_whose_pods_all_become_ready_ends_within_its_bounds(
    desired: int, surge: int, unavailable: int, sizes: list[int]
) -> None:
    limits = bounds(surge, unavailable, desired)
    new, old = Size(0, 0), [Size(each, each) for each in sizes]
    began = max(desired + limits.surge, sum(sizes))
    least = min(desired - limits.unavailable, sum(sizes))
    for _ in range(100):
        count = grown(new, old, desired, limits.surge)
        if count == new.replicas:
            old = [Size(each, each) for each in shrunk(new, old, desired, limits.unavailable)]
        new = Size(count, count)
        total = new.replicas + sum(each.replicas for each in old)
        assert least <= total <= began
    assert (new, sum(each.replicas for each in old)) == (Size(desired, desired), 0)
    assert isinstance(limits, Bounds)
