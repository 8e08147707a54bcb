import pytest

from resolver import limits
from resolver.corefile.tokens import BadConfig
from resolver.testing.served_cluster import LogLines, ServedCluster, ServedOptions, usual_corefile


async def test_it_starts_answers_and_stops():
    served = ServedCluster(ServedOptions("cluster.local"))
    await served.start()
    try:
        (host, port), *others = served.addresses()
        assert (host, [each for each in others if each != ("::1", port)]) == ("127.0.0.1", [])
        assert served.server.history is served.history
        assert served.server.faults is served.faults
        assert not served.output.lines
    finally:
        await served.stop()
    await served.stop()


@pytest.mark.parametrize(
    ("corefile", "expected"),
    [
        ("example.test {\nwhoami\n}\n", ["127.0.0.1", "::1"]),
        ("example.test {\nbind ::1\nwhoami\n}\n", ["::1"]),
        ("a.test b.test {\nbind 127.0.0.2 127.0.0.1\nwhoami\n}\n", ["127.0.0.2", "127.0.0.1"]),
    ],
)
async def test_addresses_are_those_to_ask_at(corefile, expected):
    served = ServedCluster(ServedOptions("cluster.local", corefile))
    await served.start()
    assert [host for host, _ in served.addresses()] == expected
    await served.stop()


async def test_a_corefile_that_cannot_be_read_is_named(tmp_path):
    served = ServedCluster(ServedOptions("cluster.local", str(tmp_path / "nix")))
    with pytest.raises(BadConfig, match="cannot read the Corefile"):
        await served.start()
    await served.stop()


def test_the_usual_corefile_serves_the_cluster_and_its_addresses():
    lines = usual_corefile("k8s.test").splitlines()
    assert lines[0] == "k8s.test in-addr.arpa ip6.arpa {"
    assert lines[1].startswith("bind 127.0.0.1")
    assert "loadbalance" not in lines


def test_of_the_log_the_last_lines_are_kept():
    output = LogLines()
    for number in range(limits.TEST_LOG_LINES + 5):
        output.write(f"line {number}\n")
    assert (len(output.lines), output.lines[0]) == (limits.TEST_LOG_LINES, "line 5")
