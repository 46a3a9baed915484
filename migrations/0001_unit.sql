-- Schema unit: the types every other schema builds on, and the two guards of append-only tables.

CREATE SCHEMA unit;
COMMENT ON SCHEMA unit IS 'Exact types with their limits, and the guards of append-only tables';

-- The bound refuses NaN and Infinity, which pass a plain comparison with zero. A fixed
-- numeric(p, s) would round a more precise value without a word; this type refuses it.
-- Zeros after the 18th decimal place change nothing and are accepted.
CREATE DOMAIN unit.amount AS numeric
    CHECK (abs(value) < 1e20 AND min_scale(value) <= 18);
COMMENT ON DOMAIN unit.amount IS
    'Exact finite decimal, |x| < 1e20, at most 18 decimal places; never rounded on the way in';

CREATE DOMAIN unit.positive AS unit.amount CHECK (value > 0);
COMMENT ON DOMAIN unit.positive IS 'An amount above zero: prices, sizes of orders and fills';

CREATE DOMAIN unit.mode AS text CHECK (value IN ('paper', 'live', 'backtest'));
COMMENT ON DOMAIN unit.mode IS 'Where orders go: a simulated exchange, a real one, or a recording';

CREATE DOMAIN unit.market AS text CHECK (value IN ('spot', 'perp'));
COMMENT ON DOMAIN unit.market IS 'The leg of a carry';

CREATE DOMAIN unit.side AS text CHECK (value IN ('buy', 'sell'));
COMMENT ON DOMAIN unit.side IS 'Side of an order or fill, seen from us';

CREATE DOMAIN unit.purpose AS text CHECK (value IN ('open', 'close', 'rebalance', 'hedge'));
COMMENT ON DOMAIN unit.purpose IS 'What an order is for';

-- Guard of an append-only table, for BEFORE UPDATE OR DELETE OR TRUNCATE.
CREATE FUNCTION unit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of %.% is not allowed: rows are never changed or removed',
        tg_op, tg_table_schema, tg_table_name
        USING ERRCODE = 'restrict_violation';
END $$;

-- Guard of a rollup, for BEFORE any change: only another trigger may write it, and never remove.
-- A statement typed by hand runs this guard at depth 1, one inside a trigger at depth 2 or more.
CREATE FUNCTION unit.refuse_direct_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 OR tg_op IN ('DELETE', 'TRUNCATE') THEN
        RAISE EXCEPTION '% of %.% is not allowed: triggers keep this rollup',
            tg_op, tg_table_schema, tg_table_name
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
