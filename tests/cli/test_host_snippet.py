"""`dualdns host-snippet`: the words it takes, and that what it prints is the tool's snippet."""

import pytest

from resolver.cli import host_snippet
from resolver.cli.host_snippets import SNIPPETS, Listening

PRINTED = [
    ("{}", Listening(["127.0.0.1"], 1053, ["cluster.local"])),
    ("{} --port 53 --domain cluster.local.,b.test", Listening(["127.0.0.1"], 53, ["cluster.local", "b.test"])),
    (
        "--address 192.0.2.1,FD00:0::1 {} --address ::1 --domain _a.test --domain b",
        Listening(["192.0.2.1", "fd00::1", "::1"], 1053, ["_a.test", "b"]),
    ),
]


@pytest.mark.parametrize("tool", SNIPPETS)
@pytest.mark.parametrize(("words", "listening"), PRINTED)
def test_the_snippet_of_the_tool_is_printed(
    tool: str, words: str, listening: Listening, capsys: pytest.CaptureFixture[str]
) -> None:
    assert host_snippet.run(words.format(tool).split()) == 0
    assert capsys.readouterr().out == SNIPPETS[tool](listening)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("networkmanager", "did you mean NetworkManager?"),
        ("systemd", "did you mean systemd-resolved?"),
        ("docker --address host", "no IP address"),
        ("docker --port 0", "from 1 to 65535"),
        ("docker --domain a;b", "is no domain"),
        ("docker --domain .", "is no domain"),
        ("docker --prot 53", "did you mean --port?"),
    ],
)
def test_bad_words_are_refused(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        host_snippet.run(words.split())
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
