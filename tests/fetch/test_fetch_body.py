"""Bodies: unpacked, whole, and within their cap."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.body import read_body
from monitor.fetch.problems import FetchProblem
from monitor.model import FetchFault

TEXT = b"<rss>" + b"a word and another " * 50 + b"</rss>"


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


PACKED = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "": bytes,
}


def read(
    data: bytes, coding: str = "", *, limit: int = 1_000_000, size: int = 64, declared: str | None = None
) -> bytes:
    chunks = (data[start : start + size] for start in range(0, len(data), size))
    return read_body(chunks, coding=coding, declared=declared, limit=limit, host="example.org")


def fault(data: bytes, coding: str = "", **options: object) -> FetchFault:
    with pytest.raises(FetchProblem) as caught:
        read(data, coding, **options)  # type: ignore[arg-type]
    assert "example.org" in caught.value.detail
    return caught.value.fault


@given(data=st.binary(min_size=1, max_size=5_000), coding=st.sampled_from(sorted(PACKED)), size=st.integers(1, 600))
def test_what_was_packed_comes_out(data: bytes, coding: str, size: int) -> None:
    """Every coding, in chunks of any size, gives the bytes that went in."""
    assert read(PACKED[coding](data), coding, size=size) == data


@given(
    data=st.binary(min_size=1, max_size=3_000),
    coding=st.sampled_from(["gzip", "deflate", "br", "zstd"]),
    share=st.floats(0.01, 0.99),
)
def test_a_packed_body_that_breaks_off_is_noticed(data: bytes, coding: str, share: float) -> None:
    """However much of it came, half a body is never taken for a whole one."""
    packed = PACKED[coding](data)
    assert fault(packed[: max(1, int(len(packed) * share))], coding) is FetchFault.BROKEN_BODY


@given(size=st.integers(1, 400), limit=st.integers(1, 400), coding=st.sampled_from(sorted(PACKED)))
def test_the_cap_is_exact(size: int, limit: int, coding: str) -> None:
    """As many bytes as allowed pass, one more does not (what is packed is small enough here)."""
    data = b"x" * size
    packed = PACKED[coding](data)
    if size > limit or len(packed) > limit:
        assert fault(packed, coding, limit=limit) is FetchFault.TOO_LARGE
    else:
        assert read(packed, coding, limit=limit) == data


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_does_not_fill_the_memory(coding: str) -> None:
    """Unpacking stops at the cap, not after it."""
    bomb = PACKED[coding](bytes(20_000_000))
    tracemalloc.start()
    try:
        assert fault(bomb, coding, limit=1_000_000, size=65_536) is FetchFault.TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_several_gzip_members_are_one_body() -> None:
    """Concatenated gzip members are read one after the other."""
    assert read(gzip.compress(TEXT) + gzip.compress(b"more"), "gzip") == TEXT + b"more"


@pytest.mark.parametrize("padding", [b"\0" * 100, b"trailing words"])
def test_padding_after_gzip_is_dropped(padding: bytes) -> None:
    """What follows a whole gzip stream and is none does no harm."""
    assert read(gzip.compress(TEXT) + padding, "gzip") == TEXT


def test_a_second_member_that_breaks_off_is_noticed() -> None:
    """The last member has to be whole too."""
    second = gzip.compress(TEXT + bytes(range(256)) * 8)
    assert fault(gzip.compress(TEXT) + second[: len(second) // 2], "gzip") is FetchFault.BROKEN_BODY


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_is_not_packed_as_it_says(coding: str) -> None:
    """Plain text under a coding's name can't be unpacked."""
    assert fault(TEXT, coding) is FetchFault.BROKEN_BODY


@pytest.mark.parametrize("coding", ["compress", "gzip, gzip", "gzip, br"])
def test_a_coding_that_was_not_asked_for(coding: str) -> None:
    """Codings that we can't read are refused, not passed on."""
    assert fault(TEXT, coding) is FetchFault.BROKEN_BODY


@pytest.mark.parametrize("coding", ["identity", " Identity ", "identity, gzip", " GZIP"])
def test_codings_are_read_without_case(coding: str) -> None:
    """Names are compared as HTTP asks; identity changes nothing."""
    assert read(gzip.compress(TEXT) if "g" in coding.lower() else TEXT, coding) == TEXT


@pytest.mark.parametrize(
    ("data", "coding"),
    [
        (b"", ""),
        (b"", "gzip"),
        (gzip.compress(b""), "gzip"),
        (b"", "deflate"),
        (brotli.compress(b""), "br"),
        (zstd.compress(b""), "zstd"),
    ],
    ids=["nothing", "nothing as gzip", "gzip of nothing", "nothing as deflate", "br of nothing", "zstd of nothing"],
)
def test_an_empty_body_is_a_fault(data: bytes, coding: str) -> None:
    """No bytes are no feed, packed or not."""
    assert fault(data, coding) is FetchFault.BROKEN_BODY


@pytest.mark.parametrize("declared", ["2000", "0002000", "9" * 19])
def test_a_declared_length_is_believed_when_it_is_too_large(declared: str) -> None:
    """A body that says that it is too large is not read at all."""
    with pytest.raises(FetchProblem) as caught:
        read_body(iter(()), coding="", declared=declared, limit=1_000, host="example.org")
    assert caught.value.fault is FetchFault.TOO_LARGE


@pytest.mark.parametrize("declared", ["10", "ten", "-1", "9" * 40, "²"])
def test_a_declared_length_that_means_nothing_is_not_heeded(declared: str) -> None:
    """What counts are the bytes that come."""
    assert read(TEXT, declared=declared) == TEXT
