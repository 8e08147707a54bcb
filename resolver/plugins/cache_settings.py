"""The options of the cache, read as CoreDNS reads them (plugin/cache/setup.go)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from resolver import limits
from resolver.corefile import go_syntax, settings
from resolver.corefile.directives import Directive, Option
from resolver.corefile.keys import plugin_zones
from resolver.corefile.tokens import BadConfig, Token
from resolver.wire.names import ROOT, BadName, name_from_text

_NO_TTL: Final = "cache TTL can not be zero or negative: {}"
_NO_LEAST_TTL: Final = "cache min TTL can not be negative: {}"


@dataclass(slots=True)
class StoreSettings:
    """One of the two stores. TTLs in seconds; `excepted` are zones, lower case in wire form, that it does not keep."""

    most_ttl: int
    least_ttl: int = limits.CACHE_LEAST_TTL
    capacity: int = limits.CACHE_CAPACITY
    excepted: tuple[bytes, ...] = ()


@dataclass(slots=True)
class CacheSettings:
    """One cache. Times in seconds. `stale` is how long past its end a reply is served, 0 for not at all; `verify` asks
    anew before that, for at most `verify_seconds` (0: as long as it takes); `stale_ttl` is what such a reply shows."""

    zones: tuple[str, ...]
    success: StoreSettings
    denial: StoreSettings
    servfail: float = limits.CACHE_LEAST_TTL
    prefetch: int = 0
    prefetch_span: float = limits.CACHE_PREFETCH_SPAN
    prefetch_share: int = limits.CACHE_PREFETCH_SHARE
    stale: float = 0.0
    verify: bool = False
    verify_seconds: float = 0.0
    stale_ttl: int = 0
    stale_recheck: float = 0.0
    prefer_positive: bool = False
    keep_ttl: bool = False


def read_settings(directive: Directive, block_zones: Sequence[str]) -> CacheSettings:
    """One use of the cache. Raises BadConfig."""
    words = directive.arguments
    success, denial = StoreSettings(limits.CACHE_SUCCESS_TTL), StoreSettings(limits.CACHE_DENIAL_TTL)
    if words and _is_integer(words[0].text):
        success.most_ttl = denial.most_ttl = settings.integer(words[0], 1, None, _NO_TTL)
        words = words[1:]
    read = CacheSettings(tuple(plugin_zones(words, block_zones)), success, denial)
    seen: dict[str, Option] = {}
    for option in directive.options:
        name = option.name.text
        if name == "serve_stale_policy" and name in seen:
            raise BadConfig.at(option.name, "serve_stale_policy can only be specified once")
        seen[name] = option
        _OPTIONS.get(name, _unknown)(option, read)
    if "serve_stale_policy" in seen and "serve_stale" not in seen:
        raise BadConfig.at(seen["serve_stale_policy"].name, "serve_stale_policy requires serve_stale")
    return read


def _is_integer(text: str) -> bool:
    try:
        go_syntax.integer(text)
    except ValueError:
        return False
    return True


# -- options, each a function of its line that sets what the line is about ---------------------------------------------


def _success(option: Option, read: CacheSettings) -> None:
    _store(option, read.success)


def _denial(option: Option, read: CacheSettings) -> None:
    _store(option, read.denial)


def _store(option: Option, store: StoreSettings) -> None:
    """CAPACITY [TTL [MINTTL]]; what follows is ignored, as in CoreDNS."""
    words = settings.at_least(option, 1)
    store.capacity = settings.integer(words[0], -(1 << 63), None, "")
    if len(words) > 1:
        store.most_ttl = settings.integer(words[1], 1, None, _NO_TTL)
    if len(words) > 2:
        store.least_ttl = settings.integer(words[2], 0, None, _NO_LEAST_TTL)


def _prefetch(option: Option, read: CacheSettings) -> None:
    """AMOUNT [DURATION [PERCENTAGE%]]."""
    words = settings.between(option, 1, 3)
    read.prefetch = settings.integer(words[0], 0, None, "prefetch amount should be positive: {}")
    if len(words) > 1:
        read.prefetch_span = settings.duration(words[1])
    if len(words) > 2:
        text = words[2].text
        if not text.endswith("%"):
            raise BadConfig.at(words[2], f"last character of percentage should be `%`, but is: '{text[-1:]}'")
        share = Token(text[:-1], words[2].file, words[2].line)
        read.prefetch_share = settings.integer(share, 10, 90, "percentage should fall in range [10, 90]: {}")


def _not_negative(word: Token, what: str, *, invalid: str = "") -> float:
    seconds = settings.duration(word, invalid=invalid)
    if seconds < 0:
        raise BadConfig.at(word, f"invalid negative {what}")
    return seconds


def _serve_stale(option: Option, read: CacheSettings) -> None:
    """[DURATION [immediate [TTL [RECHECK]] | verify [TIMEOUT [TTL [RECHECK]]]]]."""
    words = settings.between(option, 0, 5)
    read.stale = _not_negative(words[0], "duration for serve_stale") if words else limits.CACHE_STALE
    read.verify, read.verify_seconds, read.stale_ttl, read.stale_recheck = False, 0.0, 0, 0.0
    if len(words) < 2:
        return
    mode = words[1].text.lower()
    if mode not in ("immediate", "verify"):
        raise BadConfig.at(words[1], f"invalid value for serve_stale refresh mode: {mode}")
    rest = words[2:]
    read.verify = mode == "verify"
    if read.verify and rest:
        invalid = "invalid serve_stale verify timeout: "
        read.verify_seconds = _not_negative(rest[0], "timeout for serve_stale verify", invalid=invalid)
        rest = rest[1:]
    if len(rest) > 2:
        raise settings.wrong_count(option)
    if rest:
        read.stale_ttl = _stale_ttl(rest[0])
    if len(rest) > 1:
        invalid = "invalid serve_stale failure recheck: "
        read.stale_recheck = _not_negative(rest[1], "failure recheck for serve_stale", invalid=invalid)
        if read.stale_recheck > limits.CACHE_RECHECK_MOST:
            raise BadConfig.at(rest[1], "serve_stale failure recheck cannot exceed 5 minutes")


def _stale_ttl(word: Token) -> int:
    invalid = "invalid serve_stale response TTL: "
    seconds = _not_negative(word, "response TTL for serve_stale", invalid=invalid)
    if seconds != int(seconds):
        raise BadConfig.at(word, "serve_stale response TTL must be a whole number of seconds")
    if seconds > 0xFFFFFFFF:
        raise BadConfig.at(word, "serve_stale response TTL exceeds the DNS TTL range")
    return int(seconds)


def _serve_stale_policy(option: Option, read: CacheSettings) -> None:
    (word,) = settings.exactly(option, 1)
    if word.text.lower() != "prefer_positive":
        raise BadConfig.at(word, f"invalid serve_stale_policy: {word.text}")
    read.prefer_positive = True


def _servfail(option: Option, read: CacheSettings) -> None:
    (word,) = settings.exactly(option, 1)
    read.servfail = _not_negative(word, "ttl for servfail")
    if read.servfail > limits.CACHE_SERVFAIL_MOST:
        raise BadConfig.at(word, "caching SERVFAIL responses over 5 minutes is not permitted")


def _disable(option: Option, read: CacheSettings) -> None:
    """success|denial [ZONES]; the last of several counts."""
    which, *words = settings.at_least(option, 1)
    zones = tuple(_zone(word) for word in words) or (ROOT,)
    message = 'cache type for disable must be "success" or "denial"'
    kind = settings.choice(which, ("success", "denial"), message)
    store = read.success if kind == "success" else read.denial
    store.excepted = zones


def _zone(word: Token) -> bytes:
    try:
        return name_from_text(word.text).lower()
    except BadName as error:
        raise BadConfig.at(word, f"invalid disabled zone: {word.text}") from error


def _keep_ttl(option: Option, read: CacheSettings) -> None:
    settings.no_arguments(option)
    read.keep_ttl = True


def _unknown(option: Option, read: CacheSettings) -> None:
    raise settings.unknown_option(option, _OPTIONS)


_OPTIONS: Final[dict[str, Callable[[Option, CacheSettings], None]]] = {
    "success": _success,
    "denial": _denial,
    "prefetch": _prefetch,
    "serve_stale": _serve_stale,
    "serve_stale_policy": _serve_stale_policy,
    "servfail": _servfail,
    "disable": _disable,
    "keepttl": _keep_ttl,
}
