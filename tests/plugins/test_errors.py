import pytest

from resolver import limits
from resolver.answers.outcome import Failure, Reply
from resolver.corefile.tokens import BadConfig
from resolver.plugins.errors import Errors, setup
from resolver.wire import codes
from tests.support.fake_host import FakeHost, directives
from tests.support.questions import Next, pending, question


def fail(plugin: Errors, error: str, name: str = "web.shop.", qtype: str = "A") -> None:
    failure = Failure(codes.SERVFAIL, error)
    assert plugin.answer(question(name, qtype), Next(lambda: failure)) is failure


def test_a_failure_with_an_error_is_one_line() -> None:
    host = FakeHost()
    fail(setup(directives("errors"), host), "read udp 1.2.3.4:5->6.7.8.9:53: i/o timeout", "Web.Shop.", "AAAA")
    assert host.lines == ["[ERROR] plugin/errors: 2 web.shop. AAAA: read udp 1.2.3.4:5->6.7.8.9:53: i/o timeout"]


def test_rcodes_alone_are_no_errors() -> None:
    host = FakeHost()
    plugin = setup(directives("errors stdout"), host)
    fail(plugin, "")
    plugin.answer(question(), Next(lambda: Reply(codes.SERVFAIL)))
    plugin.answer(question(), Next(lambda: None))
    assert host.lines == []


async def test_an_error_that_comes_later_is_logged_then() -> None:
    host = FakeHost()
    failure = Failure(codes.REFUSED, "too many")
    answer = setup(directives("errors"), host).answer(question("a.b."), Next(lambda: pending(failure)))
    assert host.lines == []
    assert await answer is failure  # type: ignore[misc]
    assert host.lines == ["[ERROR] plugin/errors: 5 a.b. A: too many"]


def test_consolidated_errors_are_counted_and_told_once() -> None:
    host = FakeHost()
    plugin = setup(directives('errors {\nconsolidate 5m ".* i/o timeout$" warning\nconsolidate 30s "^bad"\n}'), host)
    for _ in range(3):
        fail(plugin, "x i/o timeout")
    fail(plugin, "bad i/o timeout")  # the first that matches counts it
    fail(plugin, "bad")
    fail(plugin, "other")
    assert host.lines == ["[ERROR] plugin/errors: 2 web.shop. A: other"]
    host.advance(30)
    assert host.lines[1:] == ["[ERROR] plugin/errors: 1 errors like '^bad' occurred in last 30s"]
    host.advance(270)
    assert host.lines[2:] == ["[WARNING] plugin/errors: 4 errors like '.* i/o timeout$' occurred in last 5m0s"]
    host.advance(600)
    assert len(host.lines) == 3


def test_the_first_may_be_shown_and_is_then_not_told_again() -> None:
    host = FakeHost()
    plugin = setup(directives('errors {\nconsolidate 1m "x" info show_first\n}'), host)
    fail(plugin, "x")
    host.advance(60)
    fail(plugin, "xx")
    fail(plugin, "xxx")
    host.advance(60)
    assert host.lines == [
        "[INFO] plugin/errors: 2 web.shop. A: x",
        "[INFO] plugin/errors: 2 web.shop. A: xx",
        "[INFO] plugin/errors: 2 errors like 'x' occurred in last 1m0s",
    ]


async def test_what_is_counted_is_told_at_the_end_and_then_nothing_is_consolidated() -> None:
    host = FakeHost()
    plugin = setup(directives('errors {\nconsolidate 1m "x" debug\n}'), host)
    fail(plugin, "x")
    await host.stop(final=False)
    fail(plugin, "x")
    assert host.lines == [
        "[DEBUG] plugin/errors: 1 errors like 'x' occurred in last 1m0s",
        "[DEBUG] plugin/errors: 2 web.shop. A: x",
    ]


def test_stacktraces_are_asked_for() -> None:
    host = FakeHost()
    setup(directives("errors {\nstacktrace\n}"), host)
    assert host.stacktraces


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("errors file.log", "invalid log file: file.log"),
        ("errors stdout more", "Wrong argument count or unexpected line ending after 'more'"),
        ("errors {\nother\n}", "Unknown field other"),
        ("errors {\nstacktrace other\n}", "Unknown field other"),
        ("errors {\nconsolidate 1m\n}", "Wrong argument count or unexpected line ending after '1m'"),
        ("errors {\nconsolidate 1m a info show_first x\n}", "Wrong argument count"),
        ("errors {\nconsolidate x a\n}", 'time: invalid duration "x"'),
        ("errors {\nconsolidate 1m (\n}", "error parsing regexp"),
        ("errors {\nconsolidate 1m a info error\n}", "multiple log levels specified in consolidate"),
        ("errors {\nconsolidate 1m a show_first info\n}", "log level must come before show_first in consolidate"),
        ("errors {\nconsolidate 1m a loud\n}", "unknown option in consolidate: loud"),
        ("errors\nerrors", "this plugin can only be used once per Server Block"),
        ("errors {\n" + "consolidate 1m a\n" * (limits.CONSOLIDATIONS + 1) + "}", "more than 100 lines of consolidate"),
    ],
)
def test_other_settings_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        setup(directives(text), FakeHost())
