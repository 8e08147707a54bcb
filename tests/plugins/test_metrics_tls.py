import ssl
from pathlib import Path

import pytest
import trustme

from resolver.corefile.tokens import BadConfig
from resolver.plugins.metrics_tls import server_context


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(folder / "ca.crt")
    certificate.cert_chain_pems[0].write_to_path(folder / "server.crt")
    certificate.private_key_pem.write_to_path(folder / "server.key")
    return folder


def context(folder: Path, text: str) -> ssl.SSLContext | None:
    return server_context(str(folder / "web.yml"), lambda path: text.encode())


def tls(*lines: str) -> str:
    return "\n  ".join(("tls_server_config:", "cert_file: server.crt", "key_file: server.key", *lines))


@pytest.mark.parametrize("text", ["", "---\n", "tls_server_config:\n", "http_server_config: {}\n"])
def test_a_file_that_asks_for_no_tls_gives_none(folder: Path, text: str) -> None:
    assert context(folder, text) is None


@pytest.mark.parametrize(
    ("lines", "mode", "least"),
    [
        ((), ssl.CERT_NONE, ssl.TLSVersion.TLSv1_2),
        (("client_auth_type: NoClientCert", "min_version: TLS13"), ssl.CERT_NONE, ssl.TLSVersion.TLSv1_3),
        (
            ("client_auth_type: VerifyClientCertIfGiven", "client_ca_file: ca.crt"),
            ssl.CERT_OPTIONAL,
            ssl.TLSVersion.TLSv1_2,
        ),
        (
            ("client_auth_type: RequireAndVerifyClientCert", "client_ca_file: ca.crt"),
            ssl.CERT_REQUIRED,
            ssl.TLSVersion.TLSv1_2,
        ),
    ],
)
def test_certificates_and_versions_are_as_the_file_says(
    folder: Path, lines: tuple[str, ...], mode: ssl.VerifyMode, least: ssl.TLSVersion
) -> None:
    found = context(folder, tls(*lines))
    assert found is not None
    assert (found.verify_mode, found.minimum_version) == (mode, least)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "expected a mapping"),
        ("a: [", "web.yml: while parsing"),
        ("basic_auth_users:\n  a: b", "basic_auth_users is unknown or not supported"),
        ("http_server_config:\n  http2: false", "http_server_config is not supported"),
        ("tls_server_config:\n  key_file: server.key", "missing cert_file"),
        ("tls_server_config:\n  cert_file: server.crt", "missing key_file"),
        (tls("cipher_suites: [a]"), "cipher_suites is unknown or not supported"),
        (tls("client_auth_type: RequestClientCert"), "client_auth_type RequestClientCert is not supported"),
        (tls("min_version: SSL3"), "unknown TLS version SSL3"),
        (tls("client_ca_file: none.crt"), "failed to load its certificates"),
        ("tls_server_config:\n  cert_file: ca.crt\n  key_file: server.key", "failed to load its certificates"),
    ],
)
def test_a_bad_file_stops_the_start(folder: Path, text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message) as refused:
        context(folder, text)
    assert str(refused.value).startswith("plugin/prometheus: Invalid TLS config: ")


def test_a_file_that_is_not_there_stops_the_start() -> None:
    def read(path: str) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", path)

    with pytest.raises(BadConfig, match="No such file or directory"):
        server_context("web.yml", read)
