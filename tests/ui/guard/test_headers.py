"""The headers of every answer."""

import pytest

from layerscope import limits
from layerscope.ui.faults import StartError
from layerscope.ui.guard.headers import SafeHeaders, ancestors, inline_scripts, policy, scripts_of_streamlit
from layerscope.ui.guard.hosts import OwnHosts
from tests.ui.guard.asgi import App, ask, scope


def test_every_answer_has_them_and_refusals_too():
    for asked in (scope(), scope("static/a.js"), scope(host="evil.example")):
        headers = ask(SafeHeaders(OwnHosts(App(), ["127.0.0.1"])), asked).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_the_policy_names_no_foreign_host_and_lets_no_text_run():
    given = dict(part.split(" ", 1) for part in policy("127.0.0.1:8501", (), scripts_of_streamlit()).split("; "))
    assert given["default-src"] == given["base-uri"] == given["form-action"] == given["frame-ancestors"] == "'self'"
    assert given["object-src"] == "'none'"
    assert given["connect-src"] == "'self' ws://127.0.0.1:8501 wss://127.0.0.1:8501"
    assert "unsafe" not in given["script-src"]
    assert "*" not in "".join(given.values())
    assert "http" not in "".join(given.values())


def test_a_damaged_host_writes_nothing_into_the_policy():
    for host in ("a; script-src *", "a b", "a\r\nX: y", ""):
        assert "connect-src 'self';" in policy(host, (), "")


def test_a_script_in_the_pages_text_is_named_by_its_hash():
    # printf 'a = 1' | openssl dgst -sha256 -binary | base64
    assert inline_scripts("<script>a = 1</script><script src=x></script>") == (
        "'sha256-tbwf/ZCRL7GL7259gJCRksemSSiWMgFW1n+68QTGVEo='"
    )
    assert scripts_of_streamlit().count("sha256-") == 2  # Streamlit's, and the one that tells where the server is


def test_an_operator_names_sites_that_may_frame_the_app():
    given = ancestors("https://courses.school.edu, *.lab.example\nhttp://localhost:8080")
    assert given == ("https://courses.school.edu", "*.lab.example", "http://localhost:8080")
    headers = ask(SafeHeaders(App(), given), scope()).headers
    assert headers["content-security-policy"].endswith(f"frame-ancestors 'self' {' '.join(given)}")
    assert "x-frame-options" not in headers


@pytest.mark.parametrize(
    "wrong",
    ["*", "https:", "javascript:x", "a;script-src", "'none'", "a/b", "https://a.b/c", "https://*", "http://a:b"],
)
def test_what_is_no_site_ends_the_start_with_a_sentence(wrong):
    with pytest.raises(StartError, match=r"A site is written https://courses\.school\.edu, without a path"):
        ancestors(wrong)


def test_an_address_as_it_is_copied_is_a_site():
    assert ancestors("https://courses.school.edu/") == ("https://courses.school.edu",)
    assert ancestors("") == ()


def test_only_so_many_sites_are_named():
    sites = [f"a{number}.example" for number in range(limits.FRAMES.most + 1)]
    assert len(ancestors(" ".join(sites[:-1]))) == limits.FRAMES.most
    with pytest.raises(StartError, match="names 17 sites; the limit is 16"):
        ancestors(" ".join(sites))
