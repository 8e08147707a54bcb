from collections.abc import Callable

import pytest

from resolver import limits
from resolver.kubeapi.backoff import Backoff


@pytest.mark.parametrize(
    ("random", "delays"),
    [
        (lambda: 0.0, [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]),
        (lambda: 0.5, [1.2, 2.4, 4.8, 9.6, 19.2, 38.4, 45.0, 45.0]),
    ],
    ids=["no jitter", "half"],
)
def test_delays_double_up_to_the_cap_and_are_stretched_at_random(
    random: Callable[[], float], delays: list[float]
) -> None:
    backoff = Backoff(random)
    assert [backoff.delay(60.0 * turn) for turn in range(len(delays))] == pytest.approx(delays)


def test_two_quiet_minutes_make_the_next_failure_a_first_one() -> None:
    backoff = Backoff(lambda: 0.0)
    assert [backoff.delay(at) for at in (0, 10, 10 + limits.BACKOFF_QUIET, 131 + limits.BACKOFF_QUIET)] == [
        0.8,
        1.6,
        3.2,
        0.8,
    ]
