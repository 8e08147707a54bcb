import pytest

from resolver.answers.outcome import NO_KEYS, Answer, Failure, Reply
from resolver.corefile.tokens import BadConfig
from resolver.plugins.hosts import Hosts, setup
from resolver.wire import codes
from tests.support.fake_host import FakeHost, directives
from tests.support.questions import Next, never, pending, question, record

FILE = b"10.0.0.1 a.org b.org\n2001:db8::1 a.org\n10.0.0.9 six.seven.org\n"
KEY = ("hosts", "/etc/hosts")


async def started(text: str = "hosts", *zones: str, file: bytes = FILE) -> tuple[Hosts, FakeHost]:
    host = FakeHost(*zones, files={"/etc/hosts": file})
    plugin = setup(directives(text), host)
    await host.start()
    return plugin, host


REVERSE = "1.0.0.10.in-addr.arpa."
REVERSE_6 = f"1{'.0' * 23}.8.b.d.0.1.0.0.2.ip6.arpa."


async def records(text: str, name: str, qtype: str) -> list[object]:
    plugin, _ = await started(text)
    reply = plugin.answer(question(name, qtype), never)
    assert isinstance(reply, Reply)
    assert (reply.rcode, reply.flags, reply.authority, reply.additional) == (codes.NOERROR, codes.AA, [], [])
    assert (reply.depends, reply.own_letters) == ((KEY,), True)
    return list(reply.answer)


@pytest.mark.parametrize(
    ("text", "name", "qtype", "expected"),
    [
        ("hosts", "A.Org.", "A", ["a.org. 3600 A 10.0.0.1"]),
        ("hosts", "a.org.", "AAAA", ["a.org. 3600 AAAA 2001:db8::1"]),
        ("hosts", "b.org.", "AAAA", []),
        ("hosts", "a.org.", "TXT", []),
        ("hosts", REVERSE, "PTR", [f"{REVERSE} 3600 PTR {name}.org." for name in "ab"]),
        ("hosts", REVERSE_6, "PTR", [f"{REVERSE_6} 3600 PTR a.org."]),
        ("hosts {\nttl 60\n10.0.0.2 a.org\n}", "a.org.", "A", ["a.org. 60 A 10.0.0.1", "a.org. 60 A 10.0.0.2"]),
        ("hosts {\n10.0.0.1 c.org\n}", REVERSE, "PTR", [f"{REVERSE} 3600 PTR {name}.org." for name in "abc"]),
        ("hosts {\nfallthrough\n}", "b.org.", "TXT", []),
        ("hosts /etc/hosts org", REVERSE, "PTR", [f"{REVERSE} 3600 PTR {name}.org." for name in "ab"]),
    ],
)
async def test_known_names_and_addresses_are_answered(text: str, name: str, qtype: str, expected: list[str]) -> None:
    assert await records(text, name, qtype) == [record(line) for line in expected]


@pytest.mark.parametrize(
    ("text", "name", "qtype"),
    [
        ("hosts", "c.org.", "A"),
        ("hosts", "c.org.", "TXT"),
        ("hosts {\nfallthrough com\n}", "c.org.", "A"),
        ("hosts {\n*.org 10.0.0.1\n}", "c.org.", "A"),
    ],
)
async def test_unknown_names_are_a_failure(text: str, name: str, qtype: str) -> None:
    plugin, _ = await started(text)
    failure = plugin.answer(question(name, qtype), never)
    assert isinstance(failure, Failure)
    assert (failure.rcode, failure.error) == (codes.SERVFAIL, "")


@pytest.mark.parametrize(
    ("text", "name", "qtype", "marked"),
    [
        ("hosts {\nfallthrough\n}", "c.org.", "A", True),
        ("hosts {\nfallthrough org\n}", "c.org.", "MX", True),
        ("hosts {\nfallthrough\nfallthrough_unsupported\n}", "a.org.", "TXT", True),
        ("hosts", "2.0.0.10.in-addr.arpa.", "PTR", True),
        ("hosts", "a.org.", "PTR", True),
        ("hosts {\nno_reverse\n}", "1.0.0.10.in-addr.arpa.", "PTR", True),
        ("hosts /etc/hosts com", "a.org.", "A", False),
    ],
)
async def test_the_rest_goes_on_and_holds_until_the_file_changes(
    text: str, name: str, qtype: str, marked: bool
) -> None:
    plugin, _ = await started(text)
    reply = Reply(depends=(("service", b"x"),))
    assert plugin.answer(question(name, qtype), Next(lambda: reply)) is reply
    assert reply.depends == ((("service", b"x"), KEY) if marked else (("service", b"x"),))


@pytest.mark.parametrize("outcome", [Reply(), Failure(codes.SERVFAIL), None])
async def test_what_is_not_kept_anyway_goes_through_unchanged(outcome: Reply | Failure | None) -> None:
    plugin, _ = await started("hosts {\nfallthrough\n}")
    assert plugin.answer(question("c.org."), Next(lambda: outcome)) is outcome
    if isinstance(outcome, Reply):
        assert outcome.depends is None


async def test_a_reply_that_comes_later_is_marked_too() -> None:
    plugin, _ = await started("hosts {\nfallthrough\n}")
    reply = Reply(depends=NO_KEYS)
    await plugin.answer(question("c.org."), Next(lambda: pending(reply)))  # type: ignore[misc]
    assert reply.depends == (KEY,)


def answered(plugin: Hosts, name: str) -> bool:
    answer: Answer = plugin.answer(question(name), never)
    return isinstance(answer, Reply)


async def test_a_changed_file_is_read_and_what_depends_on_it_forgotten() -> None:
    plugin, host = await started()
    host.forgotten.clear()
    host.advance(60)
    assert host.forgotten == []
    host.write("/etc/hosts", b"10.0.0.1 new.org")
    host.advance(4.9)
    assert not answered(plugin, "new.org.")
    host.advance(0.1)
    assert [answered(plugin, name) for name in ("new.org.", "a.org.")] == [True, False]
    assert host.forgotten == [KEY]


async def test_a_file_that_goes_away_leaves_all_as_it_was() -> None:
    plugin, host = await started()
    del host.files["/etc/hosts"]
    host.advance(60)
    assert answered(plugin, "a.org.")
    host.write("/etc/hosts", b"10.0.0.1 new.org")
    host.advance(5)
    assert answered(plugin, "new.org.")


async def test_without_reload_the_file_is_read_once() -> None:
    plugin, host = await started("hosts {\nreload 0\n}")
    host.write("/etc/hosts", b"10.0.0.1 new.org")
    host.advance(600)
    assert answered(plugin, "a.org.")


async def test_fields_that_are_too_long_are_logged() -> None:
    _, host = await started(f"hosts {{\n10.0.0.1 {'y' * 1025}\n}}", file=b"10.0.0.1 " + b"x" * 1025)
    assert host.lines == [
        "[ERROR] plugin/hosts: Inline hosts entries, line 1: name longer than 1024 bytes, dropping the name",
        '[ERROR] plugin/hosts: Hosts file "/etc/hosts", line 1: name longer than 1024 bytes, dropping the name',
    ]


async def test_entries_and_the_time_of_the_file_are_counted() -> None:
    plugin, host = await started("hosts {\n10.0.0.1 c.org\n}")
    host.write("/etc/hosts", b"10.0.0.1 a.org")
    host.advance(5)
    assert [(row.name, row.labels, row.value) for row in plugin.metrics()] == [
        ("coredns_hosts_entries", (("hostsfile", "/etc/hosts"),), 4),
        ("coredns_hosts_reload_timestamp_seconds", (), 1.0),
    ]


def test_without_a_file_there_is_nothing_to_count() -> None:
    host = FakeHost()
    assert list(setup(directives("hosts"), host).metrics()) == []


def test_it_is_used_once_in_a_block() -> None:
    with pytest.raises(BadConfig, match="this plugin can only be used once per Server Block"):
        setup(directives("hosts\nhosts"), FakeHost())
