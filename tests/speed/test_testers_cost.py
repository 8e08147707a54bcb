"""That the measurement works. Nothing here is timed."""

import sys

import pytest

from tests.speed import testers_cost

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="CPU is read from Linux's /proc")


def test_each_cost_is_told_with_and_without(capsys: pytest.CaptureFixture[str]) -> None:
    found = testers_cost.measure(rounds=1, questions=testers_cost.WINDOW)
    assert set(found) == {"faults", "history"}
    assert all(without > 0 and with_it > 0 and ratio > 0 for without, with_it, ratio in found.values())


@pytest.mark.parametrize(("ratio", "status"), [(1.0, 0), (1.02, 0), (1.2, 1)])
def test_what_costs_too_much_is_a_failure(ratio: float, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["testers_cost"])
    monkeypatch.setattr(testers_cost, "measure", lambda rounds, questions: {"faults": (5.0, 5.0 * ratio, ratio)})
    assert testers_cost.main() == status
