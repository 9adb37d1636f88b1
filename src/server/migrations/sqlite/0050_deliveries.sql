-- What webhooks are told: written with the place up to which events and deadlines have been looked at, so that nothing is
-- lost and nothing is told twice. Times are milliseconds since 1970 (UTC) of the real clock.
CREATE TABLE deliveries (
    seq      INTEGER PRIMARY KEY NOT NULL,
    id       TEXT NOT NULL UNIQUE,
    webhook  TEXT NOT NULL,
    -- What it tells of, such as overdue:ISSUE:DEADLINE.
    subject  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    body     TEXT NOT NULL,
    -- waiting, done or given_up
    state    TEXT NOT NULL,
    made_at  INTEGER NOT NULL,
    next_at  INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    UNIQUE (webhook, subject)
) STRICT;
CREATE INDEX deliveries_waiting ON deliveries (next_at) WHERE state = 'waiting';
CREATE INDEX deliveries_by_webhook ON deliveries (webhook, seq);

-- Each time that one was sent: what was answered, or why nothing was.
CREATE TABLE delivery_attempts (
    delivery INTEGER NOT NULL REFERENCES deliveries (seq),
    attempt  INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    status   INTEGER,
    error    TEXT,
    PRIMARY KEY (delivery, attempt)
) STRICT, WITHOUT ROWID;
