"""The alert file: whole lines, once each, whatever a kill or a full disk left behind."""

from __future__ import annotations

import json
import resource
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from test_channels import DELIVERY, NOW, TEXT, make

from monitor.model import Channel, SendOutcome
from monitor.notify.journal import AlertFile

LOG = Channel(name="log", url="log:")


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alerts.jsonl"


def test_an_alert_is_one_line_with_its_key(tmp_path: Path, path: Path) -> None:
    assert make(tmp_path).send(LOG, TEXT, DELIVERY).outcome is SendOutcome.SENT
    (line,) = lines(path)
    assert (line["watch"], line["title"], line["time"], line["id"]) == ("Iraq", "Title", "2024-07-23T12:00:00Z", "k-1")
    assert NOW.year == 2024
    assert path.stat().st_mode & 0o077 == 0


def test_a_delivery_in_doubt_that_was_written_is_not_written_again(tmp_path: Path, path: Path) -> None:
    """After a kill between the write and its record, the next try finds its own line."""
    notifier = make(tmp_path)
    notifier.send(LOG, TEXT, DELIVERY)
    result = notifier.send(LOG, TEXT, replace(DELIVERY, in_doubt=True))
    assert (result.outcome, result.detail) == (SendOutcome.SENT, "stood in the file already")
    assert notifier.send(LOG, TEXT, replace(DELIVERY, attempts=1)).detail == "stood in the file already"
    assert len(lines(path)) == 1
    assert notifier.send(LOG, TEXT, replace(DELIVERY, in_doubt=True, idempotency_key="k-2")).detail == ""
    assert [line["id"] for line in lines(path)] == ["k-1", "k-2"]


def test_a_key_that_only_stands_in_a_text_is_no_proof(path: Path) -> None:
    file = AlertFile(path)
    file.append("k-1", {"title": '"k-2"', "of": "k-2"}, again=False)
    path.write_bytes(b'not json "k-2"\n["k-2"]\n' + path.read_bytes())
    assert file.append("k-2", {}, again=True) is True


@pytest.mark.parametrize("torn", [b'{"time": "2024', b'{"title": "\xd8', b"\x00\x00"])
def test_a_torn_last_line_is_taken_away(path: Path, torn: bytes) -> None:
    """A kill in the middle of a write leaves a piece of a line whose delivery comes again."""
    file = AlertFile(path)
    file.append("k-1", {"n": 1}, again=False)
    path.write_bytes(path.read_bytes() + torn)
    file.append("k-2", {"n": 2}, again=True)
    assert [line["id"] for line in lines(path)] == ["k-1", "k-2"]


def test_a_whole_line_without_its_newline_is_kept(path: Path) -> None:
    path.write_bytes(b'{"id": "k-0"}')
    AlertFile(path).append("k-1", {}, again=False)
    assert [line["id"] for line in lines(path)] == ["k-0", "k-1"]


def test_feed_text_neither_breaks_a_line_nor_acts_on_a_terminal(path: Path) -> None:
    title = "a\nb\r\u2028c\u202ed\x1b[31m\x9b31m\x7f\ud800 é م 漢 \U000e0041"
    AlertFile(path).append("k-1", {"title": title}, again=False)
    data = path.read_bytes()
    assert data.count(b"\n") == 1
    assert data.isascii() is False
    assert not any(letter in data.decode() for letter in "\r\u2028\u202e\x1b\x9b\x7f\U000e0041")
    assert lines(path)[0]["title"] == title


def test_threads_and_a_second_process_never_mix_their_lines(path: Path) -> None:
    """Two writers stand for two processes: each opens and locks the file for itself."""
    writers = [AlertFile(path), AlertFile(path)]

    def write(number: int) -> None:
        for i in range(20):
            writers[number % 2].append(f"{number}-{i}", {"pad": "x" * 3000}, again=False)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {line["id"] for line in lines(path)} == {f"{n}-{i}" for n in range(4) for i in range(20)}


def test_a_line_for_which_there_is_no_room_leaves_nothing(tmp_path: Path, path: Path) -> None:
    """A full disk takes a part of a line; that part is taken back, and the try failed."""
    notifier = make(tmp_path)
    notifier.send(LOG, TEXT, DELIVERY)
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        for room in (40, 0):
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + room, hard))
            result = notifier.send(LOG, TEXT, replace(DELIVERY, idempotency_key="k-2"))
            assert result.outcome is SendOutcome.FAILED
            assert result.detail.startswith("alerts.jsonl could not be written: ")
            assert path.read_bytes() == before
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert notifier.send(LOG, TEXT, replace(DELIVERY, idempotency_key="k-2", attempts=1)).outcome is SendOutcome.SENT
    assert len(lines(path)) == 2


def test_a_state_directory_that_is_gone_is_a_failure_in_words(tmp_path: Path) -> None:
    result = make(tmp_path / "gone").send(LOG, TEXT, DELIVERY)
    assert (result.outcome, result.detail) == (
        SendOutcome.FAILED,
        "alerts.jsonl could not be written: No such file or directory",
    )
