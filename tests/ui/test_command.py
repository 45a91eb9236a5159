"""The command `layerscope`: what it starts, what it opens, what it says where it cannot; and the app inside a wheel."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from layerscope.interchange import to_json
from layerscope.link import decode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.ui import command, start
from layerscope.ui.faults import StartError

ROOT = Path(__file__).resolve().parent.parent.parent
NET = "from torch import nn\nnet = nn.Sequential(nn.Linear(4, 2))\nnet(torch.rand(1, 4))\n"


@pytest.fixture
def started(monkeypatch):
    """What would have been started: (script, settings by name)."""
    calls = []
    monkeypatch.setattr(start, "check_port", lambda address, port: None)
    monkeypatch.setattr(
        start, "run", lambda script, settings: calls.append((script, {s.option: s.value for s in settings}))
    )
    monkeypatch.setattr(command, "_open_when_up", lambda url, port: None)
    return calls


def test_it_starts_the_app_of_this_computer(started):
    command.main([])
    ((script, settings),) = started
    assert script.is_file()
    assert (script.parent / "pages" / "explore.py").is_file()
    assert settings["server.address"] == "127.0.0.1"
    assert settings["server.port"] == 8501


def test_a_host_on_this_computer_is_no_host_for_others(started):
    command.main(["--host", "127.0.0.1", "--port", "8702"])
    ((_, settings),) = started
    assert settings["server.address"] == "127.0.0.1"


def test_a_host_serves_it_to_others(started):
    command.main(["--host", "class.example.org", "--port", "80"])
    ((_, settings),) = started
    assert "class.example.org" in settings["server.allowedHosts"]
    assert settings["server.port"] == 80


@pytest.mark.parametrize("kind", [".py", ".json"])
def test_a_file_is_opened(started, capsys, tmp_path, kind):
    path = tmp_path / f"net{kind}"
    path.write_text(NET if kind == ".py" else to_json(PRESETS[DEFAULT]))
    command.main([str(path), "--port", "8600"])
    url = urlsplit(capsys.readouterr().out.split()[1])
    assert url.netloc == "127.0.0.1:8600"
    network = decode(parse_qs(url.query)["net"][0])
    assert network == PRESETS[DEFAULT] if kind == ".json" else network.layers[0].type == "Linear"
    assert started[0][1]["server.headless"] is True


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--port", "70000"], "--port must be a whole number"),
        (["--host", "http://a.example"], "--host needs no scheme: remove “http://”, as in --host a.example"),
        (["--bind", "127.0.0.1"], "--bind goes with --host"),
        (["none.py"], "none.py cannot be read: No such file"),
        (["net.txt"], "net.txt is neither a .py file"),
        (["wrong.py"], "wrong.py, line 2: "),
        (["wrong.json"], "wrong.json: "),
        (["bytes.py"], "bytes.py is not text in UTF-8."),
    ],
)
def test_what_is_wrong_is_one_sentence(started, tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    Path("wrong.py").write_text("from torch import nn\nnet = nn.Sequential(nn.Linear(4, )\n")
    Path("wrong.json").write_text("[1, 2")
    Path("bytes.py").write_bytes(b"\xff\xfe")
    with pytest.raises(SystemExit) as ended:
        command.main(words)
    assert str(ended.value).startswith(says)
    assert "PORT" not in str(ended.value)
    assert started == []


def test_a_folder_that_cannot_be_written_is_copied(monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    copy = command._writable(ROOT)
    assert sorted(path.name for path in copy.iterdir()) == [".streamlit", "app.py", "pages"]


def test_an_installation_without_the_app_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(command, "SITES", (tmp_path,))
    with pytest.raises(StartError, match="install it again"):
        command._site()


def copied_into_the_image() -> Iterator[tuple[Path, str]]:
    """The files and folders that deploy/Dockerfile copies from here, with where they go."""
    for line in (ROOT / "deploy" / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            *sources, target = line.removeprefix("COPY ").split()
            yield from ((ROOT / source, source if target == "./" else target) for source in sources)


def test_a_wheel_carries_the_app(tmp_path):
    """Built without the network, from what deploy/Dockerfile copies and nothing else."""
    copy = tmp_path / "project"
    copy.mkdir()
    for source, target in copied_into_the_image():
        if source.is_dir():
            shutil.copytree(source, copy / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / target)
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        tmp_path,
        copy,
    ]
    done = subprocess.run(build, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = {*zipfile.ZipFile(wheel).namelist()}
    wanted = {path.relative_to(ROOT).as_posix() for path in (ROOT / "pages").glob("*.py")} | {
        "app.py",
        ".streamlit/config.toml",
    }
    assert {f"layerscope/site/{name}" for name in wanted} <= names
    assert "layerscope/ui/stage/stage.js" in names
    assert any(name.endswith("entry_points.txt") for name in names)
