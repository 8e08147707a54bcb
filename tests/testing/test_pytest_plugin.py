import subprocess
import sys
from textwrap import dedent

import pytest

from tests.support.dns_servers import WEB

pytest_plugins = ["pytester"]

ALONE = ("-p", "no:xdist", "-p", "no:asyncio")

ASK = """
import socket, pytest

def ask(server, name="web"):
    with server.as_process_resolver():
        return socket.gethostbyname(name)
"""

FAILING = """
@pytest.mark.dns_manifest("web.yaml")
def test_that_fails(dns_server):
    with dns_server.fault("web.default", qtype="A", ttl=7, times=1):
        ask(dns_server)
    assert dns_server.queries().types == ["A", "AAAA"]
"""


@pytest.fixture
def project(pytester):
    """Makes a file of tests beside web.yaml and runs it: in this process, or in one of its own."""
    pytester.makefile(".yaml", web=WEB)
    pytester.makepyprojecttoml("[tool.pytest.ini_options]\naddopts = '-p no:cacheprovider'\n")

    def run(source, *arguments, apart=False):
        pytester.makepyfile(f"{ASK}\n{dedent(source)}")
        return (pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess)(*arguments)

    return run


@pytest.mark.parametrize("options", [("-p", "no:asyncio", "-p", "no:xdist"), ("-p", "no:xdist"), ("-n", "2")])
def test_each_test_has_a_server_of_its_own(project, options):
    source = """
    import os
    ports = set()

    @pytest.mark.parametrize("number", range(4))
    @pytest.mark.dns_manifest("web.yaml")
    def test_own(dns_server, number):
        assert dns_server.address == (dns_server.host, dns_server.port)
        assert not dns_server.queries()
        assert ask(dns_server)
        assert dns_server.queries().types == ["A"]
        dns_server.delete("service/web")

    def test_empty(dns_server):
        with pytest.raises(socket.gaierror):
            ask(dns_server)
    """
    result = project(source, *options, apart=True)
    result.assert_outcomes(passed=5)


def test_coroutines_use_it_in_the_same_way(project):
    source = """
    import asyncio

    @pytest.mark.asyncio
    @pytest.mark.dns_manifest("web.yaml")
    async def test_coroutine(dns_server):
        with dns_server.as_process_resolver():
            rows = await asyncio.get_running_loop().getaddrinfo("web", 80)
        assert len(rows) == 6
        dns_server.apply("web.yaml", namespace="shop")
        assert ask(dns_server, "web.shop")
        assert dns_server.queries(name="web.default").in_order("A", "AAAA")
    """
    project(source, "-p", "no:xdist", "-o", "asyncio_default_fixture_loop_scope=function").assert_outcomes(passed=1)


def test_markers_of_outer_scopes_come_first_and_options_of_inner_ones_count(project):
    source = """
    pytestmark = pytest.mark.dns_manifest("web.yaml", domain="outer.test")
    db = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db"}, "spec": {"ports": [{"port": 1}]}}

    @pytest.mark.dns_manifest(db, domain="inner.test")
    class TestBoth:
        def test_both(self, dns_server):
            assert dns_server.domain == "inner.test"
            assert ask(dns_server, "web") and ask(dns_server, "db.default.svc.inner.test")

    def test_one(dns_server):
        assert dns_server.domain == "outer.test"
        with pytest.raises(socket.gaierror):
            ask(dns_server, "db")
    """
    project(source, *ALONE).assert_outcomes(passed=2)


def test_files_are_looked_for_beside_the_test_and_in_the_root_folder(project, pytester):
    pytester.mkdir("sub")
    pytester.path.joinpath("sub", "near.yaml").write_text(WEB.replace("web", "near"))
    source = """
    @pytest.mark.dns_manifest("web.yaml", "near.yaml")
    def test_it(dns_server):
        assert ask(dns_server) and ask(dns_server, "near")
    """
    pytester.path.joinpath("sub", "test_sub.py").write_text(f"{ASK}\n{dedent(source)}")
    result = project("", *ALONE, "sub/test_sub.py")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("options", [(), ("-n", "2"), ("-p", "no:asyncio", "-p", "no:xdist")])
def test_the_report_of_a_failed_test_has_questions_answers_and_faults(project, options):
    result = project(FAILING, *options, apart=True)
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines_random(
        [
            r".*- dualdns: questions and answers -.*",
            r"<DnsServer 1 at 127\.0\.0\.1 port \d+.*",
            r" *\+0\.000 s  127\.0\.0\.1 \(udp\)  web\.default\.svc\.cluster\.local A -> NOERROR aa rd",
            r" *web\.default\.svc\.cluster\.local\. 7 IN A 10\.96\.\d+\.\d+",
            r" *fault 1: web\.default A ttl 7 times 1: fired once",
            r".*web\.default\.svc\.cluster\.local A: fault 1 \(ttl\)",
        ]
    )


def test_only_tests_that_fail_have_the_section_and_only_what_they_asked(project):
    source = """
    @pytest.fixture(scope="session")
    def shared(dns_server_factory):
        return dns_server_factory("web.yaml")

    def test_passes(shared):
        ask(shared, "web.default")

    def test_fails(shared):
        ask(shared)
        assert not "this"

    def test_fails_without(shared):
        assert not "that"

    def test_of_its_own(shared):
        from resolver.testing import running

        with running("web.yaml") as own:
            pass
        assert not "own"

    @pytest.mark.xfail
    def test_expected(shared):
        ask(shared)
        assert not "expected"
    """
    result = project(source, *ALONE)
    result.assert_outcomes(passed=1, failed=3, xfailed=1)
    text = result.stdout.str()
    assert text.count("dualdns: questions and answers") == 2
    assert text.count(" A -> NOERROR") == 1
    assert text.count("no question was asked") == 1


def test_the_factorys_servers_last_for_the_session_and_end_with_it(project):
    source = """
    servers = []

    def test_first(dns_server_factory):
        servers.append(dns_server_factory("web.yaml", domain="one.test"))
        servers.append(dns_server_factory())
        assert servers[0].domain == "one.test"
        assert ask(servers[0])

    def test_second(dns_server_factory):
        assert all(each.running for each in servers)
        assert dns_server_factory is not None

    def test_its_errors_are_the_callers(dns_server_factory):
        dns_server_factory("nix.yaml")

    @pytest.fixture(scope="session", autouse=True)
    def last():
        yield
        assert not any(each.running for each in servers)
    """
    result = project(source, *ALONE)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["E *RefusedByApi: nix.yaml: there is no such file or folder*"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("", 'dns_manifest names no manifest: write @pytest.mark.dns_manifest("web.yaml")'),
        ('"web.yaml", domian="x"', "dns_manifest has no option 'domian' (did you mean domain?): there are domain, *"),
        ('"wbe.yaml"', "dns_server: wbe.yaml: there is no such file or folder (looked for */wbe.yaml)*"),
        ("7", "dns_server: a manifest is a path, a text or an object, not int: 7"),
        ('"bad.yaml"', "dns_server: *bad.yaml:8: Service default/web: spec.ports[[]0].port: Invalid value: 0: *"),
        ('"web.yaml", service_cidrs=["nix"]', "dns_server: service-cluster-ip-range[[]0] is not a valid cidr"),
        ('"web.yaml", nodes="x"', "dns_server: nodes is a number from 1 to *"),
        ('"web.yaml", corefile="x {\\nnix\\n}\\n"', "dns_server: *nix*"),
    ],
)
def test_what_is_wrong_with_a_marker_is_told_and_no_more(project, pytester, arguments, words):
    pytester.makefile(".yaml", bad=WEB.replace("port: 80", "port: 0"))
    source = f"@pytest.mark.dns_manifest({arguments})\ndef test_it(dns_server):\n    pass\n"
    result = project(source, *ALONE)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ERROR at setup of test_it*", words])
    result.stdout.no_fnmatch_line("*During handling*")
    result.stdout.no_fnmatch_line("*questions and answers*")


@pytest.mark.parametrize(
    "call",
    [
        'fault("web", dorp=True)',
        'queries(type="AAAAA")',
        'scale("nix", 3)',
        'get("service/nix")',
        'delete("service/nix")',
        'explain("web", "AAAAA")',
    ],
)
def test_what_is_wrong_with_a_call_is_shown_where_the_test_calls(project, call):
    result = project(f"def test_it(dns_server):\n    dns_server.{call}\n", *ALONE)
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*steered_server.py:*")
    result.stdout.no_fnmatch_line("*dns_server.py:*: *")
    assert "loop_thread" not in result.stdout.str()
    assert "def " not in result.stdout.str().replace("def test_it", "").replace("def ask", "")


def test_the_marker_and_the_fixtures_are_documented(project):
    result = project("", "--markers", *ALONE)
    result.stdout.fnmatch_lines(["@pytest.mark.dns_manifest(*manifests, **options): *"])
    result = project("", "--fixtures", *ALONE)
    result.stdout.fnmatch_lines(["dns_server -- *", "dns_server_factory [[]session scope] -- *"])


def test_strict_markers_know_it(project):
    source = "@pytest.mark.dns_manifest('web.yaml')\ndef test_it(dns_server):\n    assert ask(dns_server)\n"
    project(source, "--strict-markers", *ALONE).assert_outcomes(passed=1)


def test_a_run_that_does_not_use_it_imports_nothing_for_it(pytester):
    pytester.makepyfile(
        """
        import sys

        def test_it():
            found = {name for name in sys.modules if name.partition(".")[0] == "resolver"}
            assert found == {"resolver", "resolver.testing", "resolver.testing.pytest_plugin"}
        """
    )
    pytester.runpytest_subprocess("-p", "no:xdist").assert_outcomes(passed=1)


def test_pytest_does_not_rewrite_the_assertions_of_the_servers_modules(project):
    source = """
    import sys
    from _pytest.assertion.rewrite import AssertionRewritingHook

    @pytest.mark.dns_manifest("web.yaml")
    def test_it(dns_server):
        assert ask(dns_server)
        loaders = {name: module.__spec__.loader for name, module in sys.modules.items() if name.startswith("resolver.")}
        rewritten = {name for name, loader in loaders.items() if isinstance(loader, AssertionRewritingHook)}
        assert rewritten <= {"resolver.testing", "resolver.testing.pytest_plugin"}
    """
    project(source, *ALONE, apart=True).assert_outcomes(passed=1)


def test_nothing_stays_in_the_way_of_imports_after_a_run(project):
    before = list(sys.meta_path)
    project("def test_it():\n    pass\n", *ALONE).assert_outcomes(passed=1)
    assert sys.meta_path == before


def test_the_plugin_itself_imports_nothing_that_pytest_does_not():
    code = (
        "import sys, pytest, importlib.metadata; before = set(sys.modules); import resolver.testing.pytest_plugin;"
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['resolver', 'resolver.testing', 'resolver.testing.pytest_plugin']"
