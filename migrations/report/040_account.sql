-- The account as a whole: equity per day, balances of the books, disagreements with the venue.

-- A sample at midnight closes the day before it.
CREATE VIEW report.equity_daily AS
WITH daily AS (
    SELECT DISTINCT ON (mode, venue, asset, day) mode, venue, asset, day, equity
    FROM book.equity
    CROSS JOIN LATERAL (
        SELECT ((at - interval '1 microsecond') AT TIME ZONE 'UTC')::date AS day
    ) AS utc
    ORDER BY mode, venue, asset, day, at DESC
), change AS (
    SELECT day, mode, venue, asset, equity,
           equity - lag(equity) OVER series AS change,
           coalesce(lag(day) OVER series, day - 1) AS previous_day
    FROM daily
    WINDOW series AS (PARTITION BY mode, venue, asset ORDER BY day)
)
SELECT change.day, change.mode, change.venue, change.asset,
       change.equity::numeric AS equity,
       change.change,
       flow.amount AS external_flow
FROM change
CROSS JOIN LATERAL (
    SELECT coalesce(-sum(p.amount), 0) AS amount
    FROM ledger.entry AS e
    JOIN ledger.posting AS p USING (entry_id)
    WHERE e.kind IN ('deposit', 'withdrawal', 'adjustment')
      AND e.mode = change.mode AND e.venue = change.venue
      AND e.at >= (change.previous_day + 1)::timestamp AT TIME ZONE 'UTC'
      AND e.at < (change.day + 1)::timestamp AT TIME ZONE 'UTC'
      AND p.account IN ('equity:opening', 'equity:adjustments') AND p.asset = change.asset
) AS flow;
COMMENT ON VIEW report.equity_daily IS
    'Equity at the end of each UTC day in units of asset, its change since the row before, and '
    'how much of that came from outside: deposits positive, withdrawals negative, differences that '
    'an operator adopted';

CREATE VIEW report.balance AS
SELECT mode, venue, account, asset, amount
FROM ledger.balance
WHERE amount <> 0;
COMMENT ON VIEW report.balance IS
    'Balance of every account in units of asset, debit positive; empty accounts left out';

CREATE VIEW report.reconciliation_break AS
SELECT b.detected_at, b.venue, b.kind, b.asset_or_symbol,
       b.books::numeric AS books,
       b.venue_value::numeric AS venue_value,
       b.difference::numeric AS difference,
       r.resolved_at, r.resolution, b.break_id
FROM book.reconciliation_break AS b
LEFT JOIN book.reconciliation_resolution AS r USING (break_id);
COMMENT ON VIEW report.reconciliation_break IS
    'Every difference ever found between venue and books (venue − books), and how it ended';

CREATE VIEW report.posting AS
SELECT e.entry_id, p.line, e.at, e.kind, e.mode, e.venue, e.source_key, e.carry_id, p.account,
       p.asset, p.amount::numeric AS amount
FROM ledger.entry AS e
JOIN ledger.posting AS p USING (entry_id);
COMMENT ON VIEW report.posting IS
    'Every line of every entry of the ledger: amount in units of asset, debit positive';

CREATE VIEW report.mark AS
SELECT venue, symbol, at,
       spot_mid::numeric AS spot_mid,
       perp_mid::numeric AS perp_mid,
       mark_price::numeric AS mark_price,
       liquidation_price::numeric AS liquidation_price
FROM book.mark;
COMMENT ON VIEW report.mark IS 'Sampled prices by which open carries are valued, quote per base';

CREATE VIEW report.comparison AS
SELECT at, venue, differences FROM book.comparison;
COMMENT ON VIEW report.comparison IS
    'Every completed comparison of an account with the books, and how many differences stood then';
