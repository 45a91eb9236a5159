"""Faults at the start are one sentence and exit status 1, however the app is started."""

import errno
import os
import shutil
import socket
import subprocess
import sys
import tempfile

import pytest

from layerscope.ui import start
from layerscope.ui.faults import StartError
from layerscope.ui.stage import assets
from scripts.live import ROOT, free_port
from tests.large import one_in

SECONDS = 60


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("layers.example.org", ("layers.example.org",)),
        (" Layers.Example.Org. , 10.1.2.3,", ("layers.example.org", "10.1.2.3")),
        ("a.example,a.example", ("a.example",)),
        ("[2001:db8::7]", ("2001:db8::7",)),
        ("2001:DB8:0::7", ("2001:db8::7",)),
        ("*.school.example", ("*.school.example",)),
        ("bücher.example", ("xn--bcher-kva.example",)),
        ("classroom-pc_3", ("classroom-pc_3",)),
    ],
)
def test_hosts_are_read_as_browsers_send_them(text, hosts):
    assert start.read_hosts(text) == hosts


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "HOST is missing. Give the name or address that visitors type"),
        (" , ", "HOST is missing."),
        ("a.example b.example", "as in HOST=a.example,b.example"),
        ("https://a.example/x", "remove “https://”, as in HOST=a.example"),
        ("a.example/layers", "without a path"),
        ("me@a.example", "without a path or a user"),
        ("a.example:8080", "as in HOST=a.example PORT=8080"),
        ("[::1]:8080", "as in HOST=[::1] PORT=8080"),
        ("0.0.0.0", "Give BIND=0.0.0.0, and a HOST"),
        ("::", "Give BIND=::, and a HOST"),
        ("*", "is not the name or address"),
        ("*.*.example", "is not the name or address"),
        ("10.1.2.999", "is not the name or address"),
        ("[::1", "is not the name or address"),
        ("fe80::1%eth0", "is not the name or address"),
        ("-a.example", "is not the name or address"),
        ("a..example", "is not the name or address"),
        ("ü" * 70, "is not the name or address"),
        ("a." * 130 + "example", "is not the name or address"),
    ],
)
def test_a_host_that_will_not_do_is_told_with_one_that_would(text, says):
    with pytest.raises(StartError) as told:
        start.read_hosts(text)
    assert says in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("text", ["0", "65536", "-1", "80x", "", "٣٣", "8" * 50, "8501 8502"])
def test_a_port_that_will_not_do_is_told(text):
    with pytest.raises(StartError, match="PORT must be a whole number from 1 to 65535, such as 8501"):
        start.read_port(text)


@pytest.mark.parametrize("text", ["eth0", "localhost", "10.1.2.999", "127.0.0.1:80"])
def test_an_address_to_listen_on_that_will_not_do_is_told(text):
    with pytest.raises(StartError, match="BIND must be an IP address"):
        start.read_bind(text)


def test_an_address_to_listen_on_may_have_brackets():
    assert (start.read_bind("[::1]"), start.read_bind(" 127.0.0.1 ")) == ("::1", "127.0.0.1")


@pytest.fixture
def taken():
    """A port that another program listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_in_use_is_told_with_one_that_is_free(taken):
    with pytest.raises(StartError) as told:
        start.check_port("127.0.0.1", taken)
    free = int(str(told.value).rpartition("PORT=")[2].rstrip("."))
    assert str(told.value).startswith(f"Port {taken} is in use by another program.")
    start.check_port("127.0.0.1", free)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.EACCES, "This user may not open port 80. Choose one above 1023, such as PORT=8501."),
        (errno.EADDRNOTAVAIL, "This computer does not have the address 10.1.2.3. Give BIND one that it has."),
        (errno.ENOBUFS, "Cannot listen on 10.1.2.3, port 80: "),
    ],
)
def test_what_the_system_refuses_is_told(monkeypatch, number, says):
    monkeypatch.setattr(start, "_refusal", lambda *_: OSError(number, os.strerror(number)))
    with pytest.raises(StartError, match=says):
        start.check_port("10.1.2.3", 80)


def test_settings_that_cannot_be_read_are_told_and_none_are_fine(tmp_path):
    start.check_settings_file(tmp_path / "config.toml")
    (tmp_path / "config.toml").write_text("[server]\nport = = 3\n")
    with pytest.raises(StartError, match=r"config.toml cannot be read: .*line 2.* Fix that file, or remove it\."):
        start.check_settings_file(tmp_path / "config.toml")
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(StartError, match="cannot be read"):
        start.check_settings_file(tmp_path / "config.toml")
    with pytest.raises(StartError, match="cannot be read"):
        start.check_settings_file(tmp_path)


@pytest.mark.parametrize(
    ("number", "helps"),
    [
        (errno.EACCES, "Give this user the right to write there"),
        (errno.EROFS, "Start Layerscope once while that disk can be written"),
        (errno.ENOSPC, "Free some space on that disk"),
    ],
)
@pytest.mark.parametrize("call", ["mkdtemp", "mkstemp"])
def test_a_static_folder_that_cannot_be_written_is_told(tmp_path, monkeypatch, number, helps, call):
    def refuse(**_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, call, refuse)
    with pytest.raises(StartError) as told:
        assets.publish(tmp_path / "static")
    assert f"{os.strerror(number)}. {helps}, then start again." in str(told.value)


def test_a_folder_that_may_only_be_read_will_do_once_the_files_are_there(tmp_path, monkeypatch):
    first = assets.publish(tmp_path / "static")
    assets.publish.cache_clear()

    def refuse(**_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    (tmp_path / "static").chmod(0o555)
    assert assets.publish(tmp_path / "static") == first
    (tmp_path / "static").chmod(0o755)


@pytest.fixture
def copy(tmp_path):
    """The app in a folder of its own."""
    for name in ("pages", ".streamlit"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "app.py", tmp_path)
    return tmp_path


def launch(*words, folder, program=("-m",)):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "STREAMLIT_SERVER_HEADLESS": "true"}
    command = [sys.executable, *program, *map(str, words)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS)


WAYS = {
    "streamlit run": ("streamlit", "run", "app.py", "--server.port"),
    "make run": ("layerscope.ui.start", "home", "--port"),
    "make serve": ("layerscope.ui.start", "served", "--host", "a.example", "--bind", "127.0.0.1", "--port"),
}


def told(done):
    """What the process said on stderr, which must be one sentence on one line."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_the_server_says_that_its_port_is_in_use(copy, taken, way):
    assert f"Port {taken} is " in told(launch(*WAYS[way], taken, folder=copy))


@pytest.mark.parametrize("way", one_in(3, WAYS))
def test_the_server_says_that_static_is_a_file(copy, way):
    (copy / "static").write_text("")
    said = told(launch(*WAYS[way], free_port(), folder=copy))
    assert said == f"{copy / 'static'} must be a folder, but it is a file. Move it away, and start Layerscope again.\n"


FULL_DISK = """
import resource, runpy, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # an error of Python's instead
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
"""
"""A program whose files cannot become larger than 100 kB, as on a disk that is full."""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_the_server_says_that_the_disk_is_full_and_leaves_nothing_half_written(copy):
    said = told(launch("run", "app.py", "--server.port", free_port(), folder=copy, program=("-c", FULL_DISK)))
    assert said.startswith(f"Cannot write to {copy / 'static'}, which holds the files for the browser: File too large.")
    assert [path.name for path in (copy / "static").iterdir() if path.name.startswith((".new", "plotly"))] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["served"], "HOST is missing."),
        (["served", "--host", "http://a.example"], "HOST needs no scheme"),
        (["home", "--port", "70000"], "PORT must be"),
        (["home", "--script", "none.py"], "There is no none.py here; start Layerscope from its own folder."),
    ],
)
def test_the_command_says_what_is_wrong_with_it(copy, words, says):
    assert told(launch("layerscope.ui.start", *words, folder=copy)).startswith(says)


def test_nothing_of_streamlit_or_torch_is_loaded_before_the_port_is_looked_at():
    loads = "import sys; import layerscope.ui.start; print(sorted({'torch', 'streamlit'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True, cwd=ROOT / "src")
    assert done.stdout.strip() == "[]"
