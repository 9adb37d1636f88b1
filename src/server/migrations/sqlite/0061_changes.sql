-- In which order records were written: each gets the next number of the counter, so that whoever knows one finds what
-- came after it.
ALTER TABLE counter ADD COLUMN last_change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE records ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
UPDATE records SET change = numbered.number
FROM (SELECT kind, id, row_number() OVER (ORDER BY kind, id) AS number FROM records) AS numbered
WHERE numbered.kind = records.kind AND numbered.id = records.id;
UPDATE counter SET last_change = (SELECT count(*) FROM records);
CREATE INDEX records_by_change ON records (change);
