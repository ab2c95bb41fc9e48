"""WebKit and Firefox under a test's hand: just enough of each to open pages, press and look.

Most tablets on the floor are iPads, and every browser on an iPad is WebKit: Debian's WebKitGTK is the nearest that runs here.
It is driven by selenium.  Debian has no geckodriver, so Firefox is spoken to in its own protocol, Marionette: JSON over a socket.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

WEBKIT_DRIVER = Path("/usr/bin/WebKitWebDriver")
FIREFOX = Path("/usr/bin/firefox-esr")
XVFB = Path("/usr/bin/Xvfb")
PATIENCE_S = 30.0


class Driver(Protocol):
    """What the tests use of a browser."""

    name: str

    def get(self, url: str) -> None: ...
    def back(self) -> None: ...
    def run(self, script: str) -> Any:
        """The value of a function body on the page."""

    def click(self, selector: str) -> None:
        """As a person clicks: what wants a gesture counts it as one."""

    def type(self, selector: str, text: str) -> None: ...
    def picture(self) -> bytes: ...


def mini_browser() -> Path | None:
    """WebKitGTK's own small browser, which the driver steers."""
    return next(iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"), reverse=True)), None)


@contextmanager
def virtual_screen() -> Iterator[str]:
    """The name of a display that nobody sees."""
    read, write = os.pipe()
    server = subprocess.Popen(
        [str(XVFB), "-displayfd", str(write), "-screen", "0", "1100x900x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait(10)


class WebKit:
    """WebKitGTK through selenium."""

    name = "webkit"

    def __init__(self, display: str) -> None:
        from selenium import webdriver
        from selenium.webdriver.webkitgtk.options import Options
        from selenium.webdriver.webkitgtk.service import Service

        options = Options()
        options.binary_location = str(mini_browser())
        options.add_argument("--automation")
        # Root in a container has no user namespaces for WebKit's own sandbox; the pages are ours.
        # Without a language in the environment it calls itself "C", which no tablet does and no Intl formatter takes.
        language = {"LANG": "en_GB.UTF-8", "LC_ALL": "en_GB.UTF-8", "LANGUAGE": "en_GB"}
        environment = {**os.environ, **language, "DISPLAY": display, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        self._driver = webdriver.WebKitGTK(options=options, service=Service(str(WEBKIT_DRIVER), env=environment))

    def get(self, url: str) -> None:
        self._driver.get(url)

    def back(self) -> None:
        self._driver.back()

    def run(self, script: str) -> Any:
        return self._driver.execute_script(script)

    def click(self, selector: str) -> None:
        self._driver.find_element("css selector", selector).click()

    def type(self, selector: str, text: str) -> None:
        self._driver.find_element("css selector", selector).send_keys(text)

    def picture(self) -> bytes:
        return bytes(self._driver.get_screenshot_as_png())

    def close(self) -> None:
        self._driver.quit()


class Firefox:
    """Firefox through Marionette: `LENGTH:[0, ID, COMMAND, ARGUMENTS]` there, `LENGTH:[1, ID, ERROR, RESULT]` back."""

    name = "firefox"

    def __init__(self, profile: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        wishes = {"marionette.port": port, "media.cubeb.sandbox": False, "datareporting.policy.dataSubmissionEnabled": False}
        (profile / "user.js").write_text(
            "".join(f"user_pref({json.dumps(key)}, {json.dumps(to)});\n" for key, to in wishes.items())
        )
        argv = [str(FIREFOX), "--headless", "--no-remote", "--marionette", "--profile", str(profile)]
        environment = {**os.environ, "HOME": str(profile), "MOZ_DISABLE_CONTENT_SANDBOX": "1"}
        self._process = subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._socket = _connected(port, self._process)
        self._number = 0
        self._read()  # who it is
        self._ask("WebDriver:NewSession", {})

    def get(self, url: str) -> None:
        self._ask("WebDriver:Navigate", {"url": url})

    def back(self) -> None:
        self._ask("WebDriver:Back", {})

    def run(self, script: str) -> Any:
        return self._ask("WebDriver:ExecuteScript", {"script": script, "args": []})["value"]

    def click(self, selector: str) -> None:
        self._ask("WebDriver:ElementClick", {"id": self._element(selector)})

    def type(self, selector: str, text: str) -> None:
        self._ask("WebDriver:ElementSendKeys", {"id": self._element(selector), "text": text})

    def picture(self) -> bytes:
        import base64

        return base64.b64decode(self._ask("WebDriver:TakeScreenshot", {"full": False})["value"])

    def close(self) -> None:
        with suppress(OSError, AssertionError, ConnectionError):
            self._ask("Marionette:Quit", {"flags": ["eForceQuit"]})
        self._socket.close()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _element(self, selector: str) -> str:
        found: dict[str, str] = self._ask("WebDriver:FindElement", {"using": "css selector", "value": selector})["value"]
        return next(iter(found.values()))

    def _ask(self, command: str, arguments: dict[str, Any]) -> Any:
        self._number += 1
        packed = json.dumps([0, self._number, command, arguments]).encode()
        self._socket.sendall(str(len(packed)).encode() + b":" + packed)
        _, _, error, result = self._read()
        assert error is None, f"{command}: {error}"
        return result

    def _read(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._take(1)
        return json.loads(self._take(int(length[:-1])))

    def _take(self, count: int) -> bytes:
        taken = b""
        while len(taken) < count:
            piece = self._socket.recv(count - len(taken))
            if not piece:
                raise ConnectionError("Firefox went away")
            taken += piece
        return taken


def _connected(port: int, process: subprocess.Popen[bytes]) -> socket.socket:
    give_up_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_s and process.poll() is None:
        with suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        time.sleep(0.1)
    raise ConnectionError("Firefox did not start")


@contextmanager
def opened(name: str) -> Iterator[Driver]:
    """A browser by its name."""
    if name == "webkit":
        with virtual_screen() as display:
            webkit = WebKit(display)
            try:
                yield webkit
            finally:
                webkit.close()
    else:
        with tempfile.TemporaryDirectory(prefix="backlift-firefox-", ignore_cleanup_errors=True) as profile:
            firefox = Firefox(Path(profile))
            try:
                yield firefox
            finally:
                firefox.close()


def missing(name: str) -> str:
    """What this machine lacks for a browser, or "" when it is there."""
    needed = {"webkit": [WEBKIT_DRIVER, XVFB, mini_browser()], "firefox": [FIREFOX]}[name]
    return "" if all(path is not None and path.exists() for path in needed) else f"no {name}: 'make browser' installs it"
