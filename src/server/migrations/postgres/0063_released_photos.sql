-- Which photo of which issue walls may show; who released it and who withdrew it is in the audit.
CREATE TABLE released_photos (
    issue       BIGINT NOT NULL REFERENCES issues (seq),
    hash        TEXT NOT NULL REFERENCES attachments (hash),
    released_at BIGINT NOT NULL,
    PRIMARY KEY (issue, hash)
);
CREATE INDEX released_photos_by_hash ON released_photos (hash);
