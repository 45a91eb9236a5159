"""The tests' own starter: three parts, and once more alone what failed, which hides no failure that stays."""

import textwrap

import pytest

from scripts import side_by_side

HEALS = """
    from pathlib import Path
    seen = Path("seen")
    def test_heals():
        came = seen.exists()
        seen.touch()
        assert came
    """
STAYS = "def test_stays(): assert False"


@pytest.fixture
def parts(tmp_path, monkeypatch):
    """Writes a test file for each of the three parts and runs them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(side_by_side, "FIRST", ("one",))
    monkeypatch.setattr(side_by_side, "SECOND", ("two",))

    def run(*codes):
        for place, code in zip(("one", "two", "three"), codes, strict=True):
            (tmp_path / "tests" / place).mkdir(parents=True, exist_ok=True)
            (tmp_path / "tests" / place / f"test_{place}.py").write_text(textwrap.dedent(code))
        return side_by_side.main()

    return run


def test_what_passes_alone_is_named_and_no_failure(parts, capfd):
    assert parts("def test_well(): pass", HEALS, "def test_well(): pass") == 0
    said = capfd.readouterr().out
    assert "Failed on the busy machine and passed alone: tests/two/test_two.py::test_heals" in said


def test_what_fails_again_is_one(parts, capfd):
    assert parts(STAYS, HEALS, "def test_well(): pass") == 1
    assert "pytest ended with 1, 0, 0 in the parts" in capfd.readouterr().out
