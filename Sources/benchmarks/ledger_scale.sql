-- Fills an empty, migrated database with a large ledger and times the main reports on it.
--
--   psql -d <database> -v carries=100 -v payments=25200 -v fills=12500 -f ledger_scale.sql
--
-- A carry opens one unit of each leg, is paid funding every hour (2 postings each), and every
-- other hour has a fill (4 postings on average) that adds 0.1 to a leg or takes it away again.
-- The defaults give 10 million postings. One transaction per carry; at most 50000 payments and
-- 50000 fills each.

\set ON_ERROR_STOP 1
\if :{?carries}
\else
    \set carries 100
\endif
\if :{?payments}
\else
    \set payments 25200
\endif
\if :{?fills}
\else
    \set fills 12500
\endif

CREATE PROCEDURE pg_temp.load_carry(carry bigint, payments int, fills int)
LANGUAGE plpgsql AS $$
DECLARE
    start         timestamptz := '2023-01-01 00:00Z';
    pair          text := format('C%sUSDT', carry);
    coin          text := format('C%s', carry);
    payment_entry bigint := carry * 100000;
    fill_entry    bigint := carry * 100000 + 50000;
BEGIN
    INSERT INTO book.carry VALUES
        (carry, 'backtest', 'bench', pair, coin, 'USDT', start, 60000, 2, 'policy', 'bench');
    INSERT INTO book.carry_event VALUES (carry, 1, start, 'open', 'bench');

    -- Funding: one unit short, paid what was expected.
    INSERT INTO book.settlement
    SELECT carry, 'backtest', 'bench', pair, start + n * interval '1 hour', 1, 0.0000125, -1,
           60000 + n % 977, (60000 + n % 977) * 0.0000125
    FROM generate_series(1, payments) AS n;

    INSERT INTO book.funding_payment
    SELECT 'bench', n, 'backtest', pair, carry, start + n * interval '1 hour',
           (60000 + n % 977) * 0.0000125, 'USDT', start + n * interval '1 hour'
    FROM generate_series(1, payments) AS n;

    INSERT INTO ledger.entry (entry_id, source_key, at, kind, mode, venue, carry_id)
    SELECT payment_entry + n, format('bench:funding:%s:%s', carry, n),
           start + n * interval '1 hour', 'funding', 'backtest', 'bench', carry
    FROM generate_series(1, payments) AS n;

    INSERT INTO ledger.posting
    SELECT payment_entry + n, line, account, 'USDT', sign * (60000 + n % 977) * 0.0000125
    FROM generate_series(1, payments) AS n,
         (VALUES (1, 'assets:bench:futures', 1), (2, 'income:funding', -1))
             AS lines (line, account, sign);

    -- Fills: odd ones perpetual, even ones spot; each half a unit of price worse than the mid.
    CREATE TEMPORARY TABLE step ON COMMIT DROP AS
    WITH trade AS (
        SELECT n,
               n % 2 = 0 AS spot,
               CASE WHEN n <= 2 THEN 2 * n - 3
                    WHEN n % 4 IN (0, 1) THEN 0.1
                    ELSE -0.1 END AS quantity,
               60000 + n * 7919 % 1000 / 10.0 AS spot_mid,
               60000 + n * 7919 % 1000 / 10.0 + n * 31 % 50 / 10.0 AS perp_mid
        FROM generate_series(1, fills) AS n
    ), priced AS (
        SELECT *,
               CASE WHEN spot THEN spot_mid ELSE perp_mid END + 0.5 * sign(quantity) AS price
        FROM trade
    ), realizing AS (  -- a perpetual buy closes the sell two fills before
        SELECT *,
               CASE WHEN NOT spot AND quantity > 0
                    THEN quantity * (lag(price, 2) OVER (ORDER BY n) - price)
                    ELSE 0 END AS realized
        FROM priced
    ), held AS (
        SELECT *,
               abs(quantity) * price * 0.0001 AS fee,
               coalesce(sum(quantity) FILTER (WHERE spot) OVER series, 0) AS spot_quantity,
               sum(quantity) FILTER (WHERE NOT spot) OVER series AS perp_quantity,
               sum(quantity * price + realized) FILTER (WHERE NOT spot) OVER series AS perp_cost
        FROM realizing
        WINDOW series AS (ORDER BY n)
    )
    SELECT *,
           coalesce(lag(spot_quantity) OVER series, 0) AS spot_before,
           coalesce(lag(perp_quantity) OVER series, 0) AS perp_before,
           coalesce(spot_mid - lag(spot_mid) OVER series, 0) AS spot_move,
           coalesce(perp_mid - lag(perp_mid) OVER series, 0) AS perp_move
    FROM held
    WINDOW series AS (ORDER BY n);

    INSERT INTO book.fill (mode, venue, market, symbol, trade_id, carry_id, filled_at, side,
        quantity, price, fee, fee_asset, fee_value, realized, liquidity, purpose, spot_mid,
        perp_mid, slippage, spot_price_pnl, perp_price_pnl, basis_pnl, directional_pnl,
        spot_quantity, perp_quantity, perp_cost)
    SELECT 'backtest', 'bench', CASE WHEN spot THEN 'spot' ELSE 'perp' END, pair, n, carry,
           start + n * interval '2 hours', CASE WHEN quantity > 0 THEN 'buy' ELSE 'sell' END,
           abs(quantity), price, fee, 'USDT', fee, realized, 'taker',
           CASE WHEN n <= 2 THEN 'open' ELSE 'rebalance' END, spot_mid, perp_mid,
           abs(quantity) * 0.5, spot_before * spot_move, perp_before * perp_move,
           matched * (spot_move - perp_move),
           (spot_before - matched) * spot_move - (-perp_before - matched) * perp_move,
           spot_quantity, perp_quantity, perp_cost
    FROM step
    CROSS JOIN LATERAL (SELECT least(spot_before, -perp_before) AS matched) AS pairs
    ORDER BY n;

    INSERT INTO ledger.entry (entry_id, source_key, at, kind, mode, venue, carry_id)
    SELECT fill_entry + n, format('bench:fill:%s:%s', carry, n), start + n * interval '2 hours',
           'fill', 'backtest', 'bench', carry
    FROM step;

    INSERT INTO ledger.posting
    SELECT fill_entry + n, line, account, asset, amount
    FROM step
    CROSS JOIN LATERAL (VALUES
        (1, spot, 'assets:bench:spot', coin, quantity),
        (2, spot, 'equity:conversion', coin, -quantity),
        (3, spot, 'equity:conversion', 'USDT', quantity * price),
        (4, spot, 'assets:bench:spot', 'USDT', -quantity * price - fee),
        (5, spot, 'expenses:fees:trading', 'USDT', fee),
        (1, NOT spot, 'assets:bench:futures', 'USDT', -fee),
        (2, NOT spot, 'expenses:fees:trading', 'USDT', fee),
        (3, realized <> 0, 'assets:bench:futures', 'USDT', realized),
        (4, realized <> 0, 'income:trading', 'USDT', -realized)
    ) AS lines (line, present, account, asset, amount)
    WHERE present;

    INSERT INTO book.mark VALUES
        ('bench', pair, start + 100000 * interval '1 hour', 60100.5, 60103.25, 60102);
END $$;

SELECT clock_timestamp() AS started \gset
SELECT format('CALL pg_temp.load_carry(%s, %s, %s)', carry, :payments, :fills)
FROM generate_series(1, :carries) AS carry
\gexec
SELECT clock_timestamp() AS loaded \gset
SELECT :'loaded'::timestamptz - :'started'::timestamptz AS load_time;
VACUUM ANALYZE;

SELECT (SELECT count(*) FROM ledger.posting) AS postings,
       (SELECT count(*) FROM ledger.entry) AS entries,
       (SELECT count(*) FROM book.fill) AS fills,
       (SELECT count(*) FROM book.funding_payment) AS payments,
       (SELECT count(*) FROM book.settlement) AS settlements,
       (SELECT count(*) FROM book.funding_daily) AS funding_days,
       pg_size_pretty(pg_database_size(current_database())) AS size;

EXPLAIN (ANALYZE, COSTS OFF) SELECT * FROM report.carry_pnl;
EXPLAIN (ANALYZE, COSTS OFF) SELECT * FROM report.funding_income_daily;
\timing on
SELECT * FROM report.pnl_total;
SELECT * FROM report.verify();
