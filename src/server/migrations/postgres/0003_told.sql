-- What servers tell each other's screens beside the events of issues: patrols and positions, as the stream has them.
-- Kept for a minute, and not worth a log: after a crash of PostgreSQL nobody waits for them any more.
CREATE UNLOGGED TABLE told (
    seq  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    name TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE INDEX told_by_time ON told (at);
