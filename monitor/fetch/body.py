"""Reads a body whole, unpacked, and within its cap, or says why it can't be had.

On the article's way: between the connection and the parser. We unpack ourselves, chunk by chunk and never past the
cap, so that a small bomb can't fill the memory, and so that a stream that ends too soon is noticed: the libraries give
out what there was without a word, and half a feed looks like a feed.

It knows nothing of feeds and nothing of text encodings.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Protocol

import brotli
from backports import zstd

from monitor.fetch.problems import FetchProblem
from monitor.model import FetchFault

# What we ask for and can unpack.
ACCEPTED = "gzip, deflate, br, zstd"
_BAD = (zlib.error, brotli.error, zstd.ZstdError)

_GZIP = 16 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


class _Coding(Protocol):
    def feed(self, data: bytes, room: int) -> bytes:
        """Unpack; at most ``room + 1`` bytes come out. Raises one of ``_BAD`` where the data is no such stream."""

    def whole(self) -> bool:
        """Whether the stream came to its own end."""


class _Identity:
    def feed(self, data: bytes, room: int) -> bytes:  # noqa: ARG002 (the protocol's; what is not packed can't grow)
        return data

    def whole(self) -> bool:
        return True


class _Gzip:
    """One or several gzip members; what follows a whole member and is none is padding, and dropped."""

    def __init__(self) -> None:
        self._engine = zlib.decompressobj(_GZIP)
        self._members = 0
        self._open = False  # the present member has given out something
        self._padding = False

    def feed(self, data: bytes, room: int) -> bytes:
        out = bytearray()
        while data and not self._padding and len(out) <= room:
            try:
                piece = self._engine.decompress(data, room + 1 - len(out))
            except zlib.error:
                if not self._members or self._open:
                    raise
                self._padding = True
                break
            out += piece
            self._open = self._open or bool(piece)
            data = self._engine.unconsumed_tail
            if self._engine.eof:
                data = self._engine.unused_data
                self._engine = zlib.decompressobj(_GZIP)
                self._members += 1
                self._open = False
        return bytes(out)

    def whole(self) -> bool:
        return self._members > 0 and not self._open


class _Deflate:
    """What HTTP calls deflate: a zlib stream (RFC 1950) by the book, a raw one (RFC 1951) from some servers."""

    def __init__(self) -> None:
        self._head = b""
        self._engine: zlib._Decompress | None = None

    def feed(self, data: bytes, room: int) -> bytes:
        if self._engine is None:
            self._head += data
            if len(self._head) < 2:
                return b""
            data, self._head = self._head, b""
            zlib_header = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0
            self._engine = zlib.decompressobj(zlib.MAX_WBITS if zlib_header else _RAW)
        return self._engine.decompress(data, room + 1)

    def whole(self) -> bool:
        return self._engine is not None and self._engine.eof


class _Brotli:
    """RFC 7932. Its engine keeps what it was given back by itself, and asks to be emptied first."""

    def __init__(self) -> None:
        self._engine = brotli.Decompressor()
        self._waiting = b""

    def feed(self, data: bytes, room: int) -> bytes:
        out = bytearray()
        self._waiting += data
        while len(out) <= room and not self._engine.is_finished():
            ready = self._engine.can_accept_more_data()
            given, self._waiting = (self._waiting, b"") if ready else (b"", self._waiting)
            piece = self._engine.process(given, output_buffer_limit=room + 1 - len(out))
            out += piece
            if not piece and not (self._waiting and self._engine.can_accept_more_data()):
                break
        return bytes(out)

    def whole(self) -> bool:
        return bool(self._engine.is_finished())


class _Zstandard:
    """RFC 8878, one frame or several."""

    def __init__(self) -> None:
        self._engine = zstd.ZstdDecompressor()

    def feed(self, data: bytes, room: int) -> bytes:
        out = bytearray()
        while len(out) <= room:
            if self._engine.eof:
                data = self._engine.unused_data or data
                if not data:
                    break
                self._engine = zstd.ZstdDecompressor()
            piece = self._engine.decompress(data, max_length=room + 1 - len(out))
            data = b""
            out += piece
            if not self._engine.eof and (self._engine.needs_input or not piece):
                break
        return bytes(out)

    def whole(self) -> bool:
        return bool(self._engine.eof)


def read_body(chunks: Iterable[bytes], *, coding: str, declared: str | None, limit: int, host: str) -> bytes:
    """The whole unpacked body.

    ``chunks`` are the bytes as they came; ``coding`` is the Content-Encoding header; ``declared`` the Content-Length
    header, read only to refuse early; ``limit`` the most bytes, packed or unpacked.

    Raises:
        FetchProblem: too large, empty, broken off, or not packed as its header says.
        Exception: whatever ``chunks`` raises.
    """
    if declared is not None and declared.isascii() and declared.isdigit() and len(declared) < 20:
        _hold(int(declared), limit, host)
    unpacker = _coding(coding, host)
    body = bytearray()
    came = 0
    for chunk in chunks:
        came += len(chunk)
        _hold(came, limit, host)
        try:
            body += unpacker.feed(chunk, limit - len(body))
        except _BAD as error:
            raise FetchProblem(
                FetchFault.BROKEN_BODY, f"the answer of {host} says that it is compressed, and can't be unpacked"
            ) from error
        _hold(len(body), limit, host)
    if not came or (not body and unpacker.whole()):
        raise FetchProblem(FetchFault.BROKEN_BODY, f"{host} answered with nothing: the body is empty")
    if not unpacker.whole():
        raise FetchProblem(FetchFault.BROKEN_BODY, f"the compressed answer of {host} breaks off before its end")
    return bytes(body)


def _hold(size: int, limit: int, host: str) -> None:
    if size > limit:
        raise FetchProblem(
            FetchFault.TOO_LARGE,
            f"the answer of {host} is larger than the {limit:,} bytes that a feed may have (max_feed_bytes)",
        )


def _coding(header: str, host: str) -> _Coding:
    names = [name for part in header.split(",") if (name := part.strip().lower()) not in {"", "identity"}]
    match names:
        case []:
            return _Identity()
        case ["gzip" | "x-gzip"]:
            return _Gzip()
        case ["deflate"]:
            return _Deflate()
        case ["br"]:
            return _Brotli()
        case ["zstd"]:
            return _Zstandard()
        case _:
            raise FetchProblem(
                FetchFault.BROKEN_BODY, f"{host} compressed its answer in a way that we did not ask for and can't read"
            )
