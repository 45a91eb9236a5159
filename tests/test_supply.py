"""What is installed: the lock beside pyproject.toml and the Makefile, what is told of vulnerabilities, the version."""

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts import audit, lock, release
from scripts.live import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKS = (lock.APP, lock.DEV, lock.MODELS, lock.TORCH)
MEANT = {
    lock.APP: [
        *PROJECT["dependencies"], *EXTRAS["serve"],
        *PYPROJECT["build-system"]["requires"], *PYPROJECT["dependency-groups"]["install"],
    ],
    lock.DEV: [*PROJECT["dependencies"], *EXTRAS["serve"], *EXTRAS["dev"], *EXTRAS["release"]],
    lock.MODELS: EXTRAS["models"],
    lock.TORCH: [each for each in PROJECT["dependencies"] if each.startswith("torch>")],
}  # fmt: skip


def versions(path: Path) -> dict[str, set[str]]:
    """By name, the version of each system and Python in a lock, without torch's +cpu."""
    found: dict[str, set[str]] = {}
    for pin in lock.pins(path):
        (specifier,) = pin.specifier
        assert specifier.operator == "==", f"{pin} of {path.name} is no single version"
        found.setdefault(canonicalize_name(pin.name), set()).add(specifier.version.partition("+")[0])
    return found


def unmet(ranges: Iterable[str], locked: dict[str, set[str]]) -> list[str]:
    """The ranges in which a lock has no version, or has one outside."""
    needs = [Requirement(each) for each in ranges]
    return [
        str(need)
        for need in needs
        if not (found := locked.get(canonicalize_name(need.name))) or not all(map(need.specifier.contains, found))
    ]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_fits_the_ranges(path):
    ranges = [each for each in MEANT[path] if path is lock.TORCH or not each.startswith("torch>")]
    assert ranges
    assert unmet(ranges, versions(path)) == [], "run make lock"


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_has_a_hash_for_each_line_and_names_no_place(path):
    text = path.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z])", re.sub(r"^ *#.*\n", "", text, flags=re.M))
    assert [each.split()[0] for each in entries if not lock.hashes(each)] == []
    assert not re.search(r"://|^-|[ @]/|\\\\", text, flags=re.M), "an index, an option or a folder of somebody's"


def test_the_makefile_and_the_locks_name_the_same_versions():
    pinned = {
        canonicalize_name(one.partition("==")[0]): {one.partition("==")[2]}
        for line in re.findall(r"^(?:TORCH|TORCHVISION|TIMM|PEERS) := (.*)$", MAKEFILE, flags=re.M)
        for one in line.split()
    }
    assert pinned == versions(lock.TORCH) | versions(lock.MODELS)
    here = {"sys_platform": "linux"}
    (small,) = (pin for pin in lock.pins(lock.TORCH) if pin.marker and pin.marker.evaluate(here))
    assert str(small.specifier).endswith("+cpu")
    assert "torch" not in versions(lock.APP) | versions(lock.DEV), "it has a file of its own"


def test_development_has_the_versions_of_the_app():
    app, dev = versions(lock.APP), versions(lock.DEV)
    assert {name: dev.get(name) for name in app} == app


@pytest.mark.parametrize("path", [lock.APP, lock.DEV], ids=lambda path: path.stem)
def test_no_library_for_gpus_is_locked(path):
    assert [name for name in versions(path) if name.startswith(lock.FOR_GPUS)] == []


def test_a_lock_that_lacks_something_is_seen():
    assert unmet(["a>=2", "b", "C-d<3"], {"a": {"2.1", "1.9"}, "c-d": {"2.9"}}) == ["a>=2", "b"]


SAFE, FAULTY, UNSEEN = (
    {"name": "a", "version": "1", "vulns": []},
    {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]},
    {"name": "c", "skip_reason": "not found"},
)


@pytest.mark.parametrize(
    ("output", "complaint", "fails", "says"),
    [
        ([SAFE], "", False, "No vulnerability is known in the 1 packages"),
        ([SAFE, UNSEEN], "", False, "were not looked up: c."),
        ([SAFE, FAULTY, UNSEEN], "", True, "b 2: CVE-1, mended in 3"),
        ([UNSEEN, UNSEEN], "", False, "were not looked up: the registry tells nothing of these 2 packages."),
        (None, "Traceback\nConnectionError: no route\n", False, "were not looked up: ConnectionError: no route"),
        (None, "", False, "were not looked up: pip-audit said nothing."),
    ],
)
def test_the_audit_says_what_it_did_and_what_not(output, complaint, fails, says):
    told = audit.verdict("" if output is None else json.dumps({"dependencies": output}), complaint)
    assert told[0] is fails
    assert says in told[1]


def test_the_audit_asks_for_versions_that_the_lists_of_faults_know():
    asked = audit.public([*lock.pins(lock.APP), *lock.pins(lock.TORCH)]).splitlines()
    assert [line for line in asked if line.startswith("torch==")] == [f"torch=={min(versions(lock.TORCH)['torch'])}"]
    assert len({line.partition("==")[0] for line in asked}) == len(asked), "each once, that of this Python"


def test_the_changelog_begins_with_this_version():
    assert release.changelog_version((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))[0] == PROJECT["version"]


@pytest.mark.parametrize(
    ("heading", "found"),
    [("## 0.2.0 (unreleased)", ("0.2.0", "unreleased")), ("## 1.0.0 (2026-12-01)", ("1.0.0", "2026-12-01"))],
)
def test_a_changelog_is_read(heading, found):
    assert release.changelog_version(f"# Changelog\n\n{heading}\n\n- A.\n\n## 0.0.1 (2020-01-01)\n") == found


def test_a_changelog_without_a_version_is_refused():
    with pytest.raises(release.ReleaseError, match=r"CHANGELOG\.md has no heading"):
        release.changelog_version("# Changelog\n\nNothing yet.\n")
