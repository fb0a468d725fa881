"""The door: printed addresses work; other names and frames open by option alone."""

import contextlib
import re
import socket
import threading
import urllib.request

import pytest

from grokdash.app import create_app
from grokdash.app import server as serving
from grokdash.app.names import is_this_computer, plain_name
from grokdash.app.notebook import FRAMES, _path, _store, frame
from grokdash.app.posture import Access
from grokdash.errors import ConfigError


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def served(store, monkeypatch, **options):
    """Serve until every printed address was asked; give them with their answers."""
    printed, ended = [], threading.Event()
    make = serving.make_server

    def made(*arguments):
        server = make(*arguments)
        ask = threading.Thread(target=lambda: (asked(), server.close(), ended.set()))
        ask.start()
        return server

    answers = {}

    def asked():
        for address in re.findall(r"serving (\S+)", "\n".join(printed)):
            with urllib.request.urlopen(address, timeout=20) as answer:
                answers[address] = answer.status
            head, _, query = address.partition("?")
            data = f"{head}api/runs" + (f"?{query}" if query else "")
            with urllib.request.urlopen(data.replace(*loud), timeout=20) as answer:
                answers[data] = answer.status

    loud = ("localhost", "LOCALHOST")
    monkeypatch.setattr(serving, "make_server", made)
    monkeypatch.setattr(serving, "trim_for_ever", lambda: None)
    with contextlib.suppress(OSError):  # the server was closed under its loop
        serving.serve(store, port=0, say=printed.append, **options)
    assert ended.wait(20)
    return answers


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, r"http://127\.0\.0\.1:\d+/"),
        ({"host": "localhost"}, r"http://localhost:\d+/"),
        (
            {"base_path": "lab/x"},
            r"http://127\.0\.0\.1:\d+/lab/x/",
        ),
        (
            {"host": "0.0.0.0", "token": "a b&c?ü"},
            r"http://127\.0\.0\.1:\d+/\?token=\S+",
        ),
        ({"host": "::1"}, r"http://\[::1\]:\d+/"),
        ({"host": "::"}, r"http://\[::1\]:\d+/\?token=\S+"),
    ],
)
def test_every_address_that_is_printed_works_as_printed(
    tmp_path, monkeypatch, options, found
):
    if ":" in options.get("host", "") and not has_ipv6():
        pytest.skip("this computer has no IPv6")

    answers = served(tmp_path, monkeypatch, **options)

    assert any(re.fullmatch(found, address) for address in answers)
    assert set(answers.values()) == {200}


@pytest.mark.parametrize(
    ("host", "name", "here"),
    [
        ("LOCALHOST:8050", "localhost", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.9.0.1", "127.9.0.1", True),
        ("[0:0::1]:80", "::1", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("Hub.Example.org.:443", "hub.example.org", False),
        ("bücher.example", "xn--bcher-kva.example", False),
        ("192.168.0.7:8050", "192.168.0.7", False),
        ("0.0.0.0", "0.0.0.0", False),
        ("localhost.evil.example", "localhost.evil.example", False),
    ],
)
def test_a_host_has_one_name_however_it_is_written(host, name, here):
    assert plain_name(host) == name
    assert is_this_computer(host) == here


@pytest.fixture
def client(store):
    def make(**access):
        return create_app(store, access=Access(**access)).server.test_client()

    return make


@pytest.fixture(scope="module")
def store(sweep):
    return sweep.store


def test_a_host_is_opened_by_name_in_any_case_and_no_other(client):
    server = client(hosts=("Hub.example.org", "lab.example.org"))

    for host in ("hub.example.org", "HUB.example.ORG:443", "lab.example.org:8888"):
        assert server.get("/api/runs", headers={"Host": host}).status_code == 200
    refused = server.get("/api/runs", headers={"Host": "evil.example"})
    assert refused.status_code == 400
    assert "--allow-host evil.example" in refused.text


def test_who_knows_the_token_may_come_by_any_name(client):
    for host in ("192.168.0.7:8050", "my-laptop", "[fe80::1]:8050"):
        server = client(token="open")
        asked = {"headers": {"Host": host}}
        assert server.get("/api/runs?token=shut", **asked).status_code == 403
        assert server.get("/api/runs?token=open", **asked).status_code == 200


def test_two_servers_of_one_computer_do_not_take_each_others_cookie(client):
    names = {
        client(token=token).get(f"/?token={token}").headers["Set-Cookie"].split("=")[0]
        for token in ("one", "two")
    }

    assert len(names) == 2


def test_a_cookie_stays_below_the_path_of_the_app(client):
    answer = client(token="one").get(
        "/?token=one", headers={"X-Forwarded-Prefix": "/user/jo/proxy/8050"}
    )

    assert "Path=/user/jo/proxy/8050/;" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("frames", "ancestors"),
    [
        ((), "'none'"),
        (("self",), "'self'"),
        (("https://lab.example.org", "self"), "https://lab.example.org 'self'"),
    ],
)
def test_framing_is_opened_by_origin_and_never_by_default(client, frames, ancestors):
    headers = client(frames=frames).get("/").headers

    policy = dict(
        part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; ")
    )
    assert policy["frame-ancestors"] == ancestors
    assert headers.get("X-Frame-Options") == (None if frames else "DENY")


@pytest.mark.parametrize(
    "access",
    [
        {"frames": ("https://a.example; script-src *",)},
        {"frames": ("*",)},
        {"frames": ("lab.example.org",)},
        {"hosts": ("https://lab.example.org",)},
        {"hosts": ("",)},
    ],
)
def test_what_is_no_host_or_origin_is_refused(access):
    with pytest.raises(ConfigError, match="expected a"):
        Access(**access)


def test_pages_of_an_allowed_host_may_write_through_a_proxy_that_asks_by_another(
    client, sweep
):
    path = f"/api/run/{sweep.data.runs[0].id}/notes"
    server = client(hosts=("lab.example.org",))

    for origin, status in (
        ("http://Lab.example.org:8888", 200),
        ("http://lab.example.org.evil.example", 403),
    ):
        headers = {"X-Grokdash": "1", "Origin": origin}
        assert server.post(path, json={}, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://lab.example.org"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "https://lab.example.org"}, 403),
        ({"Origin": "http://LOCALHOST"}, 200),
    ],
)
def test_a_proxy_that_changes_the_host_cannot_make_our_pages_strangers(
    client, sweep, headers, status
):
    path = f"/api/run/{sweep.data.runs[0].id}/notes"

    answer = client().post(path, json={}, headers={"X-Grokdash": "1", **headers})

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("site", "mode", "to", "status", "framed"),
    [
        ("same-origin", "cors", "empty", 200, 200),
        ("none", "navigate", "document", 200, 200),
        ("cross-site", "navigate", "document", 200, 200),
        ("same-site", "navigate", "document", 200, 200),
        ("cross-site", "navigate", "iframe", 403, 200),
        ("cross-site", "navigate", "object", 403, 403),
        ("cross-site", "no-cors", "image", 403, 403),
        ("cross-site", "no-cors", "script", 403, 403),
        ("same-site", "cors", "empty", 403, 403),
        ("cross-site", "cors", "document", 403, 403),
    ],
)
def test_another_site_can_open_a_page_and_ask_nothing_else(
    client, site, mode, to, status, framed
):
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": to}
    for path in ("/api/runs", "/"):
        for server, expected in (
            (client(), status),
            (client(frames=("https://lab.example.org",)), framed),
        ):
            assert server.get(path, headers=headers).status_code == expected


def test_what_a_token_guards_is_kept_by_no_proxy(client, sweep):
    run_id = sweep.data.runs[0].id
    for path in ("/", "/api/runs", f"/api/run/{run_id}/data/loss-curves.json"):
        kept = {}
        for token in ("", "t0"):
            answer = client(token=token).get(path, query_string={"token": token})
            assert answer.status_code == 200
            kept[token] = answer.headers.get("Cache-Control", "")
        assert "no-store" in kept["t0"] or "private" in kept["t0"]
        assert "public" not in kept["t0"]
        assert "private" not in kept[""]


def test_the_frame_of_a_notebook_opens_what_it_needs_and_no_more(client):
    server = client(token="t0", token_in_path=True, frames=FRAMES)
    policy = server.get("/t0/").headers["Content-Security-Policy"]

    assert "frame-ancestors 'self' http://localhost:* http://127.0.0.1:*" in policy
    assert "*;" not in policy.replace(":*", "")
    text = frame(4321, "t0", 500)
    assert "http://127.0.0.1:4321/t0/" in text
    assert "${base}proxy/4321/t0/" in text
    assert "height:500px" in text


def test_a_site_that_embeds_panels_may_frame_them_and_nothing_else(client, sweep):
    site = "https://lab.example.org"
    server, run_id = client(embedders=(site,)), sweep.data.runs[0].id
    asked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    asked |= {"Sec-Fetch-Dest": "iframe"}
    panel = server.get(f"/embed/{run_id}/loss-curves?t=dark", headers=asked)

    assert panel.status_code == 200
    policy = panel.headers["Content-Security-Policy"]
    assert f"frame-ancestors {site};" in policy
    assert "X-Frame-Options" not in panel.headers
    assert f'href="/run/{run_id}?t=dark&amp;panels=loss-curves"' in panel.text
    for path in ("/", f"/run/{run_id}", "/api/runs"):
        assert server.get(path, headers=asked).status_code == 403
        other = server.get(path).headers
        assert "frame-ancestors 'none'" in other["Content-Security-Policy"]
        assert other["X-Frame-Options"] == "DENY"
    closed = client().get(f"/embed/{run_id}/loss-curves", headers=asked)
    assert closed.status_code == 403
    unknown = server.get(f"/embed/{run_id}/nothing")
    assert "the views are" in unknown.text
    with pytest.raises(ConfigError, match="gets no cookies"):
        client(embedders=(site,), token="t0")
    with pytest.raises(ConfigError, match="--embed-in: expected an origin"):
        client(embedders=("lab",))


def test_a_notebook_opens_the_page_and_the_epoch_that_it_names(run_view):
    run = run_view.stored

    assert _path(run, None, None) == f"run/{run.id}"
    assert _path(run, "fourier", 3) == f"run/{run.id}/fourier?e=2"
    assert _path("store", "sweeps", None) == "sweeps"
    assert _store(run) == str(run.path.parent)
    assert f'"http://127.0.0.1:1/t/run/{run.id}?e=2"' in frame(
        1, "t", 9, _path(run, None, 2)
    )
    for what, page, epoch, told in (
        (run, "forier", None, "pages of a run are explore, training, fourier"),
        ("store", "fourier", None, "pages of a store are runs, tour"),
        ("store", None, 3, "show a run"),
        (run, None, -3, "whole number from 0"),
    ):
        with pytest.raises(ConfigError, match=told):
            _path(what, page, epoch)


def test_show_outside_a_notebook_says_what_to_do(tmp_path):
    import grokdash

    with pytest.raises(ConfigError, match="grokdash serve"):
        grokdash.show(tmp_path)
