"""Where a webhook may go: not into the private network that the service runs in (SSRF)."""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from app.errors import WebhookAddressError

MOST_URL: Final = 2048
# IPv6 ranges that carry an IPv4 address inside, or lead to one through a translator.
_TUNNELS: Final = tuple(
    ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)


@dataclass(frozen=True)
class Target:
    """Where to connect: `ip` instead of the name, so that what was checked is what is called."""

    url: str  # with the address in place of the host name
    host: str  # the header
    name: str  # for TLS


def checked_url(url: str, *, allow_private: bool) -> str:
    """The URL, if it has the form of one that may be called; raises WebhookAddressError.

    Nothing is looked up. A literal address is checked like one that a name leads to.
    """
    parts = _parts(url)
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise WebhookAddressError("a webhook's address begins with https://", hint="Use TLS.")
    try:
        literal = ip_address((parts.hostname or "").strip("[]"))
    except ValueError:
        literal = None
    if literal is not None and not (allow_private or is_public(literal)):
        raise _private(str(literal))
    return url


def resolved(url: str, *, allow_private: bool) -> Target:
    """Look the name up once and choose an address to connect to; raises WebhookAddressError.

    All addresses of the name must be allowed: one that is sometimes public is not trusted.
    """
    parts = _parts(checked_url(url, allow_private=allow_private))
    name = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WebhookAddressError(f"the name {name!r} leads nowhere: {error}") from error
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if not (allow_private or is_public(address)):
            raise _private(f"{name} ({address})")
    chosen = addresses[0]
    literal = f"[{chosen}]" if chosen.version == 6 else str(chosen)
    numbered = parts._replace(netloc=f"{literal}:{port}", fragment="").geturl()
    return Target(numbered, parts.netloc, name)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether the whole world may reach it: not private, local, multicast, reserved or mapped."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TUNNELS):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _parts(url: str) -> SplitResult:
    hint = "Give an address such as https://crm.example.com/hooks/bailiwick."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WebhookAddressError(f"the address cannot be read: {error}", hint=hint) from error
    if len(url) > MOST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise WebhookAddressError("the address is too long, or not plain ASCII text", hint=hint)
    if not parts.hostname or port == 0:
        raise WebhookAddressError("the address names no host", hint=hint)
    if "@" in parts.netloc:
        raise WebhookAddressError(
            "the address holds a user name or password", hint="The signature proves who we are."
        )
    return parts


def _private(what: str) -> WebhookAddressError:
    return WebhookAddressError(
        f"{what} is in a private, local or reserved range, which webhooks do not call",
        hint="Set BAILIWICK_WEBHOOK_ALLOW_PRIVATE=true if it is meant.",
    )
