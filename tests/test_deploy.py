"""The files in deploy/: the service's hardening as systemd judges it, and a container's start without rights."""

import configparser
import json
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.image import FILE, steps
from scripts.live import ROOT

SERVICE = ROOT / "deploy" / "layerscope.service"
IMAGE = FILE.read_text()
SYSTEM = (sys.platform, platform.machine())
LINTER = shutil.which("hadolint", path=Path(sys.executable).parent)
MOST_EXPOSED = 2.0
"""systemd calls up to 2 "OK", from 7 on "exposed"."""
ANALYZER = shutil.which("systemd-analyze")


@pytest.mark.skipif(SYSTEM != ("linux", "x86_64"), reason="hadolint is installed on Linux only, on x86-64")
def test_the_dockerfile_passes_its_linter():
    said = subprocess.run([str(LINTER), str(FILE)], capture_output=True, text=True, check=False)
    assert (said.stdout, said.returncode) == ("", 0)


@pytest.mark.skipif(ANALYZER is None, reason="there is no systemd here")
def test_systemd_judges_the_service_as_hardened():
    command = [str(ANALYZER), "security", "--offline=true", "--no-pager", str(SERVICE)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (found,) = re.findall(r"exposure level for layerscope.service: ([0-9.]+)", said)
    assert float(found) < MOST_EXPOSED


def test_the_service_starts_the_command_again_and_where_it_may_write():
    read = configparser.RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read_string(SERVICE.read_text())
    service = read["Service"]
    assert service["ExecStart"].startswith("/opt/layerscope/bin/layerscope --host ")
    assert service["Restart"] == "always"
    assert Path(service["WorkingDirectory"]).name == service["RuntimeDirectory"]


def test_a_space_asks_for_the_port_that_the_image_opens():
    head = (ROOT / "deploy" / "huggingface" / "README.md").read_text().split("---")[1]
    told = dict(line.split(": ") for line in head.strip().splitlines())
    assert told["sdk"] == "docker"
    assert told["app_port"] == dict(steps(IMAGE))["EXPOSE"]


def test_the_container_runs_without_rights_and_says_whether_it_is_well():
    words = [word for word, _ in steps(IMAGE)]
    assert words.index("USER") < words.index("HEALTHCHECK") < words.index("ENTRYPOINT")
    assert words.count("FROM") == 2  # what builds stays behind
    said = dict(steps(IMAGE))
    assert said["USER"] not in ("root", "0")
    assert json.loads(said["ENTRYPOINT"])[0].endswith("/layerscope")
    check = json.loads(said["HEALTHCHECK"].split("CMD", 1)[1])
    compile(check[-1], "the health check", "exec")
    assert "/_stcore/health" in check[-1]
    assert "--torch-backend=cpu" in " ".join(rest for word, rest in steps(IMAGE) if word == "RUN")
