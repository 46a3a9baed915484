-- Rollups of schema book: sums per carry and per day, so that no report scans the big tables.
-- Statement-level triggers keep them from the rows a statement added; report.verify() recomputes
-- them. Sums are plain numeric: products and totals may have more places than one amount.

CREATE TABLE book.carry_total (
    carry_id                bigint PRIMARY KEY REFERENCES book.carry,
    -- from book.fill
    fills                   bigint NOT NULL DEFAULT 0,
    spot_price_pnl          numeric NOT NULL DEFAULT 0,
    perp_price_pnl          numeric NOT NULL DEFAULT 0,
    basis_pnl               numeric NOT NULL DEFAULT 0,
    directional_pnl         numeric NOT NULL DEFAULT 0,
    spot_fees               numeric NOT NULL DEFAULT 0,
    perp_fees               numeric NOT NULL DEFAULT 0,
    third_asset_fees        numeric NOT NULL DEFAULT 0,  -- part paid in neither base nor quote
    slippage                numeric NOT NULL DEFAULT 0,
    rebalance_fees_slippage numeric NOT NULL DEFAULT 0,  -- part of purpose rebalance and hedge
    last_filled_at          timestamptz,
    last_spot_mid           numeric,
    last_perp_mid           numeric,
    spot_quantity           numeric NOT NULL DEFAULT 0,
    perp_quantity           numeric NOT NULL DEFAULT 0,
    perp_cost               numeric NOT NULL DEFAULT 0,
    -- from book.funding_payment
    payments                bigint NOT NULL DEFAULT 0,
    funding                 numeric NOT NULL DEFAULT 0,
    -- from book.settlement
    settlements             bigint NOT NULL DEFAULT 0,
    rate_sum                numeric NOT NULL DEFAULT 0,
    funding_hours           numeric NOT NULL DEFAULT 0,
    notional_hours          numeric NOT NULL DEFAULT 0,  -- Σ |position| × mark × hours
    -- from book.interest and book.adjustment
    borrow_interest         numeric NOT NULL DEFAULT 0,
    other                   numeric NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
COMMENT ON TABLE book.carry_total IS
    'Rollup, one row per carry: sums over its fills, payments, settlements, interest and '
    'adjustments, and what it held after its last fill. Quote amounts; fees, slippage and interest '
    'positive = cost, everything else positive = gain';

CREATE TABLE book.funding_daily (
    day          date NOT NULL,              -- UTC, half-open
    mode         unit.mode NOT NULL,
    venue        text NOT NULL,
    symbol       text NOT NULL,
    carry_id     bigint REFERENCES book.carry,
    payments     bigint NOT NULL DEFAULT 0,
    amount       numeric NOT NULL DEFAULT 0,
    settlements  bigint NOT NULL DEFAULT 0,
    notional_sum numeric NOT NULL DEFAULT 0,  -- Σ |position| × mark
    rate_sum     numeric NOT NULL DEFAULT 0,
    hours        numeric NOT NULL DEFAULT 0,
    UNIQUE NULLS NOT DISTINCT (carry_id, day, mode, venue, symbol)
) WITH (fillfactor = 80);
COMMENT ON TABLE book.funding_daily IS
    'Rollup, one row per UTC day and carry: payments (positive = received) and settlements. '
    'Payments that belong to no carry have a row of their own with carry_id NULL';

-- Every carry has its row of totals from the start, so the other triggers only update.
CREATE FUNCTION book.start_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO book.carry_total (carry_id) SELECT carry_id FROM added;
    RETURN NULL;
END $$;

CREATE FUNCTION book.add_fills() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE book.carry_total AS total
    SET fills                   = total.fills + sums.fills,
        spot_price_pnl          = total.spot_price_pnl + sums.spot_price_pnl,
        perp_price_pnl          = total.perp_price_pnl + sums.perp_price_pnl,
        basis_pnl               = total.basis_pnl + sums.basis_pnl,
        directional_pnl         = total.directional_pnl + sums.directional_pnl,
        spot_fees               = total.spot_fees + sums.spot_fees,
        perp_fees               = total.perp_fees + sums.perp_fees,
        third_asset_fees        = total.third_asset_fees + sums.third_asset_fees,
        slippage                = total.slippage + sums.slippage,
        rebalance_fees_slippage = total.rebalance_fees_slippage + sums.rebalance_fees_slippage,
        last_filled_at          = last.filled_at,
        last_spot_mid           = last.spot_mid,
        last_perp_mid           = last.perp_mid,
        spot_quantity           = last.spot_quantity,
        perp_quantity           = last.perp_quantity,
        perp_cost               = last.perp_cost
    FROM (
        SELECT f.carry_id,
               count(*) AS fills,
               sum(f.spot_price_pnl) AS spot_price_pnl,
               sum(f.perp_price_pnl) AS perp_price_pnl,
               sum(f.basis_pnl) AS basis_pnl,
               sum(f.directional_pnl) AS directional_pnl,
               sum(CASE WHEN f.market = 'spot' THEN f.fee_value ELSE 0 END) AS spot_fees,
               sum(CASE WHEN f.market = 'perp' THEN f.fee_value ELSE 0 END) AS perp_fees,
               sum(CASE WHEN f.fee_asset IN (c.base, c.quote) THEN 0 ELSE f.fee_value END)
                   AS third_asset_fees,
               sum(f.slippage) AS slippage,
               sum(CASE WHEN f.purpose IN ('rebalance', 'hedge') THEN f.fee_value + f.slippage
                        ELSE 0 END) AS rebalance_fees_slippage
        FROM added AS f
        JOIN book.carry AS c USING (carry_id)
        GROUP BY f.carry_id
    ) AS sums
    JOIN (
        SELECT DISTINCT ON (carry_id)
               carry_id, filled_at, spot_mid, perp_mid, spot_quantity, perp_quantity, perp_cost
        FROM added
        WHERE carry_id IS NOT NULL
        ORDER BY carry_id, booking DESC
    ) AS last USING (carry_id)
    WHERE total.carry_id = sums.carry_id;
    RETURN NULL;
END $$;

CREATE FUNCTION book.add_funding_payments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE book.carry_total AS total
    SET payments = total.payments + sums.payments,
        funding  = total.funding + sums.amount
    FROM (
        SELECT carry_id, count(*) AS payments, sum(amount) AS amount
        FROM added
        GROUP BY carry_id
    ) AS sums
    WHERE total.carry_id = sums.carry_id;

    INSERT INTO book.funding_daily AS daily (day, mode, venue, symbol, carry_id, payments, amount)
    SELECT (settled_at AT TIME ZONE 'UTC')::date AS day, mode, venue, symbol, carry_id,
           count(*), sum(amount)
    FROM added
    GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (carry_id, day, mode, venue, symbol) DO UPDATE
    SET payments = daily.payments + excluded.payments,
        amount   = daily.amount + excluded.amount;
    RETURN NULL;
END $$;

CREATE FUNCTION book.add_settlements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE book.carry_total AS total
    SET settlements    = total.settlements + sums.settlements,
        rate_sum       = total.rate_sum + sums.rate_sum,
        funding_hours  = total.funding_hours + sums.hours,
        notional_hours = total.notional_hours + sums.notional_hours
    FROM (
        SELECT carry_id, count(*) AS settlements, sum(rate) AS rate_sum,
               sum(interval_hours) AS hours,
               sum(abs(position_quantity) * mark_price * interval_hours) AS notional_hours
        FROM added
        GROUP BY carry_id
    ) AS sums
    WHERE total.carry_id = sums.carry_id;

    INSERT INTO book.funding_daily AS daily
        (day, mode, venue, symbol, carry_id, settlements, notional_sum, rate_sum, hours)
    SELECT (settled_at AT TIME ZONE 'UTC')::date AS day, mode, venue, symbol, carry_id,
           count(*), sum(abs(position_quantity) * mark_price), sum(rate), sum(interval_hours)
    FROM added
    GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (carry_id, day, mode, venue, symbol) DO UPDATE
    SET settlements  = daily.settlements + excluded.settlements,
        notional_sum = daily.notional_sum + excluded.notional_sum,
        rate_sum     = daily.rate_sum + excluded.rate_sum,
        hours        = daily.hours + excluded.hours;
    RETURN NULL;
END $$;

CREATE FUNCTION book.add_interest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE book.carry_total AS total
    SET borrow_interest = total.borrow_interest + sums.amount
    FROM (SELECT carry_id, sum(amount) AS amount FROM added GROUP BY carry_id) AS sums
    WHERE total.carry_id = sums.carry_id;
    RETURN NULL;
END $$;

CREATE FUNCTION book.add_adjustments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE book.carry_total AS total
    SET other = total.other + sums.amount
    FROM (SELECT carry_id, sum(amount) AS amount FROM added GROUP BY carry_id) AS sums
    WHERE total.carry_id = sums.carry_id;
    RETURN NULL;
END $$;

CREATE TRIGGER rollup AFTER INSERT ON book.carry
    REFERENCING NEW TABLE AS added EXECUTE FUNCTION book.start_totals();
CREATE TRIGGER rollup AFTER INSERT ON book.fill
    REFERENCING NEW TABLE AS added EXECUTE FUNCTION book.add_fills();
CREATE TRIGGER rollup AFTER INSERT ON book.funding_payment
    REFERENCING NEW TABLE AS added EXECUTE FUNCTION book.add_funding_payments();
CREATE TRIGGER rollup AFTER INSERT ON book.settlement
    REFERENCING NEW TABLE AS added EXECUTE FUNCTION book.add_settlements();
CREATE TRIGGER rollup AFTER INSERT ON book.interest
    REFERENCING NEW TABLE AS added EXECUTE FUNCTION book.add_interest();
CREATE TRIGGER rollup AFTER INSERT ON book.adjustment
    REFERENCING NEW TABLE AS added EXECUTE FUNCTION book.add_adjustments();

CREATE TRIGGER rollup_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON book.carry_total
    EXECUTE FUNCTION unit.refuse_direct_change();
CREATE TRIGGER rollup_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON book.funding_daily
    EXECUTE FUNCTION unit.refuse_direct_change();
