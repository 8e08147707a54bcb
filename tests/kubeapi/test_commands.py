"""Commands are values: what a machine wants can be compared, and whoever carries it out can tell them apart."""

from typing import Any, get_args

import pytest

from resolver.cluster.objects import Namespace
from resolver.kubeapi import commands
from resolver.kubeapi.commands import (
    Apply,
    Cancel,
    Found,
    List,
    Lost,
    Reauthenticate,
    Replace,
    Report,
    Wait,
    Watch,
)

SHOP = Namespace(b"\4shop")

DEFAULTS: list[tuple[Any, Any]] = [
    (List(1, 500), List(1, 500, continue_token="", resource_version="", match="")),
    (Watch(2, "7", 300), Watch(2, "7", 300, initial_events=False)),
    (Replace([SHOP]), Replace([SHOP], audit=False)),
    (Lost("gone"), Lost("gone", cause=commands.UNREACHABLE)),
]

DIFFERENT: list[Any] = [
    List(1, 500),
    List(2, 500),
    List(1, 500, continue_token="more"),
    List(1, 0, resource_version="0", match=commands.NOT_OLDER_THAN),
    Watch(1, "7", 300),
    Watch(1, "7", 300, initial_events=True),
    Cancel(1),
    Wait(1, 0.8, "after a failure"),
    Apply([("ADDED", SHOP)]),
    Apply([("DELETED", SHOP)]),
    Replace([SHOP]),
    Replace([SHOP], audit=True),
    Reauthenticate(),
    Lost("gone"),
    Lost("gone", "credentials"),
    Found(),
    Report("ERROR", "gone"),
]


@pytest.mark.parametrize(("short", "full"), DEFAULTS)
def test_what_is_left_out_means_the_ordinary_request(short: Any, full: Any) -> None:
    assert short == full


def test_commands_that_ask_for_different_things_differ() -> None:
    texts = [repr(command) for command in DIFFERENT]
    assert len(set(texts)) == len(texts)


def test_every_command_is_one_of_the_kinds_there_are() -> None:
    kinds = get_args(commands.Command)
    assert {type(command) for command in DIFFERENT} == set(kinds)
    named = {value for value in vars(commands).values() if isinstance(value, type) and hasattr(value, "_fields")}
    assert named == set(kinds)


@pytest.mark.parametrize("command", DIFFERENT, ids=repr)
def test_a_command_cannot_be_changed_once_it_is_out(command: Any) -> None:
    with pytest.raises(AttributeError):
        command.anything = 1
    for field in command._fields:
        with pytest.raises(AttributeError):
            setattr(command, field, None)
