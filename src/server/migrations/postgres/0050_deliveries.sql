-- What webhooks are told: written with the place up to which events and deadlines have been looked at, so that nothing is
-- lost and nothing is told twice. Times are milliseconds since 1970 (UTC) of the real clock.
CREATE TABLE deliveries (
    seq      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    webhook  TEXT NOT NULL,
    -- What it tells of, such as overdue:ISSUE:DEADLINE.
    subject  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    body     TEXT NOT NULL,
    -- waiting, done or given_up
    state    TEXT NOT NULL,
    made_at  BIGINT NOT NULL,
    next_at  BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    UNIQUE (webhook, subject)
);
CREATE INDEX deliveries_waiting ON deliveries (next_at) WHERE state = 'waiting';
CREATE INDEX deliveries_by_webhook ON deliveries (webhook, seq);

-- Each time that one was sent: what was answered, or why nothing was.
CREATE TABLE delivery_attempts (
    delivery BIGINT NOT NULL REFERENCES deliveries (seq),
    attempt  BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    status   BIGINT,
    error    TEXT,
    PRIMARY KEY (delivery, attempt)
);
