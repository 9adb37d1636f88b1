-- Which photo of which issue walls may show; who released it and who withdrew it is in the audit.
CREATE TABLE released_photos (
    issue       INTEGER NOT NULL REFERENCES issues (seq),
    hash        TEXT NOT NULL REFERENCES attachments (hash),
    released_at INTEGER NOT NULL,
    PRIMARY KEY (issue, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX released_photos_by_hash ON released_photos (hash);
