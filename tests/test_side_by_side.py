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
    """Writes tests with a browser and others, and runs them as `make test` does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(side_by_side, "MOST", 1)
    # Each of some ten processes would load what is installed for the other tests.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p xdist.plugin")

    def started(with_browser, *others):
        (tmp_path / "tests" / "browser").mkdir(parents=True)
        for place, code in enumerate((with_browser, *others)):
            where = tmp_path / "tests" / ("browser" if not place else "") / f"test_{place}.py"
            where.write_text(textwrap.dedent(code))
        return side_by_side.main()

    return started


@pytest.mark.parametrize(
    "codes",
    [
        pytest.param((HEALS, WELL), id="browser", marks=pytest.mark.thorough),
        pytest.param((WELL, WELL, HEALS), id="others"),
    ],
)
def test_what_passes_alone_is_named_and_no_failure(run, capfd, codes):
    assert run(*codes) == 0
    said = capfd.readouterr().out
    assert "Failed on the busy machine and passed alone: tests/" in said


def test_what_fails_again_is_one(run, capfd):
    assert run(STAYS, HEALS, WELL) == 1
    said = capfd.readouterr().out
    assert "Once more, alone" in said
    assert "pytest ended with 1 for tests/browser and 0 for the others" in said


def test_where_many_fail_none_runs_again(run, capfd):
    assert run(WELL, FOUR) == 1
    assert "Once more" not in capfd.readouterr().out
