-- When the shift of a person ends of which nobody has been told yet that it has; nothing for vehicles, which have none.
ALTER TABLE patrols ADD COLUMN shift_ends BIGINT;
UPDATE patrols SET shift_ends = floor(extract(epoch FROM (profile::json->'duty'->>'to')::timestamptz)) * 1000
WHERE profile::json->>'kind' <> 'vehicle';
CREATE INDEX patrols_by_shift_end ON patrols (shift_ends) WHERE shift_ends IS NOT NULL;
