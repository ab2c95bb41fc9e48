"""The front end's build: needed only when the sources changed, and Node asked for only where there is none."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hook_module() -> ModuleType:
    pytest.importorskip("hatchling")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The front end's sources, and what was built from them."""
    shutil.copytree(ROOT / "web" / "frontend", tmp_path / "web" / "frontend", ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "web" / "static" / "built").mkdir(parents=True)
    return tmp_path


def hook_for(module: ModuleType, root: Path) -> object:
    return module.FrontEndBuildHook(str(root), {}, None, None, str(root), "wheel")


def built(module: ModuleType, root: Path) -> None:
    hook = hook_for(module, root)
    hook._stamp.write_text(hook._source_hash(), encoding="utf-8")


@pytest.mark.parametrize("changed", ["src/app.css", "src/page-live.ts", "package-lock.json", "build.mjs"])
def test_what_is_built_is_fresh_until_a_source_changes(hook_module: ModuleType, checkout: Path, changed: str) -> None:
    built(hook_module, checkout)
    assert not hook_for(hook_module, checkout)._is_stale()
    source = checkout / "web" / "frontend" / changed
    source.write_text(source.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert hook_for(hook_module, checkout)._is_stale()


def test_node_comes_as_a_wheel_only_when_it_is_needed_and_missing(
    hook_module: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BACKLIFT_NODE", raising=False)
    assert hook_for(hook_module, checkout).dependencies() == [hook_module.NODE_WHEEL]
    built(hook_module, checkout)
    assert hook_for(hook_module, checkout).dependencies() == []


@pytest.mark.parametrize(("says", "wanted"), [("v22.1.0", False), ("v17.9.9", True), ("no version", True)])
def test_an_old_node_counts_as_none(
    hook_module: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str, wanted: bool
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("node", "npm"):
        (programs / name).write_text(f"#!/bin/sh\necho {says}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/bin:/usr/bin")
    monkeypatch.setenv("BACKLIFT_NODE", str(programs / "node"))
    assert bool(hook_for(hook_module, checkout).dependencies()) == wanted
