-- Photos, by the SHA-256 of their content; the files lie beside the database (src/server/attachments/files.rs).
-- used_by is the first event that named it: what none ever did is removed after a day.
CREATE TABLE attachments (
    hash       TEXT PRIMARY KEY COLLATE "C",
    media_type TEXT NOT NULL,
    bytes      BIGINT NOT NULL,
    width      BIGINT NOT NULL,
    height     BIGINT NOT NULL,
    stored_at  BIGINT NOT NULL,
    used_by    BIGINT REFERENCES events (number)
);
CREATE INDEX attachments_unused ON attachments (stored_at) WHERE used_by IS NULL;
