-- A hedge that is not one to one, and what it earned by that.

ALTER TABLE book.carry ADD COLUMN hedge_ratio unit.positive NOT NULL DEFAULT 1;
COMMENT ON COLUMN book.carry.hedge_ratio IS 'Base units of the perpetual sold per unit of spot';

ALTER TABLE book.fill ADD COLUMN tilt_pnl unit.amount;
COMMENT ON COLUMN book.fill.tilt_pnl IS
    'The share of directional_pnl that the hedge ratio meant, quote, positive = gain; NULL where it is 1';

ALTER TABLE book.carry_total ADD COLUMN tilt_pnl numeric NOT NULL DEFAULT 0;

CREATE FUNCTION book.add_tilt() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    UPDATE book.carry_total AS total
    SET tilt_pnl = total.tilt_pnl + sums.amount
    FROM (
        SELECT carry_id, sum(tilt_pnl) AS amount
        FROM added
        WHERE tilt_pnl IS NOT NULL
        GROUP BY carry_id
    ) AS sums
    WHERE total.carry_id = sums.carry_id;
    RETURN NULL;
END $$;

CREATE TRIGGER rollup_tilt AFTER INSERT ON book.fill
    REFERENCING NEW TABLE AS added EXECUTE FUNCTION book.add_tilt();
