-- Small things that are edited: each a JSON text under a kind and an id (src/server/store/records.rs).
CREATE TABLE records (
    kind       TEXT COLLATE "C" NOT NULL,
    id         TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    body       TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);
