"""Certificate files for tests: an authority, a server certificate for 127.0.0.1, and a client certificate."""

import ssl
from pathlib import Path
from typing import NamedTuple

import trustme


class Certificates(NamedTuple):
    """Paths of PEM files, and a context for a server that demands the client certificate if `demanding`."""

    authority: str
    client: str
    client_key: str
    server: ssl.SSLContext

    @property
    def client_text(self) -> str:
        return Path(self.client).read_text()

    @property
    def client_key_text(self) -> str:
        return Path(self.client_key).read_text()


def make_certificates(folder: Path, demanding: bool = False) -> Certificates:
    """Writes the files into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.crt")
    client = authority.issue_cert("dualdns@example.org")
    client.cert_chain_pems[0].write_to_path(folder / "client.crt")
    client.private_key_pem.write_to_path(folder / "client.key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "kubernetes").configure_cert(context)
    if demanding:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    files = [str(folder / name) for name in ("ca.crt", "client.crt", "client.key")]
    return Certificates(files[0], files[1], files[2], context)
