"""A certificate the station makes for itself.

Nobody vouches for it, so a browser warns once; clicked through, the page is a secure context, in which the screen may be kept
awake.  Plain http stays the default: most tablets need nothing more than a longer Auto-Lock.
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hardware.errors import BackliftError

if TYPE_CHECKING:
    from cryptography import x509

VALID = datetime.timedelta(days=800)
"""Browsers turn down certificates of more than 825 days."""
RENEW_BEFORE = datetime.timedelta(days=30)


class CertificateError(BackliftError, OSError):
    """No certificate can be made or kept."""


def own_certificate(folder: Path, names: Iterable[str], now: datetime.datetime) -> Path:
    """The file with certificate and key for `names` and loopback; made anew when there is none, or its time is nearly over.

    Raises CertificateError when the `https` extra is not installed or the folder cannot be written.
    """
    try:
        from cryptography import x509
    except ImportError:
        raise CertificateError(
            "https needs one more package: pip install 'backlift-station[https]', or set [dashboard] https = false"
        ) from None
    path = folder / "certificate.pem"
    try:
        kept = x509.load_pem_x509_certificate(path.read_bytes())
        if kept.not_valid_before_utc <= now <= kept.not_valid_after_utc - RENEW_BEFORE:
            return path
    except (OSError, ValueError):
        pass
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(_made(tuple(names), now))
        fresh.replace(path)
    except OSError as error:
        raise CertificateError(f"{folder}: the certificate cannot be kept there: {error.strerror}") from None
    return path


def _made(names: tuple[str, ...], now: datetime.datetime) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Back Lift Station")])
    spoken: list[x509.GeneralName] = [x509.DNSName(name) for name in ("localhost", *names)]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A day early: the tablet's clock and the station's need not agree.
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName([*spoken, x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return secret + certificate.public_bytes(serialization.Encoding.PEM)
