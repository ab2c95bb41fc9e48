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

from hardware.errors import BackliftError, pip_install

if TYPE_CHECKING:
    from cryptography import x509

VALID = datetime.timedelta(days=800)
"""Browsers turn down certificates of more than 825 days."""
RENEW_BEFORE = datetime.timedelta(days=30)


class CertificateError(BackliftError, OSError):
    """No certificate can be made or kept."""


def own_certificate(folder: Path, names: Iterable[str], now: datetime.datetime, addresses: Iterable[str] = ()) -> Path:
    """The file with certificate and key for `names`, `addresses` (IP) and loopback.

    Made anew when there is none, its time is nearly over, or it does not cover all of them.  It certifies these and nothing else:
    whoever trusts it on a tablet trusts no authority (the key could sign no other certificate that a browser takes).

    Raises CertificateError when the `https` extra is not installed or the folder cannot be written.
    """
    try:
        from cryptography import x509
    except ImportError:
        raise CertificateError(
            f"https needs one more package: {pip_install('cryptography')}, or set [dashboard] https = false"
        ) from None
    path = folder / "certificate.pem"
    spoken = _general_names(names, addresses)
    try:
        kept = x509.load_pem_x509_certificate(path.read_bytes())
        in_time = kept.not_valid_before_utc <= now <= kept.not_valid_after_utc - RENEW_BEFORE
        covered = set(kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
        authority = kept.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        if in_time and covered >= set(spoken) and not authority:
            return path
    except (OSError, ValueError, x509.ExtensionNotFound):
        pass
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(_made(spoken, now))
        fresh.replace(path)
    except OSError as error:
        raise CertificateError(f"{folder}: the certificate cannot be kept there: {error.strerror}") from None
    return path


def _signs_handshakes_only() -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_names(names: Iterable[str], addresses: Iterable[str]) -> list[x509.GeneralName]:
    from cryptography import x509

    hosts = [x509.DNSName(name) for name in dict.fromkeys(("localhost", *names))]
    numbers = [x509.IPAddress(ipaddress.ip_address(each)) for each in dict.fromkeys(("127.0.0.1", "::1", *addresses))]
    return [*hosts, *numbers]


def _made(spoken: list[x509.GeneralName], now: datetime.datetime) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Back Lift Station")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A day early: the tablet's clock and the station's need not agree.
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(spoken), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signs_handshakes_only(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return secret + certificate.public_bytes(serialization.Encoding.PEM)
