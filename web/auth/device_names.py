"""A name somebody will recognise in the list of devices, from what a browser says about itself."""

from __future__ import annotations

KINDS = {
    "iPad": "iPad",
    "iPhone": "iPhone",
    "Android": "Android",
    "Macintosh": "Mac",
    "Windows": "Windows PC",
    "CrOS": "Chromebook",
    "Linux": "Linux",
}
BROWSERS = {
    "Edg": "Edge",
    "SamsungBrowser": "Samsung Internet",
    "FxiOS": "Firefox",
    "Firefox": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
"""In this order: most browsers also carry the names of those before them in history."""


def device_name(agent: str) -> str:
    """Kind and browser of a User-Agent header.  (An iPad calls itself a Mac; the pairing page's script knows better.)"""
    kind = next((name for word, name in KINDS.items() if word in agent), "Device")
    if kind == "Android" and "Mobile" not in agent:
        kind = "Android tablet"
    browser = next((name for word, name in BROWSERS.items() if f"{word}/" in agent), "")
    return f"{kind}, {browser}" if browser else kind
