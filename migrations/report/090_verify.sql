-- The database checks itself: every sum that triggers keep is computed again from the rows.

CREATE FUNCTION report.verify()
RETURNS TABLE (check_name text, ok boolean, detail text) LANGUAGE sql STABLE
-- Readers see nothing but this schema; what it recomputes from lies in the others.
SECURITY DEFINER SET search_path = pg_catalog AS $$
WITH fill_sums AS (
    SELECT f.carry_id, count(*) AS fills,
           sum(f.spot_price_pnl) AS spot_price_pnl,
           sum(f.perp_price_pnl) AS perp_price_pnl,
           sum(f.basis_pnl) AS basis_pnl,
           sum(f.directional_pnl) AS directional_pnl,
           sum(f.fee_value) FILTER (WHERE f.market = 'spot') AS spot_fees,
           sum(f.fee_value) FILTER (WHERE f.market = 'perp') AS perp_fees,
           sum(f.fee_value) FILTER (WHERE f.fee_asset NOT IN (c.base, c.quote))
               AS third_asset_fees,
           sum(f.slippage) AS slippage,
           sum(f.fee_value + f.slippage) FILTER (WHERE f.purpose IN ('rebalance', 'hedge'))
               AS rebalance_fees_slippage,
           sum(f.tilt_pnl) AS tilt_pnl,
           max(f.booking) AS last_booking
    FROM book.fill AS f
    JOIN book.carry AS c USING (carry_id)
    GROUP BY f.carry_id
), payment_sums AS (
    SELECT carry_id, count(*) AS payments, sum(amount) AS funding
    FROM book.funding_payment
    GROUP BY carry_id
), settlement_sums AS (
    SELECT carry_id, count(*) AS settlements, sum(rate) AS rate_sum,
           sum(interval_hours) AS funding_hours,
           sum(abs(position_quantity) * mark_price * interval_hours) AS notional_hours
    FROM book.standing_settlement
    GROUP BY carry_id
), expected_total AS (
    SELECT c.carry_id,
           coalesce(f.fills, 0), coalesce(f.spot_price_pnl, 0), coalesce(f.perp_price_pnl, 0),
           coalesce(f.basis_pnl, 0), coalesce(f.directional_pnl, 0), coalesce(f.spot_fees, 0),
           coalesce(f.perp_fees, 0), coalesce(f.third_asset_fees, 0), coalesce(f.slippage, 0),
           coalesce(f.rebalance_fees_slippage, 0), last.filled_at, last.spot_mid::numeric,
           last.perp_mid::numeric, coalesce(last.spot_quantity, 0),
           coalesce(last.perp_quantity, 0), coalesce(last.perp_cost, 0),
           coalesce(p.payments, 0), coalesce(p.funding, 0), coalesce(s.settlements, 0),
           coalesce(s.rate_sum, 0), coalesce(s.funding_hours, 0), coalesce(s.notional_hours, 0),
           coalesce((SELECT sum(amount) FROM book.interest WHERE carry_id = c.carry_id), 0),
           coalesce((SELECT sum(amount) FROM book.adjustment WHERE carry_id = c.carry_id), 0),
           coalesce(f.tilt_pnl, 0)
    FROM book.carry AS c
    LEFT JOIN fill_sums AS f USING (carry_id)
    LEFT JOIN book.fill AS last ON last.carry_id = c.carry_id AND last.booking = f.last_booking
    LEFT JOIN payment_sums AS p ON p.carry_id = c.carry_id
    LEFT JOIN settlement_sums AS s ON s.carry_id = c.carry_id
), expected_daily AS (
    SELECT day, mode, venue, symbol, carry_id, sum(payments)::bigint AS payments,
           sum(amount) AS amount, sum(settlements)::bigint AS settlements,
           sum(notional) AS notional_sum, sum(rate) AS rate_sum, sum(hours) AS hours
    FROM (
        SELECT (settled_at AT TIME ZONE 'UTC')::date AS day, mode::text, venue, symbol, carry_id,
               1 AS payments, amount::numeric, 0 AS settlements, 0::numeric AS notional,
               0::numeric AS rate, 0::numeric AS hours
        FROM book.funding_payment
        UNION ALL
        SELECT (settled_at AT TIME ZONE 'UTC')::date, mode, venue, symbol, carry_id,
               0, 0, 1, abs(position_quantity) * mark_price, rate, interval_hours
        FROM book.standing_settlement
    ) AS row
    GROUP BY day, mode, venue, symbol, carry_id
), posting_sums AS (
    SELECT e.mode::text, e.venue, e.carry_id, p.account, p.asset, sum(p.amount) AS amount
    FROM ledger.posting AS p
    JOIN ledger.entry AS e USING (entry_id)
    GROUP BY e.mode, e.venue, e.carry_id, p.account, p.asset
), fill_step AS (
    SELECT market, symbol, trade_id, spot_price_pnl, perp_price_pnl, basis_pnl, perp_cost,
           perp_quantity,
           spot_mid - lag(spot_mid::numeric) OVER series AS spot_move,
           perp_mid - lag(perp_mid::numeric) OVER series AS perp_move,
           lag(spot_quantity) OVER series AS spot_before,
           lag(perp_quantity) OVER series AS perp_before,
           coalesce(lag(perp_cost) OVER series, 0)
               + CASE WHEN market = 'perp' AND side = 'buy' THEN quantity * price
                      WHEN market = 'perp' THEN -quantity * price
                      ELSE 0 END + realized AS expected_cost
    FROM book.fill
    WHERE carry_id IS NOT NULL
    WINDOW series AS (PARTITION BY carry_id ORDER BY booking)
), broken_link AS (
    -- By the stored hash before it: a changed record breaks its own link, a changed hash the next.
    SELECT seq
    FROM (
        SELECT record.*, lag(hash, 1, '') OVER (ORDER BY seq) AS previous FROM journal.record
    ) AS record
    WHERE hash <> journal.link(previous, seq, run_id, at, kind, version, body)
), problem (check_name, problem) AS (
    SELECT 'journal.sequence', format('%s records numbered %s to %s', count(*), min(seq), max(seq))
    FROM journal.record
    HAVING min(seq) <> 1 OR max(seq) <> count(*)
    UNION ALL
    SELECT 'journal.chain', format('record %s', min(seq))
    FROM broken_link
    HAVING count(*) > 0
    UNION ALL
    SELECT 'ledger.entry_balanced', format('entry %s is off by %s %s', entry_id, sum(amount), asset)
    FROM ledger.posting
    GROUP BY entry_id, asset
    HAVING sum(amount) <> 0
    UNION ALL
    SELECT 'ledger.entry_has_postings', format('entry %s', entry_id)
    FROM ledger.entry LEFT JOIN ledger.posting USING (entry_id)
    GROUP BY entry_id
    HAVING count(line) < 2
    UNION ALL
    SELECT 'ledger.balance', format('%s %s on %s', account, asset, venue)
    FROM ledger.balance AS kept
    FULL JOIN (
        SELECT mode, venue, account, asset, sum(amount) AS amount
        FROM posting_sums
        GROUP BY mode, venue, account, asset
    ) AS expected USING (mode, venue, account, asset)
    WHERE kept.amount IS DISTINCT FROM expected.amount
    UNION ALL
    SELECT 'ledger.carry_balance', format('%s %s of carry %s', account, asset, carry_id)
    FROM ledger.carry_balance AS kept
    FULL JOIN (
        SELECT carry_id, account, asset, sum(amount) AS amount
        FROM posting_sums
        WHERE carry_id IS NOT NULL
        GROUP BY carry_id, account, asset
    ) AS expected USING (carry_id, account, asset)
    WHERE kept.amount IS DISTINCT FROM expected.amount
    UNION ALL
    SELECT 'book.carry_total', format('carry %s', carry_id)
    FROM book.carry_total AS kept
    FULL JOIN expected_total AS expected USING (carry_id)
    WHERE ROW (kept.*) IS DISTINCT FROM ROW (expected.*)
    UNION ALL
    SELECT 'book.funding_daily', format('%s of carry %s', coalesce(kept.day, expected.day),
               coalesce(kept.carry_id, expected.carry_id))
    FROM (
        -- Of a day whose only settlement was corrected to nothing, zeros are left.
        SELECT * FROM book.funding_daily WHERE payments <> 0 OR settlements <> 0 OR hours <> 0
    ) AS kept
    FULL JOIN expected_daily AS expected
        ON (kept.day, kept.mode, kept.venue, kept.symbol, coalesce(kept.carry_id, -1))
         = (expected.day, expected.mode, expected.venue, expected.symbol,
            coalesce(expected.carry_id, -1))
    WHERE ROW (kept.*) IS DISTINCT FROM ROW (expected.*)
    UNION ALL
    SELECT 'book.fill_price_pnl', format('%s %s fill %s', symbol, market, trade_id)
    FROM fill_step
    WHERE spot_price_pnl <> coalesce(spot_before * spot_move, 0)
       OR perp_price_pnl <> coalesce(perp_before * perp_move, 0)
       OR basis_pnl
          <> coalesce(least(spot_before, -perp_before::numeric) * (spot_move - perp_move), 0)
    UNION ALL
    SELECT 'book.fill_perp_cost', format('%s %s fill %s', symbol, market, trade_id)
    FROM fill_step
    -- What a venue rounded off its realised profit is left when the position is closed, and ends in
    -- the carry's `other`.
    WHERE perp_cost <> CASE WHEN perp_quantity = 0 THEN 0 ELSE expected_cost END
    UNION ALL
    SELECT 'book.fill_order_known', format('%s %s fill %s', symbol, market, trade_id)
    FROM book.fill AS f
    WHERE f.client_order_id IS NOT NULL
      -- Run 0 is an emergency, which needs no books and leaves none.
      AND f.client_order_id NOT LIKE 'h0-%'
      AND NOT EXISTS (
          SELECT FROM book.order_intent AS i WHERE i.client_order_id = f.client_order_id)
    UNION ALL
    SELECT 'carry.spot_quantity', format('carry %s: ledger %s, fills %s', carry_id,
               c.spot_quantity, t.spot_quantity)
    FROM report.carry AS c JOIN book.carry_total AS t USING (carry_id)
    WHERE c.state NOT IN ('closed', 'refused') AND c.spot_quantity <> t.spot_quantity
    UNION ALL
    SELECT 'carry.unexplained', format('carry %s: %s', carry_id, unexplained)
    FROM report.carry_pnl
    WHERE unexplained IS DISTINCT FROM 0
)
SELECT name, count(problem) = 0,
       CASE WHEN count(problem) = 0 THEN 'ok'
            ELSE format('%s wrong, first: %s', count(problem), min(problem)) END
FROM unnest(ARRAY[
    'journal.sequence', 'journal.chain', 'ledger.entry_balanced', 'ledger.entry_has_postings',
    'ledger.balance', 'ledger.carry_balance', 'book.carry_total', 'book.funding_daily',
    'book.fill_price_pnl', 'book.fill_perp_cost', 'book.fill_order_known', 'carry.spot_quantity',
    'carry.unexplained'
]) WITH ORDINALITY AS checks (name, position)
LEFT JOIN problem ON problem.check_name = checks.name
GROUP BY name, position
ORDER BY position
$$;
COMMENT ON FUNCTION report.verify() IS
    'One row per check; recomputes every rollup from the rows behind it, so it reads everything';
