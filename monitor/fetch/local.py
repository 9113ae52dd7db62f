"""Feeds that are files: ``file:NAME`` relative to the config directory, or an absolute path.

On the article's way: in the place of HTTP, for a sample feed, for a feed that another program writes, for trying
things out. Only regular files are read: a device or a FIFO would block or never end. Only the config names such feeds;
no redirect leads here.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import unquote

from monitor.fetch.problems import FetchProblem
from monitor.model import Fetched, FetchFault, FetchRequest, NotModified

_TYPES = {".json": "application/feed+json", ".html": "text/html", ".htm": "text/html"}


def is_local(url: str) -> bool:
    """Whether the URL names a file."""
    return url[:5].lower() == "file:"


def local_path(url: str, config_dir: Path) -> Path:
    """The file that a ``file:`` URL names: the rest as it stands, or percent-decoded in the form ``file:///path``."""
    rest = url[5:]
    if rest.startswith("//"):
        rest = unquote(rest[2:].removeprefix("localhost"))
    return config_dir / rest


def fetch_local(request: FetchRequest, config_dir: Path) -> Fetched | NotModified:
    """The file's bytes, or ``NotModified`` when it is the one that ``request.etag`` was given for.

    The etag is made of the file's place on disk, its size and its time of change, taken before the bytes are read: a
    file that is written meanwhile is read again at the next look.

    Raises:
        FetchProblem: there is no such file, it can't be read, is not a regular file, is empty, or is too large.
    """
    path = local_path(request.url, config_dir)
    try:
        # Opening a FIFO would wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise FetchProblem(FetchFault.FILE, f"{path} is not a regular file")
            etag = f'"{about.st_ino:x}-{about.st_size:x}-{about.st_mtime_ns:x}"'
            if etag == request.etag:
                return NotModified(url=request.url, etag=etag)
            body = file.read(request.max_bytes + 1)
    except FileNotFoundError as error:
        raise FetchProblem(FetchFault.FILE, f"there is no file {path}") from error
    except IsADirectoryError as error:
        raise FetchProblem(FetchFault.FILE, f"{path} is a directory, not a file") from error
    except ValueError as error:
        raise FetchProblem(FetchFault.BAD_URL, "this is not the name of a file") from error
    except OSError as error:
        raise FetchProblem(FetchFault.FILE, f"{path} can't be read: {(error.strerror or 'error').lower()}") from error
    if len(body) > request.max_bytes:
        raise FetchProblem(
            FetchFault.TOO_LARGE, f"{path} is larger than the {request.max_bytes:,} bytes that a feed may have"
        )
    if not body:
        raise FetchProblem(FetchFault.BROKEN_BODY, f"{path} is empty")
    return Fetched(url=request.url, status=200, body=body, content_type=_TYPES.get(path.suffix.lower(), ""), etag=etag)
