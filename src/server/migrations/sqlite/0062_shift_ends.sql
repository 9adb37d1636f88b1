-- When the shift of a person ends of which nobody has been told yet that it has; nothing for vehicles, which have none.
ALTER TABLE patrols ADD COLUMN shift_ends INTEGER;
UPDATE patrols SET shift_ends = CAST(strftime('%s', json_extract(profile, '$.duty.to')) AS INTEGER) * 1000
WHERE json_extract(profile, '$.kind') <> 'vehicle';
CREATE INDEX patrols_by_shift_end ON patrols (shift_ends) WHERE shift_ends IS NOT NULL;
