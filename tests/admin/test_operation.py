"""What every operation of the API is."""

import pytest

from resolver.admin.operation import Desk, Operation, Refused
from resolver.admin.operations import OPERATIONS
from tests.support.administered import administered


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.method} {operation.path}")
def test_an_operation_gives_something_and_takes_a_body_only_to_change_something(operation: Operation) -> None:
    assert operation.answer is not None or operation.lines
    assert operation.body is None or operation.writes
    assert operation.writes == (operation.method in ("POST", "DELETE"))
    assert operation.path.startswith("/v1/") or "/" not in operation.path[1:]
    assert all(400 <= status < 600 and when for status, when in operation.errors.items())


def test_a_refusal_has_a_status_and_words() -> None:
    refused = Refused(404, "there is no fault 3")
    assert (refused.status, refused.message, str(refused)) == (404, "there is no fault 3", "there is no fault 3")


async def test_the_desk_has_what_the_server_keeps() -> None:
    async with administered() as found:
        desk = Desk(found.served.server)
        assert desk.history is found.history
        assert desk.faults is found.faults
        assert not desk.stopping.is_set()
