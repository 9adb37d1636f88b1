-- The first tables. Times are milliseconds since 1970 (UTC) of the server's clock, for filtering;
-- the JSON beside them keeps them whole. Every event has both times: when it happened and when it was recorded.

-- What holds for the whole file: whether its data is simulated, the scenario clock.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row: the number of the last event. Updated in the writing transaction, so that numbers have no gaps.
CREATE TABLE counter (
    one        INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    last_event INTEGER NOT NULL
) STRICT;
INSERT INTO counter (one, last_event) VALUES (1, 0);

-- Issues as they stand: the fold of their events, kept for reading. Narrow, because pages by bbox walk over it.
CREATE TABLE issues (
    seq         INTEGER PRIMARY KEY NOT NULL,
    id          TEXT NOT NULL UNIQUE,
    version     INTEGER NOT NULL,
    lon         REAL,
    lat         REAL,
    reported_at INTEGER NOT NULL,
    closed_at   INTEGER
) STRICT;

-- The same issues as GeoJSON Features, encoded once.
CREATE TABLE issue_features (
    issue   INTEGER PRIMARY KEY NOT NULL REFERENCES issues (seq),
    feature TEXT NOT NULL
) STRICT;

-- Everything that ever happened to an issue. Never changed, never deleted.
CREATE TABLE events (
    number      INTEGER PRIMARY KEY NOT NULL,
    issue       INTEGER NOT NULL REFERENCES issues (seq),
    version     INTEGER NOT NULL,
    happened_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    event       TEXT NOT NULL,
    UNIQUE (issue, version)
) STRICT;

-- What was answered to a request with an Idempotency-Key: that version of that issue.
CREATE TABLE idempotency (
    key         TEXT PRIMARY KEY NOT NULL,
    fingerprint TEXT NOT NULL,
    issue       INTEGER NOT NULL REFERENCES issues (seq),
    version     INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_time ON idempotency (recorded_at);

-- Patrols without their position; version as of the last change of these columns.
CREATE TABLE patrols (
    seq     INTEGER PRIMARY KEY NOT NULL,
    id      TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    profile TEXT NOT NULL
) STRICT;

-- The newest position of each patrol that ever sent one; version as of that position.
CREATE TABLE patrol_fixes (
    patrol      INTEGER PRIMARY KEY NOT NULL REFERENCES patrols (seq),
    version     INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    lon         REAL NOT NULL,
    lat         REAL NOT NULL,
    heading_deg REAL,
    speed_mps   REAL,
    accuracy_m  REAL,
    mock        INTEGER NOT NULL
) STRICT;

-- All positions, many to a row: what one commit brought, packed (src/server/store/packed.rs).
CREATE TABLE position_batches (
    seq         INTEGER PRIMARY KEY NOT NULL,
    recorded_at INTEGER NOT NULL,
    from_at     INTEGER NOT NULL,
    to_at       INTEGER NOT NULL,
    positions   INTEGER NOT NULL,
    packed      BLOB NOT NULL
) STRICT;
CREATE INDEX position_batches_by_time ON position_batches (from_at, to_at);
