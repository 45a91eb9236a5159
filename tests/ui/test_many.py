"""Several processes behind HAProxy: what is written for it and for supervisord, and what is refused with a sentence."""

import configparser
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from layerscope import limits
from layerscope.ui.faults import StartError
from layerscope.ui.many import balancer, command, supervising
from layerscope.ui.many.runtime import Runtime
from scripts.live import free_port
from scripts.several import two_free_ports

PROCESSES = [balancer.Process("p1", "127.0.0.1", 8601), balancer.Process("p2", "2001:db8::7", 8602)]
HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
with_haproxy = pytest.mark.skipif(HAPROXY is None, reason="HAProxy is not installed here; .ci/run installs it")


def rules(**changes) -> str:
    front = balancer.Front("127.0.0.1", 8501)._replace(**changes)
    return balancer.configuration(front, PROCESSES, Path("/run/layerscope/haproxy.sock"))


def test_a_visit_stays_where_it_is_by_a_cookie_and_never_by_its_address():
    text = rules()
    assert "cookie layerscope-process insert indirect nocache httponly" in text
    assert "server p1 127.0.0.1:8601 cookie p1 check" in text
    assert "server p2 [2001:db8::7]:8602 cookie p2 check" in text
    assert "balance leastconn" in text
    assert "source" not in text


def test_with_https_the_cookie_goes_along_in_a_frame_of_another_site():
    assert "SameSite=Lax" in rules()
    assert "ssl crt /etc/one.pem" in rules(certificate=Path("/etc/one.pem"))
    assert "SameSite=None" in rules(certificate=Path("/etc/one.pem"))


@with_haproxy
@pytest.mark.parametrize("bind", ["127.0.0.1", "0.0.0.0", "::1"])
def test_haproxy_takes_what_is_written(bind, tmp_path):
    file = tmp_path / "haproxy.cfg"
    file.write_text(rules(bind=bind))
    said = subprocess.run([str(HAPROXY), "-c", "-f", str(file)], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert "WARNING" not in said.stderr


def test_supervisord_reads_every_command_as_it_was_meant(tmp_path):
    odd = tmp_path / "a b%c'd"
    words = [sys.executable, "-m", "layerscope.ui.start", "--script", str(odd)]
    text = supervising.configuration(tmp_path, [words, words], ["haproxy", "-db"], {"SECRET": "a%b"})
    read = configparser.RawConfigParser(inline_comment_prefixes=(" ;",), interpolation=None)
    read.read_string(text)
    assert [name for name in read.sections() if name.startswith("program:")] == [
        "program:layerscope1", "program:layerscope2", "program:haproxy",
    ]  # fmt: skip
    assert shlex.split(read["program:layerscope1"]["command"].replace("%%", "%")) == words
    assert read["program:haproxy"]["autorestart"] == "true"


@pytest.mark.parametrize("text", ["0", "65", "-1", "two", "1.5", "٣", "9" * 40])
def test_a_number_of_processes_that_will_not_do_is_told(text):
    with pytest.raises(StartError, match="PROCESSES must be a whole number from 1 to 64"):
        command.read_count(text)


def test_two_processes_at_least_where_no_number_is_given():
    assert command.read_count("") >= 2
    assert command.read_count("5") == 5


@pytest.mark.parametrize("text", ["8601", ":8601", "10.0.0.1", "10.0.0.1:x"])
def test_the_place_of_a_process_that_will_not_do_is_told(text):
    with pytest.raises(StartError, match=r"such as|one such is"):
        command.read_at(text)


def test_the_rules_for_several_machines_are_printed(capsys):
    command.main(["config", "--host", "layers.example.org", "--at", "10.0.0.1:8601", "[2001:db8::7]:8602"])
    text = capsys.readouterr().out
    assert "server p1 10.0.0.1:8601" in text
    assert "server p2 [2001:db8::7]:8602" in text
    assert "bind 0.0.0.0:8501" in text


def refused(*arguments: str) -> str:
    """What a command says that cannot be carried out."""
    with pytest.raises(SystemExit) as ended:
        command.main([*arguments])
    assert isinstance(ended.value.code, str)
    assert "\n" not in ended.value.code
    return ended.value.code


def test_what_cannot_start_is_one_sentence(tmp_path, monkeypatch):
    begin = ["start", "--host", "localhost", "--folder", str(tmp_path / "run"), "--port", str(free_port())]
    begin += ["--processes", "2"]
    assert "HOST is missing" in refused("start", "--folder", str(tmp_path))
    assert "There is no file /nowhere.pem" in refused(*begin, "--certificate", "/nowhere.pem")
    assert "too long for a socket" in refused(*begin[:3], "--folder", f"/tmp/{'x' * 90}", "--first-port", "29700")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "is in use by another program" in refused(*begin, "--first-port", str(taken.getsockname()[1]))
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert "apt-get install haproxy" in refused(*begin, "--first-port", str(two_free_ports()))


def test_a_configuration_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(StartError, match=r"x.cfg cannot be written: No such file or directory. Give another folder"):
        command._write(tmp_path / "gone" / "x.cfg", "text")


def test_haproxy_takes_as_many_connections_as_its_processes():
    assert f"maxconn {2 * limits.CONNECTIONS.most}\n" in rules()


def test_a_haproxy_that_does_not_run_is_told(tmp_path):
    with pytest.raises(StartError, match="is make serve-many running"):
        Runtime(tmp_path / "haproxy.sock").processes()
