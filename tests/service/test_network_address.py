"""How the station is called and reached, and a QR code on terminals of other days."""

from __future__ import annotations

import pytest

from station.service.network_address import names_own_host, qr_text


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252", "no-such-encoding"])
def test_a_terminal_without_the_letters_gets_no_code_and_no_traceback(encoding: str) -> None:
    assert qr_text("http://192.168.1.7:8080/pair#secret", encoding) is None


def test_a_terminal_with_them_gets_one() -> None:
    assert "█" in (qr_text("http://192.168.1.7:8080/pair#secret", "utf-8") or "")


@pytest.mark.parametrize("host", ["mat", "mat.local", "mat-2.local", "MAT.fritz.box.", "mat-12.home.arpa"])
def test_home_networks_names_are_our_own(host: str) -> None:
    assert names_own_host(host, "mat")


@pytest.mark.parametrize(
    "host", ["", "matt", "mat.", "mat..local", "mat-.local", "mat.local.example", "a.mat.local", "mat-1.2.local"]
)
def test_others_are_not(host: str) -> None:
    assert names_own_host(host, "mat") == (host == "mat.")
