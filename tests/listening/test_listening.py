"""The listener for hubs: bounded in size, time and number; what is odd about a request ends it, and nothing is told."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator

import pytest

from monitor import listening
from monitor.listening import Call, Listener, Reply


class Heard:
    """What came, and what it is answered."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.go_on = threading.Event()
        self.go_on.set()

    def knows(self, path: str) -> bool:
        return "strange" not in path

    def answer(self, call: Call) -> Reply:
        self.calls.append(call)
        self.go_on.wait(20)
        return Reply(status=503, retry_after=7) if call.path == "/busy" else Reply(status=200, text="é")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def listener(heard: Heard) -> Iterator[Listener]:
    made = Listener("127.0.0.1:0", answer=heard.answer, knows=heard.knows, most_bytes=lambda: 1_000)
    made.start()
    yield made
    heard.go_on.set()
    made.stop()


def ask(listener: Listener, method: str, path: str, **arguments: object) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", listener.port, timeout=20)
    connection.request(method, path, **arguments)  # type: ignore[arg-type]
    response = connection.getresponse()
    response.body = response.read()  # type: ignore[attr-defined]
    connection.close()
    return response


def send(listener: Listener, data: bytes) -> bytes:
    """Raw bytes, and all that comes back."""
    with socket.create_connection(("127.0.0.1", listener.port), timeout=20) as sock:
        sock.sendall(data)
        got = b""
        while piece := sock.recv(10_000):
            got += piece
    return got


def test_a_call_is_handed_over_whole_and_answered_as_plain_text(listener: Listener, heard: Heard) -> None:
    response = ask(listener, "POST", "/a?b=c", body=b"x" * 1_000, headers={"X-Hub-Signature": "s", "Content-Type": "t"})
    assert (response.status, response.body) == (200, "é".encode())  # type: ignore[attr-defined]
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    host = f"127.0.0.1:{listener.port}"
    said = Call(method="POST", path="/a?b=c", content_type="t", signature="s", body=b"x" * 1_000, host=host)
    assert heard.calls == [said]
    assert ask(listener, "GET", "/busy").headers["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nContent-Length: 9999999999999999\r\n\r\n", 413),
        (b"POST /strange HTTP/1.1\r\nContent-Length: 999\r\n\r\n", 404),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 411),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n", 404),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"<script>alert(1)</script> / HTTP/1.1\r\n\r\n", 501),
        (b"DELETE / HTTP/1.1\r\n\r\n", 501),
        (b"HEAD / HTTP/1.1\r\n\r\n", 405),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", None),
    ],
)
def test_what_is_no_request_of_a_hub_reaches_nobody(
    listener: Listener, heard: Heard, request_: bytes, status: int | None
) -> None:
    got = send(listener, request_)
    assert b"script" not in got
    assert got.split(b"\r\n")[0].split()[1:2] == ([] if status is None else [str(status).encode()])
    assert heard.calls == []


def test_a_listener_for_people_answers_those_who_look_and_nobody_who_sends(heard: Heard) -> None:
    """HEAD is told the length of what GET would bring; two names for one host are none."""
    listener = Listener(
        "127.0.0.1:0", answer=heard.answer, knows=heard.knows, most_bytes=lambda: 1_000, methods=("GET", "HEAD")
    )
    listener.start()
    try:
        looked = ask(listener, "HEAD", "/a")
        assert (looked.status, looked.headers["Content-Length"], looked.body) == (200, "2", b"")  # type: ignore[attr-defined]
        sent = ask(listener, "POST", "/a", body=b"x")
        assert (sent.status, sent.headers["Allow"]) == (405, "GET, HEAD")
        send(listener, b"GET /b HTTP/1.1\r\nHost: one\r\nHost: two\r\n\r\n")
    finally:
        listener.stop()
    assert [(call.path, call.host) for call in heard.calls] == [("/a", f"127.0.0.1:{listener.port}"), ("/b", "")]


def test_a_body_that_ends_early_reaches_nobody(listener: Listener, heard: Heard) -> None:
    with socket.create_connection(("127.0.0.1", listener.port), timeout=20) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(100) == b""
    assert heard.calls == []


@pytest.mark.parametrize(("path", "size", "status"), [("/strange", 900, 404), ("/", 8_000_000, 413)])
def test_whoever_sends_a_body_that_is_not_read_has_its_answer_all_the_same(
    listener: Listener, heard: Heard, path: str, size: int, status: int
) -> None:
    """Closing on unread bytes resets the connection, and takes the answer with it."""
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", listener.port), timeout=20) as sock:
            sock.sendall(f"POST {path} HTTP/1.1\r\nContent-Length: {size}\r\n\r\n".encode() + b"x" * size)
            got = b""
            while piece := sock.recv(10_000):
                got += piece
        assert got.split(b" ")[1] == str(status).encode()
    assert heard.calls == []


def test_one_that_drips_is_cut_off(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole request has an end, however often a byte comes."""
    monkeypatch.setattr(listening, "_SECONDS", 0.4)
    listener = Listener("127.0.0.1:0", answer=heard.answer, knows=heard.knows, most_bytes=lambda: 1_000)
    listener.start()
    try:
        with socket.create_connection(("127.0.0.1", listener.port), timeout=20) as sock:
            ended = False
            try:
                for _ in range(400):
                    sock.sendall(b"P")
                    threading.Event().wait(0.02)
            except OSError:
                ended = True
            assert ended or sock.recv(100) == b""
    finally:
        listener.stop()
    assert heard.calls == []


def test_more_at_once_than_there_are_places_are_not_let_in(listener: Listener, heard: Heard) -> None:
    """And once there is a place again, the next one is."""
    heard.go_on.clear()
    waiting = [socket.create_connection(("127.0.0.1", listener.port), timeout=20) for _ in range(17)]
    for sock in waiting:
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
    refused = waiting.pop()
    with contextlib.suppress(ConnectionResetError):
        assert refused.recv(100) == b""
    refused.close()
    heard.go_on.set()
    for sock in waiting:
        assert sock.recv(100).startswith(b"HTTP/1.0 200")
        sock.close()
    assert len(heard.calls) == 16


def test_a_place_that_is_taken_is_an_error_of_the_start(listener: Listener, heard: Heard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(OSError, match="in use"):
            Listener(place, answer=heard.answer, knows=heard.knows, most_bytes=lambda: 1).start()
