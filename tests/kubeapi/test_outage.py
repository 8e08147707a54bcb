from typing import Any

import pytest

from resolver.kubeapi.commands import UNREACHABLE
from resolver.kubeapi.outage import Outages

LOST = "ERROR Failed to watch: {}; answers stay as they are, trying again"
BACK = "INFO the Kubernetes API at https://api answers again, after {} s"


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        ([("lost", "Pod", "refused", UNREACHABLE)], [LOST.format("refused")]),
        ([("lost", "Pod", "refused", UNREACHABLE), ("lost", "Pod", "refused", UNREACHABLE)], [LOST.format("refused")]),
        (
            [("lost", "Pod", "refused", UNREACHABLE), ("lost", "Service", "reset", UNREACHABLE)],
            [LOST.format("refused")],
        ),
        ([("lost", "Pod", "a", UNREACHABLE), ("found", "Pod")], [LOST.format("a"), BACK.format(1)]),
        (
            [("lost", "Pod", "a", UNREACHABLE), ("lost", "Service", "b", UNREACHABLE), ("found", "Pod")],
            [LOST.format("a")],
        ),
        (
            [
                ("lost", "Pod", "a", UNREACHABLE),
                ("lost", "Service", "b", UNREACHABLE),
                ("found", "Pod"),
                ("found", "Service"),
            ],
            [LOST.format("a"), BACK.format(3)],
        ),
        (
            [
                ("lost", "Pod", "a", UNREACHABLE),
                ("lost", "Pod", "b", "401"),
                ("found", "Pod"),
                ("lost", "Pod", "a", UNREACHABLE),
            ],
            [LOST.format("a"), LOST.format("b"), BACK.format(1), LOST.format("a")],
        ),
        ([("found", "Pod")], []),
        (
            [("lost", "Import", "404", "Import 404"), ("lost", "Pod", "a", UNREACHABLE), ("found", "Pod")],
            [LOST.format("404"), LOST.format("a"), BACK.format(1)],
        ),
    ],
)
def test_an_outage_is_said_once_for_all_kinds_and_its_end_once(steps: list[tuple[Any, ...]], lines: list[str]) -> None:
    logged: list[str] = []
    outages = Outages(lambda level, text: logged.append(f"{level} {text}"), "https://api")
    for now, (verb, *arguments) in enumerate(steps):
        getattr(outages, verb)(*arguments, float(now))
    assert logged == lines


def test_the_latest_failure_is_kept() -> None:
    outages = Outages(lambda *_: None, "https://api")
    outages.lost("Pod", "first", UNREACHABLE, 0.0)
    outages.lost("Pod", "second", UNREACHABLE, 1.0)
    outages.found("Pod", 2.0)
    assert outages.last_error == "second"
