-- That somebody was at a place (走访, 打卡). Never changed.
CREATE TABLE visits (
    seq         INTEGER PRIMARY KEY NOT NULL,
    id          TEXT NOT NULL UNIQUE,
    happened_at INTEGER NOT NULL,
    code        TEXT,
    visit       TEXT NOT NULL
) STRICT;
CREATE INDEX visits_by_time ON visits (happened_at);
CREATE INDEX visits_by_code ON visits (code, happened_at);
