"""The page of faults names, for each, a test that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ROWS = [line for line in PAGE.splitlines() if line.startswith("|") and not re.match(r"\| fault |\|---", line)]


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_named_for_a_fault_exists(file: str, name: str):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_fault_names_a_test_and_what_is_kept():
    assert len(ROWS) >= 39
    for row in ROWS:
        _, fault, seen, kept, held_by, _ = row.split("|")
        assert fault.strip() and seen.strip(), row
        assert set(kept.split()) <= set("DCTSP") and kept.strip(), row
        assert "::" in held_by, row
