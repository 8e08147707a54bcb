"""That the parts of the benchmark work, on a tiny cluster. Nothing here is timed."""

import json
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from resolver.cluster.decoding import Decoder, Problem
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import ENDPOINT_SLICES, KINDS, NAMESPACES, SERVICES
from tests.speed import big_cluster, dnsperf, programs
from tests.speed.bench import Bench, Plan, default_dualdns
from tests.speed.big_cluster import Size
from tests.speed.loads import LOADS, Load
from tests.speed.programs import Missing
from tests.speed.report import COREDNS, DUALDNS, FLOOR, Figure, Target, median_ratio, percentile, table

TINY = Size(services=12, endpoints=2)

PRINTED = """DNS Performance Testing Tool
[Status] Testing complete (time limit)

Statistics:

  Queries sent:         74218
  Queries completed:    73818 (99.46%)
  Queries lost:         144 (0.19%)
  Queries interrupted:  256 (0.34%)

  Response codes:       NOERROR 18644 (25.26%), NXDOMAIN 55174 (74.74%)
  Average packet size:  request 61, response 140
  Run time (s):         1.000251
  Queries per second:   73799.476331

  Average Latency (s):  0.005311 (min 0.000214, max 0.041112)
"""


def test_what_the_maker_writes_is_read_without_a_complaint(tmp_path: Path) -> None:
    big_cluster.write_objects(TINY, tmp_path)
    problems: list[Problem] = []
    decoder = Decoder(problems.append)
    inventory = Inventory((NAMESPACES, SERVICES, ENDPOINT_SLICES), clock=lambda: 0.0)
    total = 0
    for kind in (NAMESPACES, SERVICES, ENDPOINT_SLICES):
        lines = (tmp_path / f"{kind.name}.jsonl").read_bytes().splitlines()
        found = decoder.page(kind, b'{"items":[%b]}' % b",".join(lines)).objects
        assert len(found) == len(lines)
        inventory.replace(kind, found)
        total += len(found)
    assert not problems
    assert total == TINY.objects
    assert inventory.synced
    assert len(inventory.services) == TINY.services + big_cluster.HEADLESS


def test_the_issue_s_cluster_has_as_many_objects_as_it_says() -> None:
    assert Size().objects == 30_070
    assert Size(100_000, 1).objects == 300_070


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_every_load_has_the_questions_it_promises(load: Load) -> None:
    lines = list(load.questions(TINY, 40, 1))
    assert len(lines) == 40
    assert {line.split()[1] for line in lines} <= {"A", "AAAA", "PTR"}
    if load.fresh:
        assert not set(lines) & set(load.questions(TINY, 40, 2))


def test_a_report_of_dnsperf_is_read() -> None:
    report = dnsperf.parse(PRINTED)
    assert (report.sent, report.completed, report.lost) == (74_218, 73_818, 144)
    assert report.codes == {"NOERROR": 18_644, "NXDOMAIN": 55_174}
    assert report.seconds == pytest.approx(1.000251)


def test_what_is_no_report_is_refused_with_what_was_printed() -> None:
    with pytest.raises(dnsperf.UnexpectedOutput, match="unable to open"):
        dnsperf.parse("Error: unable to open file")


def test_ratios_are_taken_pair_by_pair() -> None:
    figure = Figure("a load", "us", (Target(4.0, times=True), Target(1.5, FLOOR)))
    for ours, coredns, floor in ((7.0, 35.0, 5.0), (14.0, 72.0, 10.0), (7.0, 34.0, 5.0)):
        figure.add(DUALDNS, ours)
        figure.add(COREDNS, coredns)
        figure.add(FLOOR, floor)
    assert [verdict.reached for verdict in figure.verdicts] == [5.0, pytest.approx(1.4)]
    assert all(verdict.met for verdict in figure.verdicts)


def test_a_target_without_the_other_program_is_neither_met_nor_missed() -> None:
    figure = Figure("memory", "MiB", (Target(0.6), Target(65.0, "")), {DUALDNS: [70.0]})
    assert [verdict.met for verdict in figure.verdicts] == [None, False]
    assert "not measured" in table([figure])
    assert "NOT MET" in table([figure])


def test_there_is_no_ratio_of_nothing() -> None:
    assert median_ratio([], [1.0]) is None
    assert median_ratio([1.0], [0.0]) is None
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0


def test_a_command_that_is_not_there_is_named() -> None:
    with pytest.raises(Missing, match="no-such-command"):
        programs.require("no-such-command")


def test_worlds_do_not_hear_of_each_other(tmp_path: Path) -> None:
    big_cluster.write_objects(TINY, tmp_path)
    program, urls = programs.api_stand_in(tmp_path, 2, None, tmp_path / "api.log")
    with program:
        changed = big_cluster.service(0, "10.111.1.1")
        body = json.dumps([{"type": "MODIFIED", "object": changed}]).encode()
        with urllib.request.urlopen(urllib.request.Request(urls[0] + "/mutate", body)) as response:
            assert json.load(response)["time"] > 0
        ips = []
        for url in urls:
            with urllib.request.urlopen(f"{url}{KINDS['Service'].path}?limit=500") as response:
                items = json.load(response)["items"]
            ips += [item["spec"]["clusterIP"] for item in items if item["metadata"]["name"] == "svc-0"]
    assert ips == ["10.111.1.1", big_cluster.cluster_ip("IPv4", 0)]


@pytest.fixture
def plan() -> Plan:
    """The shortest there is. Skips where the machine cannot run it."""
    try:
        programs.require("dnsperf", "taskset")
        cores = programs.two_cores()
    except Missing as missing:
        pytest.skip(str(missing))
    return Plan(cores, TINY, 1, 1, ["clusterip"], 3, default_dualdns(), small=False)


def test_a_tiny_run_gives_a_figure_of_each_kind(plan: Plan, tmp_path: Path) -> None:
    said: list[str] = []
    figures = {figure.name: figure for figure in Bench(replace(plan, changes=5), tmp_path, said.append).run()}
    load = figures[LOADS["clusterip"].text]
    assert load.samples[DUALDNS][0] > 0
    assert figures["queries lost, all runs over UDP"].samples[DUALDNS] == [0]
    assert figures[f"start to synced, {TINY.objects} objects"].samples[DUALDNS][0] > 0
    assert any("NOERROR" in line for line in said)
    json.dumps([figure.as_json() for figure in figures.values()])
