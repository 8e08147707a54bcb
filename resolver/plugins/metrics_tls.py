"""The file of prometheus's `tls FILE`: the web configuration that Prometheus's own programs share (exporter-toolkit).

Understood: certificate, key, client certificates that are verified, TLS versions. What Python's TLS or this server
cannot do (unverified client certificates, passwords, cipher lists) is refused rather than left out.
"""

import posixpath
from collections.abc import Callable, Mapping
from ssl import CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED, PROTOCOL_TLS_SERVER, SSLContext, SSLError, TLSVersion
from typing import Final

import yaml

from resolver.corefile.tokens import BadConfig

_VERSIONS: Final = {
    "TLS10": TLSVersion.TLSv1,
    "TLS11": TLSVersion.TLSv1_1,
    "TLS12": TLSVersion.TLSv1_2,
    "TLS13": TLSVersion.TLSv1_3,
}
_CLIENT_AUTH: Final = {
    "": CERT_NONE,
    "NoClientCert": CERT_NONE,
    "VerifyClientCertIfGiven": CERT_OPTIONAL,
    "RequireAndVerifyClientCert": CERT_REQUIRED,
}
_FIELDS: Final = frozenset(
    ("cert_file", "key_file", "client_auth_type", "client_ca_file", "min_version", "max_version")
)


def server_context(path: str, read: Callable[[str], bytes]) -> SSLContext | None:
    """The TLS that the file asks for; None where it asks for none. Files it names are relative to its folder.

    Raises BadConfig.
    """
    try:
        document = yaml.load(read(path), yaml.CSafeLoader)
    except OSError as error:
        raise _bad(path, str(error.strerror or error)) from None
    except yaml.YAMLError as error:
        raise _bad(path, " ".join(str(error).split())) from None
    sections = _mapping(path, document, frozenset(("tls_server_config", "http_server_config")))
    if sections.get("http_server_config"):
        raise _bad(path, "http_server_config is not supported; leave it out")
    found = _mapping(path, sections.get("tls_server_config"), _FIELDS)
    fields = {name: str(value) for name, value in found.items() if value is not None}
    if not fields:
        return None
    folder = posixpath.dirname(path)
    files = {name: posixpath.join(folder, fields.get(name, "")) for name in ("cert_file", "key_file", "client_ca_file")}
    for name in ("cert_file", "key_file"):
        if not fields.get(name):
            raise _bad(path, f"missing {name}")
    client_auth = fields.get("client_auth_type", "")
    if client_auth not in _CLIENT_AUTH:
        raise _bad(path, f"client_auth_type {client_auth} is not supported, use one of {_listed(_CLIENT_AUTH)}")
    context = SSLContext(PROTOCOL_TLS_SERVER)
    try:
        context.minimum_version = _VERSIONS[fields.get("min_version", "TLS12")]
        context.maximum_version = _VERSIONS[fields.get("max_version", "TLS13")]
        context.load_cert_chain(files["cert_file"], files["key_file"])
        if fields.get("client_ca_file"):
            context.load_verify_locations(files["client_ca_file"])
    except KeyError as error:
        raise _bad(path, f"unknown TLS version {error.args[0]}, use one of {_listed(_VERSIONS)}") from None
    except (OSError, SSLError) as error:
        raise _bad(path, f"failed to load its certificates: {error}") from None
    context.verify_mode = _CLIENT_AUTH[client_auth]
    return context


def _mapping(path: str, found: object, known: frozenset[str]) -> Mapping[str, object]:
    """A mapping with known keys; nothing at all counts as an empty one."""
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise _bad(path, f"expected a mapping with some of {_listed(known)}, found {str(found)[:80]!r}")
    unknown = sorted(str(name) for name in found if name not in known)
    if unknown:
        raise _bad(path, f"{unknown[0]} is unknown or not supported (known: {_listed(known)})")
    return found


def _listed(words: "frozenset[str] | Mapping[str, object]") -> str:
    return ", ".join(sorted(word for word in words if word))


def _bad(path: str, message: str) -> BadConfig:
    return BadConfig(f"Invalid TLS config: {path}: {message}", plugin="prometheus")
