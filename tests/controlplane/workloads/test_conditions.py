"""Conditions in the status of workloads."""

from resolver.controlplane.workloads.conditions import condition, with_condition, without_condition

OLD = [
    {"type": "A", "status": "True", "lastUpdateTime": "t1", "lastTransitionTime": "t0", "reason": "R", "message": "m"},
    {"type": "B", "status": "False"},
]


def test_a_condition_that_says_the_same_keeps_its_times() -> None:
    assert with_condition(OLD, "A", True, "R", "m", "t9", updated=True)[0] == OLD[0]


def test_other_words_are_an_update_and_another_status_a_transition() -> None:
    words = with_condition(OLD, "A", True, "R", "other", "t9", updated=True)[0]
    assert (words["lastUpdateTime"], words["lastTransitionTime"]) == ("t9", "t0")
    status = with_condition(OLD, "A", False, "R", "m", "t9", updated=True)[0]
    assert (status["lastUpdateTime"], status["lastTransitionTime"]) == ("t9", "t9")


def test_a_new_condition_comes_last_and_has_no_update_time_unless_its_kind_has() -> None:
    assert with_condition(OLD, "C", True, "R", "m", "t9")[-1] == {
        "type": "C", "status": "True", "lastTransitionTime": "t9", "reason": "R", "message": "m",
    }  # fmt: skip


def test_conditions_are_found_and_taken_out() -> None:
    assert condition(OLD, "B") == OLD[1]
    assert condition(OLD, "X") == {}
    assert without_condition(OLD, "A") == [OLD[1]]
