"""`python -m web.page_bench --json`: how fast the pages are, measured where it counts, in the browser.

A real station on the simulated mat and a real dashboard, each a process of its own, and headless Chromium looking at them.  The
station's monotonic clock and the browser's are compared through this machine's wall clock, which both can read.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from station.bench.figure import Figure
from station.bench.processes import World, fresh_world
from web.auth.devices import COOKIE

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ON_THE_MAT_S = 14.0
WATCHED_S = 70.0
TABLETS = 12
HOUR_OF_STATES = 90_000
REVIEW_S = 3600.0
LIFTS_S = 300.0
TIMES = 5
PHASE_OF = {"prepare_start": "prepare", "lift_off": "aloft", "touch_down": "melt", "melt_end": "rest"}

WATCH_LIVE = """
window.sources = [];
const Plain = window.EventSource;
window.EventSource = class extends Plain { constructor(...given) { super(...given); sources.push(this); } };
window.shown = [];
document.addEventListener('DOMContentLoaded', () => {
  const stage = document.querySelector('#stage');
  new MutationObserver(() => {
    const {at, phase} = stage.dataset;
    requestAnimationFrame(() => shown.push([Number(at), phase, performance.timeOrigin + performance.now()]));
  }).observe(stage, {attributes: true, attributeFilter: ['data-at']});
});
"""
WATCH_REVIEW = """
document.addEventListener('click', (event) => {
  sessionStorage.setItem('tapped', String(performance.timeOrigin + event.timeStamp));
}, true);
document.addEventListener('DOMContentLoaded', () => {
  const plot = document.querySelector('#plot');
  if (!plot) return;
  new MutationObserver(() => {
    requestAnimationFrame(() => setTimeout(() => { window.drawnAt ??= performance.timeOrigin + performance.now(); }));
  }).observe(plot, {attributes: true, attributeFilter: ['data-drawn']});
});
"""
ZOOM = """async (name) => {
  const began = performance.now();
  document.querySelector(`[data-zoom=${name}]`).click();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}"""
TAP_A_LIFT = """async (number) => {
  const began = performance.now();
  document.querySelectorAll('.lift-open')[number].click();
  while (!document.querySelector('#lift-view[data-drawn]')) await new Promise((done) => requestAnimationFrame(done));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}"""
REPLAY_PICTURES = """async () => {
  document.querySelector('#replay-sound').click();
  document.querySelector('#play').click();
  const slider = document.querySelector('#scrub-at');
  const began = performance.now();
  let pictures = 0;
  while (performance.now() - began < 2000) {
    await new Promise((done) => requestAnimationFrame(done));
    pictures += 1;
  }
  const took = performance.now() - began;
  document.querySelector('#play').click();
  return Number(slider.value) > 0 ? pictures / took * 1e3 : 0;
}"""
AN_HOUR = """(states) => {
  const stage = document.querySelector('#stage');
  const source = sources.at(-1);
  const state = window.lastState;
  for (let i = 0; i < states; i++) {
    state.t_s += 0.04;
    for (const zone of Object.values(state.zones)) zone.load = 1 + 0.3 * Math.sin(i / 25);
    source.dispatchEvent(new MessageEvent('state', {data: JSON.stringify(state)}));
  }
}"""


def live() -> list[Figure]:
    """How late the picture is, and whether twelve tablets disturb the sampling."""
    with fresh_world() as world, browser() as chromium:
        world.start_station()
        world.start_dashboard()
        token = world.paired()
        world.page("/", token)  # until the dashboard knows the device
        with paired_context(chromium, world, token) as context:
            page = context.new_page()
            page.add_init_script(WATCH_LIVE)
            page.goto(f"http://127.0.0.1:{world.port}/")
            events = _Events(world)
            time.sleep(ON_THE_MAT_S)
            page.evaluate("shown.length = 0")
            late_before = world.link.command("health")["late"]
            with tablets(world, token, TABLETS - 1):
                _watch(page, WATCHED_S)
                late = world.link.command("health")["late"] - late_before
            wall_minus_monotonic_s = time.time() - time.monotonic()
            shown = page.evaluate("shown")
            state_ms = [at_ms - 1e3 * (t_s + wall_minus_monotonic_s) for t_s, _, at_ms in shown]
            event_ms = _event_latencies(events.phases, shown, wall_minus_monotonic_s)
            rate_hz = len(shown) / (max(each[2] for each in shown) - min(each[2] for each in shown)) * 1e3
            growth_kb = _growth_of_an_hour(context, page)
    note = f"{TABLETS} tablets look, one of them a browser; {WATCHED_S:g} s of practice"
    return [
        Figure("live: state on screen, 95th percentile", "ms", (float(np.percentile(state_ms, 95)),), note=note),
        Figure(
            "live: event on screen, 95th percentile",
            "ms",
            (float(np.percentile(event_ms, 95)),),
            goal=150,
            note=f"{len(event_ms)} phase events, from the frame that told to the painted word",
        ),
        Figure("live: pictures drawn", "1/s", (rate_hz,), goal=20, sense="at_least"),
        Figure("live: late frames with 12 tablets", "frames", (float(late),), goal=0, note=note),
        Figure("live: memory after an hour of states", "kB more", (growth_kb,), goal=500, note="JavaScript heap after collection"),
    ]


def review() -> list[Figure]:
    """From the tap on a session of an hour until its trace is drawn, and a step of zooming; also on a four times slower tablet."""
    figures = []
    with fresh_world() as world, browser() as chromium:
        world.store_session(REVIEW_S)
        world.start_station()
        world.start_dashboard()
        token = world.paired()
        world.page("/sessions", token)  # until the dashboard knows the device
        for slower, goal_s, goal_ms in ((1, 0.6, None), (4, 1.2, 80.0)):
            drawn_s, zoom_ms, finer_ms = [], [], []
            for _ in range(TIMES):
                with paired_context(chromium, world, token) as context:
                    page = context.new_page()
                    page.add_init_script(WATCH_REVIEW)
                    devtools(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
                    page.goto(f"http://127.0.0.1:{world.port}/sessions")
                    entry = page.locator(".entry").last
                    entry.wait_for()
                    entry.tap()
                    page.wait_for_url("**/sessions/*", wait_until="commit")
                    drawn_at_ms = _until(page, "window.drawnAt")
                    drawn_s.append((drawn_at_ms - float(page.evaluate("sessionStorage.getItem('tapped')"))) / 1e3)
                    _until(page, "document.querySelector('#plot').dataset.finer === '1'")
                    for number in (2, 3, 4):
                        began_s = time.perf_counter()
                        zoom_ms.append(float(page.evaluate(ZOOM, "in")))
                        _until(page, f"document.querySelector('#plot').dataset.finer === '{number}'")
                        finer_ms.append(1e3 * (time.perf_counter() - began_s))
            speed = "" if slower == 1 else f", CPU throttled {slower}x"
            note = f"{REVIEW_S / 60:g} min, 16 channels, 100 Hz"
            figures += [
                Figure(f"review: tap to drawn{speed}", "s", tuple(drawn_s), goal=goal_s, note=note),
                Figure(f"review: zoom step{speed}", "ms", tuple(zoom_ms), goal=goal_ms),
                Figure(f"review: finer points drawn{speed}", "ms", tuple(finer_ms), note="90 ms of it wait for the hand"),
            ]
    return figures


def lift_view() -> list[Figure]:
    """From the tap on a lift until its curve is drawn, and how smoothly it is replayed; also on a four times slower tablet."""
    figures = []
    with fresh_world() as world, browser() as chromium:
        session = world.store_session(LIFTS_S)
        world.start_station()
        world.start_dashboard()
        token = world.paired()
        world.page("/sessions", token)  # until the dashboard knows the device
        for slower, goal_s, goal_hz in ((1, 0.3, 55.0), (4, 0.6, 30.0)):
            drawn_s, pictures_hz = [], []
            with paired_context(chromium, world, token) as context:
                page = context.new_page()
                devtools(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
                page.goto(f"http://127.0.0.1:{world.port}/sessions/{session}")
                _until(page, "document.querySelector('#plot').dataset.finer === '1'")
                lifts = min(TIMES, page.locator(".lift-open").count())
                for number in range(lifts):
                    drawn_s.append(float(page.evaluate(TAP_A_LIFT, number)) / 1e3)
                    pictures_hz.append(float(page.evaluate(REPLAY_PICTURES)))
                    page.evaluate("history.back()")
                    _until(page, "!document.querySelector('#session-page').hidden")
            speed = "" if slower == 1 else f", CPU throttled {slower}x"
            figures += [
                Figure(f"lift view: tap to drawn{speed}", "s", tuple(drawn_s), goal=goal_s, note="16 channels, 100 Hz"),
                Figure(f"lift view: pictures in a replay{speed}", "1/s", tuple(pictures_hz), goal=goal_hz, sense="at_least"),
            ]
    return figures


class _Events:
    """The phase events of the station, with the time of the frame that told each."""

    def __init__(self, world: World) -> None:
        self.phases: list[tuple[str, float]] = []
        self._messages: Iterator[dict[str, Any]] = world.link.subscribe(0)
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self) -> None:
        for message in self._messages:
            event = message.get("event", {})
            if event.get("type") == "phase" and event["kind"] in PHASE_OF:
                self.phases.append((PHASE_OF[event["kind"]], event["reported_at_s"]))


def _event_latencies(events: Sequence[tuple[str, float]], shown: Sequence[Sequence[Any]], offset_s: float) -> list[float]:
    """Milliseconds from each event's frame to the first picture with its phase, for events that changed the picture."""
    changes = [now for before, now in pairwise(shown) if before[1] != now[1]]
    found = []
    for phase, reported_at_s in events:
        later = [at_ms for t_s, drawn, at_ms in changes if drawn == phase and -0.2 < t_s - reported_at_s < 2.0]
        if later:
            found.append(later[0] - 1e3 * (reported_at_s + offset_s))
    return found


def _growth_of_an_hour(context: BrowserContext, page: Page) -> float:
    """Kilobytes the page's heap holds more after as many states as an hour of practice brings."""
    tools = devtools(page)
    page.evaluate("fetch('/api/v1/live').then((answer) => answer.json()).then((now) => { window.lastState = now.state; })")
    _until(page, "window.lastState !== undefined")
    page.evaluate("shown.length = 0")

    def heap_kb() -> float:
        page.evaluate("shown.length = 0")
        tools.send("HeapProfiler.collectGarbage")
        metrics = {each["name"]: each["value"] for each in tools.send("Performance.getMetrics")["metrics"]}
        return float(metrics["JSHeapUsedSize"]) / 1024

    tools.send("Performance.enable")
    page.evaluate(AN_HOUR, 1000)
    page.wait_for_timeout(200)
    before_kb = heap_kb()
    page.evaluate(AN_HOUR, HOUR_OF_STATES)
    page.wait_for_timeout(200)
    return heap_kb() - before_kb


@contextmanager
def tablets(world: World, token: str, count: int) -> Iterator[None]:
    """So many more tablets that read the stream as fast as it comes."""
    done = threading.Event()

    def read(connection: socket.socket) -> None:
        while not done.is_set() and connection.recv(65536):
            pass

    connections = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", world.port), timeout=30)
        connection.sendall(f"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        connections.append(connection)
        threading.Thread(target=read, args=(connection,), daemon=True).start()
    try:
        yield
    finally:
        done.set()
        for connection in connections:
            connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@contextmanager
def paired_context(chromium: Browser, world: World, token: str) -> Iterator[BrowserContext]:
    """A tablet of 1024 x 768 that may see the pages."""
    context = chromium.new_context(viewport={"width": 1024, "height": 768}, has_touch=True)
    context.add_cookies([{"name": COOKIE, "value": token, "url": f"http://127.0.0.1:{world.port}"}])
    yield context
    context.close()


def devtools(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def _watch(page: Page, seconds: float) -> None:
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        page.wait_for_timeout(250)


def _until(page: Page, expression: str) -> Any:
    """The expression's value once it is true; asked for, because the pages' policy forbids the browser to wait by `eval`."""
    give_up_s = time.monotonic() + 30
    while time.monotonic() < give_up_s:
        if value := page.evaluate(f"{expression} ?? null"):
            return value
        page.wait_for_timeout(5)
    raise TimeoutError(f"never true: {expression}")


MEASUREMENTS = {"live": live, "review": review, "lift": lift_view}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m web.bench", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", choices=[*MEASUREMENTS, []], help="what to measure; all without")
    parser.add_argument("--json", action="store_true", help="one JSON array of figures")
    given = parser.parse_args()
    figures = [figure for name in given.names or MEASUREMENTS for figure in MEASUREMENTS[name]()]
    if given.json:
        json.dump([figure.plain() for figure in figures], sys.stdout)
        print()
        return
    for figure in figures:
        goal = "" if figure.goal is None else f"  (goal {figure.goal:g}: {'met' if figure.met else 'not met'})"
        print(f"{figure.name:<48} {figure.median:10.2f} {figure.unit}{goal}  {figure.note}")


if __name__ == "__main__":
    main()
