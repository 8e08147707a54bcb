"""The order of plugins and their linking."""

from pathlib import Path

import pytest

import resolver.plugins
from resolver.answers.outcome import Answer, Failure, Handler, Reply
from resolver.plugins import chain
from resolver.wire import codes
from resolver.wire.query import Query
from tests.support.questions import Neighbour, question

FOLDER = Path(resolver.plugins.__file__).parent


class Answering(Neighbour):
    """Answers everything."""

    def answer(self, query: Query, next: Handler, /) -> Answer:
        return Reply(codes.NXDOMAIN)


class Noting(Neighbour):
    """Passes everything on and notes the way."""

    way: list[str]

    def answer(self, query: Query, next: Handler, /) -> Answer:
        self.way.append(f"{self.name} in")
        answer = next(query)
        self.way.append(f"{self.name} out")
        return answer


def noting(way: list[str], *names: str) -> list[Noting]:
    plugins = [Noting(name) for name in names]
    for plugin in plugins:
        plugin.way = way
    return plugins


def test_questions_go_down_and_answers_come_back_up() -> None:
    way: list[str] = []
    handler = chain.link([*noting(way, "errors", "log"), Answering("whoami"), *noting(way, "view")])
    answer = handler(question())
    assert isinstance(answer, Reply)
    assert answer.rcode == codes.NXDOMAIN
    assert way == ["errors in", "log in", "log out", "errors out"]


@pytest.mark.parametrize(
    ("names", "error"),
    [
        (["cache"], "plugin/cache: no next plugin found"),
        (["cache", "kubernetes"], "plugin/kubernetes: no next plugin found"),
        ([], "plugin/: no next plugin found"),
    ],
)
def test_what_nobody_answers_is_a_failure_that_names_the_last_plugin(names: list[str], error: str) -> None:
    answer = chain.link([Neighbour(name) for name in names])(question())
    assert isinstance(answer, Failure)
    assert (answer.rcode, answer.error) == (codes.SERVFAIL, error)


def test_the_order_names_each_directive_once() -> None:
    assert len(set(chain.ORDER)) == len(chain.ORDER)


FOLLOWS = [
    ("reload", "bufsize"),
    ("bind", "ready"),
    ("ready", "health"),
    ("health", "prometheus"),
    ("prometheus", "errors"),
    ("errors", "log"),
    ("log", "loadbalance"),
    ("loadbalance", "cache"),
    ("cache", "transfer"),
    ("transfer", "hosts"),
    ("hosts", "kubernetes"),
    ("kubernetes", "loop"),
    ("loop", "forward"),
    ("forward", "whoami"),
]


@pytest.mark.parametrize(("first", "then"), FOLLOWS)
def test_the_order_is_that_of_coredns(first: str, then: str) -> None:
    assert chain.ORDER.index(first) < chain.ORDER.index(then)


@pytest.mark.parametrize("directive", chain.known())
def test_every_directive_there_is_has_a_place_and_a_module_that_bears_its_name(directive: str) -> None:
    assert directive in chain.ORDER
    setup = chain.setup_of(directive)
    assert callable(setup)
    module = setup.__module__.rpartition(".")[2]
    assert module == chain.MODULES[directive]
    assert (FOLDER / f"{module}.py").exists()


def test_directives_are_known_in_alphabetical_order() -> None:
    assert chain.known() == sorted(chain.MODULES)


@pytest.mark.parametrize("directive", ["rewrite", "whoareyou"])
def test_a_directive_there_is_not_has_no_set_up(directive: str) -> None:
    with pytest.raises(KeyError):
        chain.setup_of(directive)


@pytest.mark.parametrize("outside", ["prometheus", "errors", "log"])
def test_faults_stand_behind_what_observes(outside: str) -> None:
    assert chain.ORDER.index(outside) < chain.ORDER.index("faults")


@pytest.mark.parametrize("inside", ["loadbalance", "cache", "transfer", "hosts", "kubernetes", "forward", "whoami"])
def test_faults_stand_before_what_answers(inside: str) -> None:
    assert chain.ORDER.index("faults") < chain.ORDER.index(inside)


def test_other_classes_are_let_in_by_plugins_of_the_chain() -> None:
    assert set(chain.ORDER) >= chain.OTHER_CLASSES
