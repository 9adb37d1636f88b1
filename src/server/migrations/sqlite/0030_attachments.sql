-- Photos, by the SHA-256 of their content; the files lie beside the database (src/server/attachments/files.rs).
-- used_by is the first event that named it: what none ever did is removed after a day.
CREATE TABLE attachments (
    hash       TEXT PRIMARY KEY NOT NULL,
    media_type TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    stored_at  INTEGER NOT NULL,
    used_by    INTEGER REFERENCES events (number)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachments_unused ON attachments (stored_at) WHERE used_by IS NULL;
