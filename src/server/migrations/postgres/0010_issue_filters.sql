-- What issues are asked by. A row whose state is NULL is from before this migration: the next start fills it in.
ALTER TABLE issues ADD COLUMN state TEXT;
ALTER TABLE issues ADD COLUMN class TEXT;
ALTER TABLE issues ADD COLUMN urgency TEXT;
ALTER TABLE issues ADD COLUMN source TEXT;
ALTER TABLE issues ADD COLUMN community TEXT;
ALTER TABLE issues ADD COLUMN grid TEXT;
ALTER TABLE issues ADD COLUMN compound TEXT;
ALTER TABLE issues ADD COLUMN department TEXT;
ALTER TABLE issues ADD COLUMN due_at BIGINT;
CREATE INDEX issues_by_state ON issues (state, seq);
CREATE INDEX issues_by_class ON issues (class, seq);
CREATE INDEX issues_by_community ON issues (community, seq);
CREATE INDEX issues_by_grid ON issues (grid, seq);
CREATE INDEX issues_by_compound ON issues (compound, seq);
CREATE INDEX issues_by_department ON issues (department, seq);
CREATE INDEX issues_by_report ON issues (reported_at);
CREATE INDEX issues_by_deadline ON issues (due_at) WHERE closed_at IS NULL AND due_at IS NOT NULL;

-- Title, description and address of each issue as pairs of characters (src/server/store/words.rs).
CREATE TABLE issue_words (
    issue BIGINT PRIMARY KEY NOT NULL REFERENCES issues (seq),
    words TSVECTOR NOT NULL
);
CREATE INDEX issue_words_by_word ON issue_words USING GIN (words);
