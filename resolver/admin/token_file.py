"""The token that an admin API may ask for, in a file."""

from pathlib import Path


class BadToken(ValueError):
    """The file cannot be used; the message says why."""


def read_token(path: str) -> str | None:
    """The first line of the file; None for no path. Raises BadToken."""
    if not path:
        return None
    try:
        token = Path(path).read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadToken(f"--admin-token-file {path}: {getattr(error, 'strerror', None) or error}") from error
    if not token:
        raise BadToken(f"--admin-token-file {path}: its first line is empty: write the token there")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise BadToken(f"--admin-token-file {path}: a token has visible ASCII characters only, and no blanks")
    return token
