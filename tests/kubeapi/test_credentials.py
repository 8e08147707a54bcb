"""Where the cluster is, without the kubernetes package: endpoints, TLS files, the choice of a source."""

import ssl
from pathlib import Path

import pytest

from resolver.kubeapi.credentials import ApiTarget, EndpointAccess, choose_target, tls_context
from resolver.kubeapi.errors import BadCredentials
from tests.support.certificates import make_certificates

IN_CLUSTER = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.mark.parametrize(
    ("target", "server"),
    [
        (ApiTarget("http://10.0.0.1:8080/"), "http://10.0.0.1:8080"),
        (ApiTarget("10.0.0.1:8080"), "http://10.0.0.1:8080"),
        (ApiTarget("10.0.0.1", authority="ca.crt"), "https://10.0.0.1"),
        (ApiTarget("https://[2001:db8::1]:6443"), "https://[2001:db8::1]:6443"),
    ],
)
def test_an_endpoint_is_a_url_with_or_without_its_scheme(target: ApiTarget, server: str) -> None:
    assert target.server == server


@pytest.mark.parametrize(
    ("environ", "kubeconfig", "context", "target"),
    [
        (IN_CLUSTER, "", "", ApiTarget()),
        (IN_CLUSTER | {"KUBECONFIG": "a:b"}, "", "", ApiTarget(kubeconfig="a:b")),
        ({"KUBECONFIG": "a"}, "file", "dev", ApiTarget(kubeconfig="file", context="dev")),
    ],
)
def test_the_nearest_source_wins(environ: dict[str, str], kubeconfig: str, context: str, target: ApiTarget) -> None:
    assert choose_target(environ, kubeconfig, context) == target


@pytest.mark.parametrize(
    ("environ", "context", "says"),
    [
        ({}, "", "no Kubernetes API to ask: give --kubeconfig FILE, set KUBECONFIG"),
        (IN_CLUSTER, "dev", "context 'dev' needs a kubeconfig"),
    ],
)
def test_without_a_source_the_choices_are_named(environ: dict[str, str], context: str, says: str) -> None:
    with pytest.raises(BadCredentials, match=says):
        choose_target(environ, "", context)


def test_tls_files_become_a_context(tmp_path: Path) -> None:
    files = make_certificates(tmp_path)
    access = EndpointAccess(ApiTarget("https://127.0.0.1", "", "", files.client, files.client_key, files.authority))
    assert access.tls is not None
    assert (access.tls.verify_mode, access.tls.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert len(access.tls.get_ca_certs()) == 1


def test_checking_may_be_turned_off(tmp_path: Path) -> None:
    context = tls_context(make_certificates(tmp_path).authority, verify=False)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (("", "", "none.crt"), "certificate authority .*none.crt: No such file"),
        (("", "", "garbage"), "certificate authority .*garbage: is not PEM"),
        (("none.crt", "client.key", "ca.crt"), "client certificate .*none.crt with key .*client.key: No such file"),
        (("garbage", "client.key", "ca.crt"), "client certificate .*garbage with key .*: is not PEM"),
        (("client.crt", "ca.crt", "ca.crt"), "with key .*ca.crt: is not PEM, or certificate and key do not belong"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, files: tuple[str, str, str], says: str) -> None:
    make_certificates(tmp_path)
    (tmp_path / "garbage").write_text("hello")
    certificate, key, authority = (str(tmp_path / name) if name else "" for name in files)
    with pytest.raises(BadCredentials, match=says):
        EndpointAccess(ApiTarget("https://127.0.0.1", "", "", certificate, key, authority))
