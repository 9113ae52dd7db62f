"""What each recorded feed needed to be read whole: a row a feed, and a Markdown table with ``--markdown``.

Columns: the format; how many entries were found, and how many a second reader counts; which reader it took; what was
put right (encoding, XML, dates); by what the entries are known; how many give only a summary; CPU time, and that of the
patient reader alone. ``--total`` prints their sums and means.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from lxml import etree

from bench.common import Row, corpus, main, show
from monitor.feeds import identify, parse_feed
from monitor.feeds.encoding import decode
from monitor.feeds.fulltext import page_of
from monitor.feeds.wellformed import read_well_formed
from monitor.model import ParsedFeed

NAMES = {"guid": "guid", "guid+url": "guid and link", "url": "link", "title+date": "title and date", "content": "text"}


def run(quick: bool) -> Sequence[Row]:
    """What each recorded feed needed."""
    folder = corpus() / "corpus" / "feeds"
    rows = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return [_row(folder, row) for row in (rows[::8] if quick else rows)]


def _row(folder: Path, row: dict[str, str]) -> Row:
    body = (folder / row["file"]).read_bytes()
    start = time.process_time()
    parsed = parse_feed(body, content_type="application/xml", url=row["url"])
    took = time.process_time() - start
    start = time.process_time()
    parse_feed(body, content_type="application/xml", url=row["url"], quick=False)
    patient = time.process_time() - start
    text = decode(body, content_type="application/xml").text
    quick = read_well_formed(text, max_entries=5000) is not None
    keys = Counter(NAMES[reason] for _, reason in identify(parsed.entries, url=row["url"]))
    return {
        "feed": Path(row["file"]).stem[:44],
        "format": parsed.format,
        "encoding": parsed.encoding,
        "entries": len(parsed.entries),
        "second count": _second_count(body),
        "reader": "by the format's rules" if quick else "patient",
        "known by": ", ".join(f"{name} {count}" if len(keys) > 1 else name for name, count in keys.most_common()),
        "undated": sum(entry.published is None for entry in parsed.entries),
        "summaries": sum(bool(page_of(entry.url, entry.text)) for entry in parsed.entries),
        "needed": "; ".join(_needed(parsed, text, quick)) or "-",
        "ms": took * 1000,
        "ms, patient reader alone": patient * 1000,
    }


def _needed(parsed: ParsedFeed, text: str, quick: bool) -> list[str]:
    said = list(parsed.problems)
    if re.search("[\x80-\x9f]|&#1[2-5][0-9];", text):
        said.append("characters of windows-1252 put right")
    if not quick and not said:
        said.append("its elements stand in odd places")
    if any(not entry.title for entry in parsed.entries):
        said.append("entries without any words")
    return said


def _second_count(body: bytes) -> int:
    spaces = {None, "http://www.w3.org/2005/Atom", "http://purl.org/rss/1.0/", "http://backend.userland.com/rss2"}
    root = etree.fromstring(body.lstrip(), etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False))
    return sum(1 for element in root.iter("{*}item", "{*}entry") if etree.QName(element).namespace in spaces)


def markdown(rows: Sequence[Row]) -> str:
    """The rows as the table of ``docs/feeds.md``; times are left out, for they differ from machine to machine."""
    columns = [column for column in rows[0] if not column.startswith("ms")]
    lines = [columns, ["---"] * len(columns), *([str(row[column]) for column in columns] for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    if "--markdown" in sys.argv:
        print(markdown(run(quick=False)))
    elif "--total" in sys.argv:
        every = run(quick=False)
        formats = Counter(row["format"] for row in every)
        means = {name: sum(row[name] for row in every) / len(every) for name in every[0] if name.startswith("ms")}
        total = {"feeds": len(every), "entries": sum(row["entries"] for row in every)}
        show("feeds", [{**total, **formats, **means}], as_json=False)
    else:
        main("feeds", run)
