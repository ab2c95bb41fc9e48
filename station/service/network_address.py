"""How this machine is called and reached in its own network."""

from __future__ import annotations

import io
import re
import socket

from station.config import Config

ANY_OUTSIDE = ("192.0.2.1", 9)
"""A documentation address (RFC 5737).  Nothing is sent: a UDP socket "connected" to it tells which own address would be used."""


HOME_DOMAINS = ("local", "lan", "home", "home.arpa", "fritz.box", "internal", "localdomain")
"""What mDNS and home routers put behind a host name.  None of them can be registered by somebody else for a rebinding attack, but
fritz.box, which belongs to the routers' maker."""


def own_names() -> tuple[str, ...]:
    """The host name, and the name by which mDNS (avahi) makes it known."""
    name = socket.gethostname().partition(".")[0].lower()
    return (name, f"{name}.local")


def names_own_host(host: str, own: str) -> bool:
    """Whether `host` (without port) is how a home network calls the machine whose host name is `own`.

    avahi adds a number when the name is taken already: mat-2.local.
    """
    found = re.fullmatch(rf"{re.escape(own.lower())}(-\d{{1,3}})?(?:\.(.+))?", host.lower().removesuffix("."))
    return found is not None and (found[2] is None or found[2] in HOME_DOMAINS)


def own_ip() -> str | None:
    """This machine's address in its private network; None when it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ANY_OUTSIDE)
            address: str = probe.getsockname()[0]
        except OSError:
            return None
    return None if address.startswith(("127.", "0.")) else address


def addresses(config: Config, *, everywhere: bool) -> tuple[str, ...]:
    """Where the pages can be opened, best first: by IP (works on every tablet), by name; only loopback unless `everywhere`."""
    scheme = "https" if config.dashboard.https else "http"
    hosts: tuple[str, ...] = (config.dashboard.host,)
    if everywhere or config.dashboard.host == "0.0.0.0":
        ip = own_ip()
        hosts = (*((ip,) if ip else ()), own_names()[1])
    return tuple(f"{scheme}://{host}:{config.dashboard.port}/" for host in hosts)


def qr_text(address: str, encoding: str = "utf-8") -> str | None:
    """The address as a QR code of half blocks, for a terminal; None where the terminal's encoding has no such letters."""
    import segno

    out = io.StringIO()
    segno.make(address, error="m").terminal(out, compact=True)
    try:
        out.getvalue().encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return None
    return out.getvalue()
