-- Who may come in, who they are, and what they did. Times are milliseconds since 1970 of the real clock: a scenario
-- clock lets nobody's session end early. Secrets are hashes: argon2 of passwords, SHA-256 of what we made at random.

-- Accounts without anything personal; what is personal stands in the table people.
CREATE TABLE accounts (
    seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    password    TEXT,
    disabled_at BIGINT,
    created_at  BIGINT NOT NULL
);

-- What an account may act as: governance's Post as JSON.
CREATE TABLE posts (
    seq     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    account BIGINT NOT NULL REFERENCES accounts (seq),
    post    TEXT NOT NULL
);
CREATE INDEX posts_by_account ON posts (account);

-- Codes that set a password once.
CREATE TABLE codes (
    account    BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (seq),
    hash       TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY NOT NULL,
    account    BIGINT NOT NULL REFERENCES accounts (seq),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- Tokens of programs and walls; each is one post. Revoked ones stay, so that the audit can be read.
CREATE TABLE tokens (
    id         TEXT PRIMARY KEY NOT NULL,
    hash       TEXT NOT NULL UNIQUE,
    post       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);

-- Personal data, apart from everything else: erased without a trace in any event.
CREATE TABLE people (
    account BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (seq),
    name    TEXT NOT NULL,
    phone   TEXT
);

-- Who reported an issue and how they can be reached, for a purpose and a time.
CREATE TABLE contacts (
    issue      BIGINT PRIMARY KEY NOT NULL REFERENCES issues (seq),
    name       TEXT,
    phone      TEXT,
    email      TEXT,
    words      TEXT,
    purpose    TEXT NOT NULL,
    keep_until BIGINT NOT NULL
);
CREATE INDEX contacts_by_end ON contacts (keep_until);

-- What was done by whom, and who read what is personal. Only ever added to.
CREATE TABLE audit (
    seq     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      BIGINT NOT NULL,
    who     TEXT NOT NULL,
    action  TEXT NOT NULL,
    target  TEXT NOT NULL,
    outcome TEXT NOT NULL
);
CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''the audit is only added to''; END';
CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
