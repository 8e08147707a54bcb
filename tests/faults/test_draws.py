"""Chance that can be repeated."""

from resolver.faults.draws import draw, noise


def test_a_draw_is_the_same_each_time() -> None:
    assert draw(7, 1) == draw(7, 1)
    assert len({draw(7, 1), draw(7, 2), draw(8, 1), draw(7, 1, "delay")}) == 4


def test_draws_lie_evenly_between_0_and_1() -> None:
    draws = [draw(1, number) for number in range(4_000)]
    assert min(draws) >= 0
    assert max(draws) < 1
    assert 900 < sum(each < 0.25 for each in draws) < 1_100


def test_noise_is_as_long_as_asked() -> None:
    assert [len(noise(1, 1, size)) for size in (0, 1, 31, 32, 33, 700)] == [0, 1, 31, 32, 33, 700]
    assert noise(1, 1, 40)[:32] == noise(1, 1, 32)
    assert noise(1, 1, 32) != noise(1, 2, 32)
