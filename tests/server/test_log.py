"""The lines of the log: text as CoreDNS prints it, JSON one object a line, and what becomes of them unread."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from resolver.server.log import Log

NOON = datetime(2026, 3, 4, 12, 0, 0, 123_456, UTC)


def written(log_line: Any, **options: Any) -> list[str]:
    stream = io.StringIO()
    log_line(Log(stream=stream, now=lambda: NOON, **options))
    return stream.getvalue().splitlines()


TEXT = [
    (lambda log: log.info("Reloading"), {}, ["[INFO] Reloading"]),
    (lambda log: log.error("plugin/errors: 2 x. A: gone"), {}, ["[ERROR] plugin/errors: 2 x. A: gone"]),
    (lambda log: log.line("WARNING", "careful", {"qname": "a."}), {}, ["[WARNING] careful"]),
    (lambda log: log.line("DEBUG", "detail"), {}, []),
    (lambda log: log.line("DEBUG", "detail"), {"debug": True}, ["[DEBUG] detail"]),
    (lambda log: log.print("as it is"), {}, ["as it is"]),
    (lambda log: log.print("as it is"), {"quiet": True}, ["as it is"]),
    (lambda log: log.banner("dualdns-1"), {}, ["dualdns-1"]),
    (lambda log: log.banner("dualdns-1"), {"quiet": True}, []),
    (lambda log: log.info("kaputt: \udcff"), {}, ["[INFO] kaputt: \\udcff"]),
    (lambda log: log.info("größer"), {}, ["[INFO] größer"]),
]


@pytest.mark.parametrize(("log_line", "options", "expected"), TEXT)
def test_a_line_of_text(log_line: Any, options: dict[str, Any], expected: list[str]) -> None:
    assert written(log_line, **options) == expected


JSON = [
    (lambda log: log.info("Reloading"), {"level": "INFO", "msg": "Reloading"}),
    (lambda log: log.line("WARNING", "careful"), {"level": "WARN", "msg": "careful"}),
    (lambda log: log.line("FATAL", "over"), {"level": "FATAL", "msg": "over"}),
    (lambda log: log.error("plugin/loop: a: b"), {"level": "ERROR", "msg": "a: b", "plugin": "loop"}),
    (lambda log: log.info("plugins: a"), {"level": "INFO", "msg": "plugins: a"}),
    (lambda log: log.print('say "hi"\n'), {"level": "INFO", "msg": 'say "hi"\n'}),
    (lambda log: log.info("kaputt: \udcff"), {"level": "INFO", "msg": "kaputt: \\udcff"}),
    (
        lambda log: log.line("INFO", "plugin/log: x", {"qname": "a.", "rcode": None}),
        {"level": "INFO", "msg": "x", "plugin": "log", "qname": "a.", "rcode": None},
    ),
]


@pytest.mark.parametrize(("log_line", "expected"), JSON)
def test_a_line_of_json(log_line: Any, expected: dict[str, Any]) -> None:
    (line,) = written(log_line, json=True)
    assert json.loads(line) == {"time": "2026-03-04T12:00:00.123456Z", **expected}


def test_a_quiet_json_log_has_no_banner_and_all_else() -> None:
    lines = written(lambda log: (log.banner("dualdns-1"), log.info("here")), json=True, quiet=True)
    assert [json.loads(line)["msg"] for line in lines] == ["here"]


class Broken(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


@pytest.mark.parametrize("stream", [Broken(), io.StringIO()])
def test_a_reader_that_has_gone_away_costs_the_line_only(stream: io.StringIO) -> None:
    log = Log(stream=stream)
    if not isinstance(stream, Broken):
        stream.close()
    log.info("into the void")
    log.print("once more")
    assert log.lost == 2


def test_the_log_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    Log().info("here")
    assert capsys.readouterr().out == "[INFO] here\n"


def test_times_are_those_of_now() -> None:
    stream = io.StringIO()
    before = datetime.now(UTC)
    Log(stream=stream, json=True).info("here")
    assert before <= datetime.fromisoformat(json.loads(stream.getvalue())["time"]) <= datetime.now(UTC)
