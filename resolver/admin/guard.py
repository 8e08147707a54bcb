"""Who may ask what: the checks that come before any operation.

Against web pages that try to reach the API through a browser: names that were made to point to this machine are known
by the Host header, requests of other sites that would change something by their Origin, forms by their content type.
"""

import hmac
import ipaddress
from collections.abc import Mapping
from typing import Final

from resolver.admin.operation import Refused

JSON: Final = "application/json"


class Guard:
    """`token`: what each request must carry, None for nothing. `host_matters`: the API is reached over TCP."""

    def __init__(self, token: str | None, *, host_matters: bool) -> None:
        self._token = None if token is None else token.encode()
        self._host_matters = host_matters

    def check(self, method: str, headers: Mapping[str, str], *, has_body: bool) -> None:
        """Raises Refused."""
        if self._token is not None:  # a page cannot know it, so its Host need not be looked at
            self._check_token(headers.get("Authorization", ""), self._token)
        elif self._host_matters and not _is_own(headers.get("Host", "")):
            host = headers.get("Host", "")
            raise Refused(403, f"the Host {host!r} is not allowed: ask by address or as localhost")
        if method in ("GET", "HEAD", "OPTIONS"):
            return
        if headers.get("Origin") is not None or headers.get("Sec-Fetch-Site") == "cross-site":
            raise Refused(403, "web pages may not change anything here: send no Origin header")
        content = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if (has_body or method != "DELETE") and content != JSON:
            raise Refused(415, f"the content type is {content or 'missing'}: send {JSON}")

    def _check_token(self, authorization: str, token: bytes) -> None:
        scheme, _, given = authorization.partition(" ")
        sent = given.strip().encode(errors="surrogateescape")
        if scheme.lower() != "bearer" or not hmac.compare_digest(sent, token):
            raise Refused(401, "the token is missing or wrong: send it as `Authorization: Bearer TOKEN`")


def _is_own(host: str) -> bool:
    """Whether a Host header is an address or localhost: a page that rebinds a name sends that name."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if name.lower() == "localhost":
        return True
    try:
        ipaddress.ip_address(name[1:-1] if name.startswith("[") and name.endswith("]") else name)
    except ValueError:
        return False
    return True
