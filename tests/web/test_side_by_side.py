"""Two side by side: aligned, told apart without colour, and no difference where there is none."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from station.store import Reader


@pytest.fixture
def client(app: object) -> FlaskClient:
    return app.test_client()  # type: ignore[attr-defined,no-any-return]


def lifts_of(reader: Reader, session: int) -> list[tuple[str, str, str]]:
    record = reader.session(session)
    return [
        (f"{session}.{one.id}", one.lift.limb, one.lift.part)
        for rep in record.repetitions
        for one in rep.lifts
        if rep.kind != "full"
    ]


def test_two_lifts_of_a_kind_are_drawn_over_each_other_and_compared(client: FlaskClient, reader: Reader) -> None:
    first = {(limb, part): name for name, limb, part in reversed(lifts_of(reader, 1))}
    other = {(limb, part): name for name, limb, part in reversed(lifts_of(reader, 2))}
    kind = next(kind for kind in first if kind in other)
    for align in ("touch_down", "lift_off"):
        html = client.get(f"/compare?a={first[kind]}&b={other[kind]}&align={align}").text
        lines = re.findall(r'<polyline class="compare-(\w+)" points="([^"]+)"', html)
        assert [line for line, _ in lines] == ["solid", "dashed"]
        for _, points in lines:
            xs = [float(pair.split(",")[0]) for pair in points.split()]
            assert xs == sorted(xs) and xs[0] >= 50 and xs[-1] <= 900 and len(xs) > 100
        assert "No real difference." in html or "longer." in html


def test_the_same_lift_twice_differs_in_nothing(client: FlaskClient, reader: Reader) -> None:
    name = lifts_of(reader, 1)[0][0]
    html = client.get(f"/compare?a={name}&b={name}").text
    assert "No real difference." in html and "longer." not in html


def test_an_arm_beside_a_leg_gets_no_verdict(client: FlaskClient, reader: Reader) -> None:
    lifts = lifts_of(reader, 1)
    arm = next(name for name, limb, _ in lifts if limb.startswith("arm"))
    leg = next(name for name, limb, _ in lifts if limb.startswith("leg"))
    html = client.get(f"/compare?a={arm}&b={leg}").text
    assert "two different movements" in html and "No real difference." not in html


def test_two_sessions_are_compared_kind_by_kind(client: FlaskClient) -> None:
    html = client.get("/compare?a=1&b=2").text
    assert "Earlier session:" in html and html.count("<strong>") >= 1
    assert 'href="/compare?a=1&amp;b=2"' in client.get("/sessions/2").text


@pytest.mark.parametrize("asked", ["", "a=1", "a=1&b=x", "a=1.9999&b=1.1", "a=99&b=1", "a=1.1e3&b=1", "a=-1&b=1"])
def test_what_is_not_there_is_not_found(client: FlaskClient, asked: str) -> None:
    assert client.get(f"/compare?{asked}").status_code == 404
