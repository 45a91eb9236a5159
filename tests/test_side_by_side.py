"""The tests' own starter: several at a time, and once more alone what failed, which hides no failure that stays."""

import textwrap

import pytest

from scripts import side_by_side

WELL = "def test_well(): pass"
HEALS = """
    from pathlib import Path
    seen = Path("seen")
    def test_heals():
        came = seen.exists()
        seen.touch()
        assert came
    """
STAYS = "def test_stays(): assert False"
FOUR = "def test_first(): assert False\n" + "".join(f"def test_{n}(): assert False\n" for n in range(3))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Writes a test file for each code, and runs them as `make test` does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(side_by_side, "MOST", 2)

    def started(*codes):
        for place, code in enumerate(codes):
            (tmp_path / f"test_{place}.py").write_text(textwrap.dedent(code))
        return side_by_side.main()

    return started


def test_what_passes_alone_is_named_and_no_failure(run, capfd):
    assert run(WELL, HEALS, WELL) == 0
    said = capfd.readouterr().out
    assert "Failed on the busy machine and passed alone: test_1.py::test_heals" in said


def test_what_fails_again_is_one(run, capfd):
    assert run(STAYS, HEALS, WELL) == 1
    said = capfd.readouterr().out
    assert "Once more, alone" in said
    assert "passed alone" not in said


def test_where_many_fail_none_runs_again(run, capfd):
    assert run(FOUR, WELL) == 1
    assert "Once more" not in capfd.readouterr().out
