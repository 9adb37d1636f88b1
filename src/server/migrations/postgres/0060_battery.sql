-- How much charge the device had at the newest position, in percent; not known of those from before.
ALTER TABLE patrol_fixes ADD COLUMN battery_percent DOUBLE PRECISION;
