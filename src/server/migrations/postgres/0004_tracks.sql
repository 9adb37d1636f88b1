-- Where patrols went, by patrol and hour since 1970 (src/server/store/track.rs): what came longer ago than a while is
-- moved here from position_batches, so that one patrol's day is read without everybody else's.
CREATE TABLE tracks (
    patrol    BIGINT NOT NULL REFERENCES patrols (seq),
    hour      BIGINT NOT NULL,
    positions BIGINT NOT NULL,
    thinned   BIGINT NOT NULL,
    coded     BYTEA NOT NULL,
    PRIMARY KEY (patrol, hour)
);
-- What is to be thinned out, and what is to go.
CREATE INDEX tracks_by_age ON tracks (thinned, hour);
