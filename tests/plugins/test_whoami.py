import pytest

from resolver.answers.outcome import Reply
from resolver.corefile.tokens import BadConfig
from resolver.plugins.whoami import setup
from resolver.wire import codes
from resolver.wire.peer import KeptPeer
from tests.support.fake_host import FakeHost, directives
from tests.support.questions import never, peer, question, record


@pytest.mark.parametrize(
    ("name", "client", "expected"),
    [
        ("Foo.test.", peer("10.0.0.9", 4242), ["Foo.test. 0 A 10.0.0.9", "_udp.Foo.test. 0 SRV 0 0 4242 ."]),
        ("b.test.", peer("2001:db8::9", 1), ["b.test. 0 AAAA 2001:db8::9", "_udp.b.test. 0 SRV 0 0 1 ."]),
        (".", peer("10.0.0.9", 65535, "tcp"), [". 0 A 10.0.0.9", "_tcp. 0 SRV 0 0 65535 ."]),
    ],
)
def test_the_asker_is_told_its_address_and_port(name: str, client: KeptPeer, expected: list[str]) -> None:
    reply = setup(directives("whoami"), FakeHost()).answer(question(name, "TXT", client=client), never)
    assert isinstance(reply, Reply)
    assert (reply.rcode, reply.flags, reply.answer, reply.authority) == (codes.NOERROR, codes.AA, [], [])
    assert reply.additional == [record(text) for text in expected]
    assert reply.depends is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("whoami me", "Wrong argument count or unexpected line ending after 'me'"),
        ("whoami {\nme\n}", "Unexpected token '{', expecting argument"),
    ],
)
def test_it_takes_neither_arguments_nor_options(text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        setup(directives(text), FakeHost())
