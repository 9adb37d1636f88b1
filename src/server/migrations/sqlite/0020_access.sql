-- Who may come in, who they are, and what they did. Times are milliseconds since 1970 of the real clock: a scenario
-- clock lets nobody's session end early. Secrets are hashes: argon2 of passwords, SHA-256 of what we made at random.

-- Accounts without anything personal; what is personal stands in the table people.
CREATE TABLE accounts (
    seq         INTEGER PRIMARY KEY NOT NULL,
    id          TEXT NOT NULL UNIQUE,
    password    TEXT,
    disabled_at INTEGER,
    created_at  INTEGER NOT NULL
) STRICT;

-- What an account may act as: governance's Post as JSON.
CREATE TABLE posts (
    seq     INTEGER PRIMARY KEY NOT NULL,
    name    TEXT NOT NULL UNIQUE,
    account INTEGER NOT NULL REFERENCES accounts (seq),
    post    TEXT NOT NULL
) STRICT;
CREATE INDEX posts_by_account ON posts (account);

-- Codes that set a password once.
CREATE TABLE codes (
    account    INTEGER PRIMARY KEY NOT NULL REFERENCES accounts (seq),
    hash       TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY NOT NULL,
    account    INTEGER NOT NULL REFERENCES accounts (seq),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_account ON sessions (account);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- Tokens of programs and walls; each is one post. Revoked ones stay, so that the audit can be read.
CREATE TABLE tokens (
    id         TEXT PRIMARY KEY NOT NULL,
    hash       TEXT NOT NULL UNIQUE,
    post       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

-- Personal data, apart from everything else: erased without a trace in any event.
CREATE TABLE people (
    account INTEGER PRIMARY KEY NOT NULL REFERENCES accounts (seq),
    name    TEXT NOT NULL,
    phone   TEXT
) STRICT;

-- Who reported an issue and how they can be reached, for a purpose and a time.
CREATE TABLE contacts (
    issue      INTEGER PRIMARY KEY NOT NULL REFERENCES issues (seq),
    name       TEXT,
    phone      TEXT,
    email      TEXT,
    words      TEXT,
    purpose    TEXT NOT NULL,
    keep_until INTEGER NOT NULL
) STRICT;
CREATE INDEX contacts_by_end ON contacts (keep_until);

-- What was done by whom, and who read what is personal. Only ever added to.
CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY NOT NULL,
    at      INTEGER NOT NULL,
    who     TEXT NOT NULL,
    action  TEXT NOT NULL,
    target  TEXT NOT NULL,
    outcome TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
