import pytest

from resolver.corefile.tokens import BadConfig
from resolver.plugins.weights import Weights, parse_weights
from tests.support.fake_host import FakeHost
from tests.support.questions import record

FILE = b"""# two servers
web.org
  10.0.0.1 3

2001:db8::1  255
\tdb.org.
10.0.0.1 7
web.org.
10.0.0.2 5
10.0.0.1 9
"""


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("web.org. 5 A 10.0.0.1", 3),
        ("web.org. 9 AAAA 2001:db8::1", 255),
        ("web.org. 9 A 10.0.0.2", 5),
        ("db.org. 5 A 10.0.0.1", 7),
        ("db.org. 5 A 10.0.0.2", 1),
        ("WEB.org. 5 A 10.0.0.1", 1),
    ],
)
async def test_addresses_have_the_weight_under_their_name(text: str, weight: int) -> None:
    host = FakeHost(files={"weights": FILE})
    weights = Weights(host, "weights", 30.0)
    await weights.start()
    assert weights.of(record(text)) == weight
    assert host.lines == ["[INFO] plugin/loadbalance: Successfully reloaded weight file weights"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10.0.0.1", 'wrong domain name:"10.0.0.1" in weight file f. (Maybe a missing weight value?)'),
        ("a\n10.0.0 1", 'wrong IP address:"10.0.0" in weight file f'),
        ("a\n10.0.0.1 0", 'wrong weight value:"0" in weight file f'),
        ("a\n10.0.0.1 256", 'wrong weight value:"256" in weight file f'),
        ("a\n10.0.0.1 -1", 'wrong weight value:"-1" in weight file f'),
        ("a\n10.0.0.1 " + "9" * 5_000, 'wrong weight value:"9'),
        ("10.0.0.1 1", "missing domain name in weight file f"),
        (" a 1 2 ", 'could not parse weight line:"a 1 2" in weight file f'),
        ("x" * 64, 'wrong domain name:"xxx'),
    ],
)
def test_a_bad_line_is_told(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        parse_weights(text.encode(), "f")
    assert str(refused.value).startswith(message)


def read_weight(weights: Weights) -> int:
    return weights.of(record("web.org. 5 A 10.0.0.1"))


async def test_a_changed_file_is_read_again() -> None:
    host = FakeHost(files={"weights": FILE})
    weights = Weights(host, "weights", 30.0)
    await weights.start()
    host.files["weights"] = b"web.org\n10.0.0.1 8"
    host.advance(29)
    assert read_weight(weights) == 3
    host.advance(1)
    assert read_weight(weights) == 8
    assert len(host.lines) == 2


async def test_a_file_that_turns_bad_changes_nothing_and_is_told_once() -> None:
    host = FakeHost(files={"weights": FILE})
    weights = Weights(host, "weights", 30.0)
    await weights.start()
    host.files["weights"] = b"web.org\n10.0.0.1 many"
    host.advance(90)
    assert read_weight(weights) == 3
    assert host.lines[1:] == ['[ERROR] plugin/loadbalance: wrong weight value:"many" in weight file weights']


async def test_a_file_that_is_not_there_may_come_later() -> None:
    host = FakeHost()
    weights = Weights(host, "weights", 60.0)
    await weights.start()
    host.advance(60)
    host.files["weights"] = FILE
    host.advance(60)
    assert read_weight(weights) == 3
    assert host.lines == [
        "[WARNING] plugin/loadbalance: Failed to open weight file:weight file open error. Will try again in 1m0s",
        "[ERROR] plugin/loadbalance: weight file open error",
        "[INFO] plugin/loadbalance: Successfully reloaded weight file weights",
    ]


@pytest.mark.parametrize(
    ("files", "reload", "message"),
    [
        ({}, 0.0, "plugin/loadbalance: weight file open error"),
        ({"weights": b"10.0.0.1"}, 30.0, 'plugin/loadbalance: wrong domain name:"10.0.0.1"'),
    ],
)
async def test_what_can_never_be_used_stops_the_start(files: dict[str, bytes], reload: float, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        await Weights(FakeHost(files=files), "weights", reload).start()
