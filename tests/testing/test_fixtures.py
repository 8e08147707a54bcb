import pytest

from resolver.testing.fixtures import BadMarker, factory, marked, served
from tests.support.dns_servers import WEB, addresses, ask, service


def mark(*arguments, **options):
    return pytest.mark.dns_manifest(*arguments, **options).mark


def test_the_nearest_marker_comes_last_and_its_options_count(tmp_path):
    near, far = mark(service("near"), domain="near.test"), mark(WEB, domain="far.test", seed=None)
    with served(marked([near, far], [tmp_path])) as server:
        assert server.domain == "near.test"
        assert addresses(ask(server, "web.default"))
        assert addresses(ask(server, "near.default"))


def test_without_a_marker_the_cluster_is_empty(tmp_path):
    with served(marked([], [tmp_path])) as server:
        assert not addresses(ask(server, "web.default"))


@pytest.mark.parametrize(
    ("marker", "words"), [(mark(), "names no manifest"), (mark(WEB, histroy=7), r"did you mean history\?")]
)
def test_markers_that_say_nothing_known_are_refused(tmp_path, marker, words):
    with pytest.raises(BadMarker, match=words):
        marked([marker], [tmp_path])


def test_what_is_refused_fails_the_test_with_the_reason_alone(tmp_path):
    wanted = marked([mark("nix.yaml")], [tmp_path])
    with pytest.raises(pytest.fail.Exception, match=r"^dns_server: nix\.yaml: there is") as caught, served(wanted):
        pytest.exit("unreachable")
    assert caught.value.pytrace is False
    assert caught.value.__suppress_context__


def test_the_factorys_servers_end_with_it_and_look_for_files_in_its_folders(tmp_path):
    (tmp_path / "web.yaml").write_text(WEB)
    with factory([tmp_path]) as make:
        one, two = make("web.yaml"), make(domain="two.test")
        assert addresses(ask(one, "web.default"))
        assert two.domain == "two.test"
    assert not one.running
    assert not two.running
