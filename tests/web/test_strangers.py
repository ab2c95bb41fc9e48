"""Nobody uninvited gets in: every route, every door, every trick that a browser can be talked into."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import BackliftError
from station.config import Config
from station.messages import COMMANDS
from station.service.pairing_window import WINDOW_S, PairingWindow
from station.store.records import DeviceRecord
from web.app import create_app
from web.auth.device_names import device_name
from web.auth.devices import COOKIE, DEVICES_FRESH_S, Devices
from web.auth.guard import PUBLIC_ENDPOINTS, is_own_host, is_private, require_paired_device
from web.auth.roles import BY_PERSON, OF_NOBODY

OPEN_PATHS = {"/healthz", "/pair", "/api/v1/pair"}
JSON = {"Content-Type": "application/json"}


class Clock:
    def __init__(self):
        self.now_s = 1000.0

    def monotonic_s(self):
        return self.now_s


class Station:
    """The station's side of the link, as far as letting devices in goes; also stands in for the database's reader."""

    def __init__(self, clock):
        self.window = PairingWindow(clock)
        self.kept = []
        self.count = 0
        self.card_broken = False

    def command(self, name, args=None, timeout_s=None, sender=None):
        args = args or {}
        match name:
            case "pairing_start":
                offer = self.window.open(args["role"], args["persons"], args["by"])
                return {"code": offer.code, "secret": offer.secret, "left_s": offer.left_s, "open_network": False}
            case "pairing_try":
                outcome, offer = self.window.accept(args["code"], args["secret"])
                if offer is not None:
                    self.add(args["name"], args["token_sha256"], offer.role, offer.by)
                return outcome
            case "device_add":
                self.add(args["name"], args["token_sha256"])
                return "paired"
            case "device_revoke":
                self.kept = [device for device in self.kept if args["device"] not in (device.id, device.invited_by)]
                return [args["device"]]
            case "device_touch":
                return None
        raise BackliftError("the station does not answer")

    def add(self, name, token_sha256, role="owner", by=None):
        self.count += 1
        token = bytes.fromhex(token_sha256)
        self.kept.append(DeviceRecord(self.count, name, token, 0.0, 0.0, False, role=role, invited_by=by))

    def subscribe(self, since=0):
        return iter(())

    def devices(self):
        if self.card_broken:
            raise BackliftError("the card cannot be read")
        return list(self.kept)

    def session(self, number):
        return SimpleNamespace(summary=SimpleNamespace(person_id=self.sessions_of[number]))

    def events(self, number, since=0):
        return []

    def persons(self):
        return []

    def sessions(self, limit=50, before=None):
        return []

    def settings(self):
        return {}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def station(clock):
    return Station(clock)


@pytest.fixture
def app(station):
    return create_app(Config(), station, station, guard=require_paired_device(station, station, names=("mat.local",)))


@pytest.fixture
def stranger(app):
    return app.test_client()


def pair(client, **shown):
    return client.post("/api/v1/pair", json=shown)


def paired(app, station):
    client = app.test_client()
    assert pair(client, secret=station.window.open().secret).status_code == 200
    return client


def test_every_route_of_the_url_map_is_closed_to_strangers_but_the_three_that_must_be_open(app, stranger):
    tried = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint in ("static", "built"):
            continue
        _, path = rule.build(dict.fromkeys(rule.arguments, 1)) or ("", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = stranger.open(path, method=method, data="{}" if method != "GET" else None, headers=JSON)
            if path in OPEN_PATHS:
                assert answer.status_code != 401, (method, path)
            else:
                assert answer.status_code == 401, (method, path)
                tried += 1
    assert tried > 20


def test_a_route_that_nobody_thought_of_is_closed_too(app, stranger):
    app.add_url_rule("/new", view_func=lambda: "secret")
    assert stranger.get("/new").status_code == 401
    assert stranger.get("/no/such/page").status_code == 401


def test_a_stranger_with_a_browser_is_shown_the_pairing_page_and_nothing_else(stranger):
    answer = stranger.get("/sessions", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert 'id="pair"' in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_six_digits_let_one_device_in_once(app, station):
    offer = station.window.open()
    first, second = app.test_client(), app.test_client()
    assert pair(first, code=offer.code).status_code == 200
    assert first.get("/api/v1/sessions").status_code == 200
    assert pair(second, code=offer.code).get_json() == {"error": "closed"}
    assert second.get("/api/v1/sessions").status_code == 401


def test_the_secret_of_the_link_lets_a_device_in(app, station):
    assert paired(app, station).get("/api/v1/sessions").status_code == 200


def test_only_the_hash_of_256_random_bits_is_stored(app, station):
    client = paired(app, station)
    token = client.get_cookie(COOKIE).value
    assert len(token) >= 43  # 32 bytes in base64
    assert station.kept[0].token_sha256 == hashlib.sha256(token.encode()).digest()


def test_the_cookie_is_for_this_site_and_not_for_scripts_and_slides_400_days(app, station):
    client = app.test_client()
    answer = pair(client, secret=station.window.open().secret)
    for cookie in (answer.headers["Set-Cookie"], client.get("/devices").headers["Set-Cookie"]):
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and f"Max-Age={400 * 86400}" in cookie


def test_five_wrong_tries_end_the_code_and_a_paired_tablet_notices_nothing(app, station):
    tablet = paired(app, station)
    offer = station.window.open()
    wrong = f"{(int(offer.code) + 1) % 10**6:06d}"
    guesser = app.test_client()
    answers = [pair(guesser, code=wrong).get_json()["error"] for _ in range(6)]
    assert answers == ["wrong"] * 4 + ["closed"] * 2
    assert pair(guesser, code=offer.code).status_code == 403
    assert tablet.get("/api/v1/sessions").status_code == 200


@pytest.mark.parametrize("shown", [{"code": "x"}, {"secret": "x"}, {"secret": ""}, {"code": "x", "secret": "y"}, {}])
def test_wrong_tries_of_a_stranger_never_end_the_secret(app, station, shown):
    offer = station.window.open()
    for _ in range(200):
        assert pair(app.test_client(), **shown).status_code == 403
    assert pair(app.test_client(), secret=offer.secret).status_code == 200


@pytest.mark.parametrize(
    "write", ["{0}{1}{2} {3}{4}{5}", " {0}{1}{2}{3}{4}{5} ", "{0} {1} {2} {3} {4} {5}", "{0}{1}{2}\u00a0{3}{4}{5}"]
)
def test_a_code_may_be_typed_as_it_is_shown(app, station, write):
    code = station.window.open().code
    assert pair(app.test_client(), code=write.format(*code)).status_code == 200


def test_a_browser_without_scripts_sends_the_form(app, station):
    own = {"Origin": "http://localhost"}
    code = station.window.open().code
    answer = app.test_client().post("/pair", data={"code": code}, headers=own)
    assert answer.status_code == 303 and "HttpOnly" in answer.headers["Set-Cookie"]
    again = app.test_client().post("/pair", data={"code": code}, headers=own)
    assert again.status_code == 403 and b"This code has expired" in again.data


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://localhost"])
def test_another_sites_form_guesses_nothing(app, station, origin):
    offer = station.window.open()
    headers = {"Origin": origin} if origin else {}
    for _ in range(10):
        assert app.test_client().post("/pair", data={"code": "000000"}, headers=headers).status_code in (403, 415)
    assert pair(app.test_client(), code=offer.code).status_code == 200


def test_wrong_tries_count_together_whoever_makes_them_and_anew_for_a_new_offer(app, station):
    for _ in range(2):
        offer = station.window.open()
        wrong = f"{(int(offer.code) + 1) % 10**6:06d}"
        for _ in range(4):
            assert pair(app.test_client(), code=wrong).get_json() == {"error": "wrong"}
    assert pair(app.test_client(), code=offer.code).status_code == 200


def test_the_window_closes_by_itself_after_two_minutes(app, station, clock):
    offer = station.window.open()
    clock.now_s += WINDOW_S - 0.1
    assert station.window.current() is not None
    clock.now_s += 0.2
    assert pair(app.test_client(), secret=offer.secret).get_json() == {"error": "closed"}


@given(
    st.dictionaries(st.sampled_from(["code", "secret", "name", "more"]), st.one_of(st.none(), st.text(max_size=20), st.integers()))
)
def test_whatever_is_shown_instead_lets_nobody_in(shown):
    station = Station(Clock())
    app = create_app(Config(), station, station, guard=require_paired_device(station, station))
    offer = station.window.open()
    answer = app.test_client().post("/api/v1/pair", json=shown)
    if offer.code not in map(str, shown.values()) and offer.secret not in map(str, shown.values()):
        assert answer.status_code in (400, 403)
        assert station.kept == []


def test_a_revoked_device_is_out(app, station):
    owner, lost = paired(app, station), paired(app, station)
    assert owner.post("/api/v1/devices/revoke", json={"device": 2}).status_code == 200
    assert lost.get("/api/v1/sessions").status_code == 401
    assert lost.get("/api/v1/stream").status_code == 401
    assert owner.get("/api/v1/sessions").status_code == 200


def test_nobody_is_logged_out_while_the_card_cannot_be_read(station, clock):
    station.command("device_add", {"name": "tablet", "token_sha256": hashlib.sha256(b"token").hexdigest()})
    devices = Devices(station.devices, clock.monotonic_s)
    assert devices.find("token") is not None
    station.card_broken = True
    clock.now_s += 10 * DEVICES_FRESH_S
    assert devices.find("token") is not None
    assert devices.find("other") is None


def test_a_card_that_cannot_be_read_is_logged_once_until_it_can(station, clock, caplog):
    devices = Devices(station.devices, clock.monotonic_s)
    for broken, lines in ((True, 1), (True, 1), (False, 1), (True, 2)):
        station.card_broken = broken
        clock.now_s += DEVICES_FRESH_S
        devices.refresh()
        assert caplog.text.count("list of paired devices") == lines


def test_a_program_without_cookies_may_show_its_token_as_a_bearer(app, station):
    token = paired(app, station).get_cookie(COOKIE).value
    stranger = app.test_client()
    assert stranger.get("/api/v1/sessions", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert stranger.get("/api/v1/sessions", headers={"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "mat.local.evil.example", "127.0.0.1.evil.example", "localhost.evil", "xmat.local", "a b", "[::1", ""]
)
def test_a_rebound_name_gets_421_even_on_a_paired_device(app, station, host):
    client = paired(app, station)
    assert client.get("/api/v1/sessions", headers={"Host": host}).status_code == 421 or host == ""
    assert not is_own_host(host, frozenset({"localhost", "mat.local"}))


@pytest.mark.parametrize(
    "host",
    [
        "mat.local",
        "mat-2.local",
        "mat-17.local",
        "mat.lan",
        "mat.home.arpa",
        "mat.fritz.box:8080",
        "MAT.LAN.",
        "mat",
        "my.example.org",
    ],
)
def test_names_that_home_networks_give_are_known(host):
    assert is_own_host(host, frozenset({"localhost", "mat", "mat.local", "my.example.org"}))


@pytest.mark.parametrize(
    "host",
    [
        "mat.evil",
        "mat-2.evil.lan",
        "mat.lan.evil",
        "xmat.lan",
        "mat-1234.local",
        "mat-x.local",
        "mat.box",
        "matlan",
        "evil.fritz.box",
    ],
)
def test_names_that_only_look_alike_are_not(host):
    assert not is_own_host(host, frozenset({"localhost", "mat", "mat.local"}))


def test_a_name_that_is_not_known_is_told_an_address_that_works(app):
    answer = app.test_client().get(
        "/api/v1/sessions", headers={"Host": "evil.example"}, environ_overrides={"SERVER_NAME": "192.168.1.7"}
    )
    assert answer.status_code == 421 and "http://192.168.1.7:" in answer.get_json()["error"]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "192.168.1.20:8080", "[fe80::1]:8080", "localhost:8080", "MAT.local", "mat.local.:80"]
)
def test_the_stations_own_names_are_known(app, station, host):
    assert is_own_host(host, frozenset({"localhost", "mat.local"}))


@given(st.text(max_size=40))
def test_no_host_header_breaks_anything(host):
    assert is_own_host(host, frozenset({"localhost"})) in (True, False)


@pytest.mark.parametrize(
    "peer", ["8.8.8.8", "203.0.113.5", "2001:db8::1", "::ffff:8.8.8.8", "100.64.0.1", "172.32.0.1", "", "nonsense", None]
)
def test_a_public_peer_is_refused_whatever_it_shows(app, station, peer):
    client = paired(app, station)
    assert not is_private(peer)
    assert client.get("/healthz", environ_overrides={"REMOTE_ADDR": peer or ""}).status_code == 403


@pytest.mark.parametrize(
    "peer",
    [
        "127.0.0.1",
        "::1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.254",
        "192.168.0.9",
        "169.254.1.1",
        "fe80::1%wlan0",
        "fd00::5",
        "::ffff:192.168.1.2",
    ],
)
def test_the_private_network_may_come(peer):
    assert is_private(peer)


def test_a_forwarding_header_makes_nobody_private(stranger):
    headers = {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
    assert stranger.get("/healthz", headers=headers, environ_overrides={"REMOTE_ADDR": "8.8.8.8"}).status_code == 403


ORIGINS = {
    "http://localhost": True,
    None: True,
    "http://evil.example": False,
    "null": False,
    "https://localhost": False,
    "http://localhost:9": False,
}
CONTENT_TYPES = {
    "application/json": True,
    "text/plain": False,
    "application/x-www-form-urlencoded": False,
    "multipart/form-data": False,
    None: False,
}


@pytest.mark.parametrize(("origin", "ours"), ORIGINS.items())
@pytest.mark.parametrize(("content_type", "is_json"), CONTENT_TYPES.items())
def test_a_write_comes_from_our_own_pages_as_json(app, station, origin, ours, content_type, is_json):
    client = paired(app, station)
    before = list(station.kept)
    headers = {"Origin": origin} if origin else {}
    answer = client.post("/api/v1/devices/revoke", data='{"device": 1}', headers=headers, content_type=content_type)
    if ours and is_json:
        assert answer.status_code == 200 and station.kept == []
    else:
        assert answer.status_code == (415 if ours else 403) and station.kept == before


def test_answers_with_data_are_kept_nowhere_and_framed_by_nobody(app, station):
    answer = paired(app, station).get("/api/v1/sessions")
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy and "unsafe" not in policy and "default-src 'none'" in policy


ROLES = {
    "owner": {"look": 200, "practise": 503, "own": 503, "devices": 200, "invite": 200, "backup": 404, "sound": 503, "network": 503},
    "practises": {
        "look": 200,
        "practise": 503,
        "own": 403,
        "devices": 403,
        "invite": 403,
        "backup": 403,
        "sound": 503,
        "network": 403,
    },
    "looks": {"look": 200, "practise": 403, "own": 403, "devices": 403, "invite": 403, "backup": 403, "sound": 403, "network": 403},
}
"""Role -> what becomes of a request.  503: the guard let it pass, and this station here knows no such command."""


@pytest.mark.parametrize("role", ROLES)
def test_a_device_may_what_its_role_may(app, station, role):
    guest = app.test_client()
    assert pair(guest, secret=station.window.open(role).secret).status_code == 200

    def command(name, **arguments):
        return guest.post(f"/api/v1/commands/{name}", json=arguments).status_code

    assert {
        "look": guest.get("/api/v1/sessions").status_code,
        "practise": command("pause"),
        "own": command("delete_everything"),
        "devices": guest.get("/devices").status_code,
        "invite": guest.post("/api/v1/devices/invite", json={}).status_code,
        "backup": guest.get("/backup").status_code,
        "sound": command("setting_set", key="sound.volume", value=0.2),
        "network": command("setting_set", key="dashboard.open_network", value=True),
    } == ROLES[role]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_device_that_only_looks_changes_nothing_whatever_the_command(app, station, name):
    guest = app.test_client()
    pair(guest, secret=station.window.open("looks").secret)
    assert guest.post(f"/api/v1/commands/{name}", json={}).status_code in (400, 403, 404, 503)
    if COMMANDS[name].least_role != "looks" and "page" in COMMANDS[name].senders:
        assert guest.post(f"/api/v1/commands/{name}", json={}).status_code == 403


def test_a_device_for_one_persons_sessions_sees_nobody_elses(app, station):
    guest = app.test_client()
    pair(guest, secret=station.window.open("looks", (7, 9)).secret)
    kept = station.kept[-1]
    station.kept[-1] = replace(kept, person_ids=(7, 9))
    for path in ("/sessions", "/sessions?person=8", "/progress?span=all", "/sessions?person="):
        answer = guest.get(path)
        assert answer.status_code == 302 and answer.headers["Location"].endswith("?person=7")
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.arguments and rule.endpoint not in {*OF_NOBODY, *BY_PERSON, *PUBLIC_ENDPOINTS}:
            assert guest.get(str(rule)).status_code == 403, rule
    station.sessions_of = {1: 7, 2: 8, 3: None}
    for number, allowed in ((1, True), (2, False), (3, False)):
        refused = guest.get(f"/api/v1/sessions/{number}/events").status_code == 404
        assert refused is not allowed


def test_everybody_may_show_out_the_own_device_and_only_an_owner_another(app, station):
    owner, guest = paired(app, station), app.test_client()
    pair(guest, secret=station.window.open("practises").secret)
    assert guest.post("/api/v1/devices/revoke", json={"device": 1}).status_code == 403
    assert guest.post("/api/v1/devices/revoke", json={"device": 2}).status_code == 200
    assert guest.get("/api/v1/sessions").status_code == 401 and owner.get("/api/v1/sessions").status_code == 200


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) Version/12.1 Mobile/15E148 Safari/604.1", "iPad, Safari"),
        ("Mozilla/5.0 (Linux; Android 13; SM-X200) Chrome/120.0 Safari/537.36", "Android tablet, Chrome"),
        ("Mozilla/5.0 (Linux; Android 13; Pixel 7) Chrome/120.0 Mobile Safari/537.36", "Android, Chrome"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Linux, Firefox"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0", "Windows PC, Edge"),
        ("curl/8", "Device"),
        ("", "Device"),
    ],
)
def test_a_device_is_listed_under_a_name_one_knows(agent, name):
    assert device_name(agent) == name


def test_a_paired_device_may_invite_another_one(app, station):
    owner, guest = paired(app, station), app.test_client()
    offer = owner.post("/api/v1/devices/invite", json={}).get_json()
    assert pair(guest, code=offer["code"]).status_code == 200
    names = [device.name for device in station.kept]
    assert len(names) == 2


def test_a_body_that_is_too_large_is_not_read(app, station):
    client = paired(app, station)
    answer = client.post("/api/v1/devices/revoke", data=b"x" * 70_000, content_type="application/json")
    assert answer.status_code == 413
