"""What delivering needs beyond the first tables: ranks, digests, how each channel fares, silences, acknowledgements.

A part of ``schema.py``, which gives it its place among the migrations.
"""

from __future__ import annotations

DELIVERING = """
ALTER TABLE delivery ADD COLUMN rank INTEGER NOT NULL DEFAULT 1;
ALTER TABLE delivery ADD COLUMN bundle TEXT;
UPDATE delivery SET rank = (
    SELECT CASE priority WHEN 'low' THEN 0 WHEN 'normal' THEN 1 WHEN 'high' THEN 2 ELSE 3 END
    FROM alert WHERE alert.id = delivery.alert
);
CREATE INDEX delivery_rank ON delivery (channel, rank, id) WHERE state IN ('pending', 'sending');
CREATE INDEX delivery_sent ON delivery (channel, ended) WHERE state = 'sent';
CREATE INDEX delivery_ended ON delivery (state, id) WHERE state IN ('held', 'dead');
CREATE INDEX delivery_bundle ON delivery (bundle) WHERE bundle IS NOT NULL;
CREATE INDEX delivery_token ON delivery (token) WHERE token IS NOT NULL;

CREATE TABLE channel_state (
    channel TEXT PRIMARY KEY,
    failures INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER,
    paused_until INTEGER,
    tried INTEGER,
    served INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE silence (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('watch', 'story', 'source')),
    name TEXT NOT NULL,
    until INTEGER NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE acknowledgement (
    story INTEGER PRIMARY KEY REFERENCES story (id) ON DELETE CASCADE,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE notice (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    said TEXT NOT NULL,
    created INTEGER NOT NULL,
    last INTEGER NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    sent INTEGER,
    token TEXT
) STRICT;
CREATE INDEX notice_unsent ON notice (topic) WHERE sent IS NULL;

CREATE TABLE spike (
    watch TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
