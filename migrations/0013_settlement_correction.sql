-- A settlement is booked with the position that was believed in. When a trade before it is heard of
-- later, be it a forced one whose message was lost, the correction says what was there.

CREATE TABLE book.settlement_correction (
    seq               bigint PRIMARY KEY REFERENCES journal.record,
    carry_id          bigint NOT NULL,
    settled_at        timestamptz NOT NULL,
    believed_quantity unit.amount NOT NULL,    -- base, negative = short; what stood until now
    position_quantity unit.amount NOT NULL,    -- zero: nothing was due
    expected_amount   unit.amount NOT NULL,    -- quote, positive = to be received
    FOREIGN KEY (carry_id, settled_at) REFERENCES book.settlement
);
COMMENT ON TABLE book.settlement_correction IS
    'The position a settlement really found, learned from a trade that was heard of after it';
CREATE INDEX ON book.settlement_correction (carry_id, settled_at);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.settlement_correction
    EXECUTE FUNCTION unit.refuse_change();

CREATE VIEW book.standing_settlement AS
SELECT s.carry_id, s.mode, s.venue, s.symbol, s.settled_at, s.interval_hours, s.rate,
       coalesce(c.position_quantity, s.position_quantity) AS position_quantity, s.mark_price,
       coalesce(c.expected_amount, s.expected_amount) AS expected_amount
FROM book.settlement AS s
LEFT JOIN (
    SELECT DISTINCT ON (carry_id, settled_at) carry_id, settled_at, position_quantity,
           expected_amount
    FROM book.settlement_correction
    ORDER BY carry_id, settled_at, seq DESC
) AS c USING (carry_id, settled_at)
WHERE coalesce(c.position_quantity, s.position_quantity) <> 0;
COMMENT ON VIEW book.standing_settlement IS
    'Settlements with what they really found: the newest correction counts, and one that found '
    'nothing is left out';

-- Totals move by the difference; a settlement that found nothing does not count any more.
CREATE FUNCTION book.add_settlement_corrections() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    WITH change AS (
        SELECT s.carry_id, (s.settled_at AT TIME ZONE 'UTC')::date AS day, s.rate, s.interval_hours,
               (added.position_quantity <> 0)::int - (added.believed_quantity <> 0)::int AS number,
               (abs(added.position_quantity) - abs(added.believed_quantity)) * s.mark_price
                   AS notional
        FROM added
        JOIN book.settlement AS s USING (carry_id, settled_at)
    ), totals AS (
        UPDATE book.carry_total AS total
        SET settlements    = total.settlements + sums.settlements,
            rate_sum       = total.rate_sum + sums.rate_sum,
            funding_hours  = total.funding_hours + sums.hours,
            notional_hours = total.notional_hours + sums.notional_hours
        FROM (
            SELECT carry_id, sum(number) AS settlements, sum(number * rate) AS rate_sum,
                   sum(number * interval_hours) AS hours,
                   sum(notional * interval_hours) AS notional_hours
            FROM change
            GROUP BY carry_id
        ) AS sums
        WHERE total.carry_id = sums.carry_id
    )
    UPDATE book.funding_daily AS daily
    SET settlements  = daily.settlements + sums.settlements,
        notional_sum = daily.notional_sum + sums.notional,
        rate_sum     = daily.rate_sum + sums.rate_sum,
        hours        = daily.hours + sums.hours
    FROM (
        SELECT carry_id, day, sum(number) AS settlements, sum(notional) AS notional,
               sum(number * rate) AS rate_sum, sum(number * interval_hours) AS hours
        FROM change
        GROUP BY carry_id, day
    ) AS sums
    WHERE daily.carry_id = sums.carry_id AND daily.day = sums.day;
    RETURN NULL;
END $$;

CREATE TRIGGER rollup AFTER INSERT ON book.settlement_correction
    REFERENCING NEW TABLE AS added EXECUTE FUNCTION book.add_settlement_corrections();
