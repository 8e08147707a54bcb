"""A token that clients must send, in a file."""

from pathlib import Path

from resolver.corefile.tokens import BadConfig


def read_token(path: str, option: str) -> str | None:
    """The first line of the file; None for no path. Raises BadConfig, which names the option."""
    if not path:
        return None
    where = f"{option} {path}"
    try:
        token = Path(path).read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"{where}: {getattr(error, 'strerror', None) or error}") from error
    if not token:
        raise BadConfig(f"{where}: its first line is empty: write the token there")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise BadConfig(f"{where}: a token has visible ASCII characters only, and no blanks")
    return token
