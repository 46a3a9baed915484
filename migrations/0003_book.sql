-- Schema book: the facts of trading in typed columns, one table per kind of fact.
-- A carry is one pair: long spot, short perpetual of the same base asset. Quantities are in base
-- units (contracts × contract size), amounts in the quote asset unless an asset column says
-- otherwise. In one transaction the row of book.carry comes before everything that names it.

CREATE SCHEMA book;
COMMENT ON SCHEMA book IS
    'Facts of trading in typed columns: carries, orders, fills, funding, marks';

-- Carries ----------------------------------------------------------------------------------------

CREATE TABLE book.carry (
    carry_id        bigint PRIMARY KEY,
    mode            unit.mode NOT NULL,
    venue           text NOT NULL,
    symbol          text NOT NULL,
    base            text NOT NULL,
    quote           text NOT NULL CHECK (quote <> base),
    planned_at      timestamptz NOT NULL,
    target_notional unit.positive NOT NULL,  -- quote, of one leg
    leverage        unit.positive NOT NULL,  -- of the perpetual leg
    origin          text NOT NULL CHECK (origin IN ('policy', 'command')),
    open_reason     text NOT NULL
);
COMMENT ON TABLE book.carry IS 'One row per carry, written when it is planned; notional in quote';

CREATE TABLE book.carry_event (
    carry_id bigint NOT NULL REFERENCES book.carry,
    seq      bigint NOT NULL,
    at       timestamptz NOT NULL,
    state    text NOT NULL
        CHECK (state IN ('opening', 'open', 'rebalancing', 'closing', 'closed', 'refused')),
    reason   text,
    PRIMARY KEY (carry_id, seq)
);
COMMENT ON TABLE book.carry_event IS
    'Changes of state of a carry; the one with the highest seq is its current state';

-- Orders and fills -------------------------------------------------------------------------------

CREATE TABLE book.order_intent (
    client_order_id text PRIMARY KEY,
    carry_id        bigint NOT NULL REFERENCES book.carry,
    market          unit.market NOT NULL,
    venue           text NOT NULL,
    symbol          text NOT NULL,
    side            unit.side NOT NULL,
    quantity        unit.positive NOT NULL,  -- base
    limit_price     unit.positive,           -- NULL for a market order
    reduce_only     boolean NOT NULL,
    purpose         unit.purpose NOT NULL,
    decision_mid    unit.positive NOT NULL,  -- mid of this market when it was decided
    spot_mid        unit.positive NOT NULL,
    perp_mid        unit.positive NOT NULL,
    intended_at     timestamptz NOT NULL,
    deadline        timestamptz NOT NULL     -- the venue must refuse the order after this time
);
COMMENT ON TABLE book.order_intent IS
    'Every order before it is sent; quantity in base units, prices in quote per base';

CREATE INDEX ON book.order_intent (carry_id);

CREATE TABLE book.order_ack (
    client_order_id text PRIMARY KEY REFERENCES book.order_intent,
    venue_order_id  text NOT NULL,
    accepted_at     timestamptz NOT NULL
);
COMMENT ON TABLE book.order_ack IS 'The venue took the order and gave it a number of its own';

CREATE TABLE book.order_end (
    client_order_id text PRIMARY KEY REFERENCES book.order_intent,
    outcome         text NOT NULL
        CHECK (outcome IN ('filled', 'cancelled', 'refused', 'expired', 'voided')),
    filled_quantity unit.amount NOT NULL CHECK (filled_quantity >= 0),
    reason          text,
    finished_at     timestamptz NOT NULL
);
COMMENT ON TABLE book.order_end IS
    'How an order ended; voided: it was never sent and no longer can be. Quantity in base units';

-- A fill that belongs to no carry has no attribution: those columns are NULL together.
-- The order is not a foreign key: a fill reported by the venue is booked in any case, and
-- report.verify() names fills without a known order.
CREATE TABLE book.fill (
    mode             unit.mode NOT NULL,
    venue            text NOT NULL,
    market           unit.market NOT NULL,
    symbol           text NOT NULL,
    trade_id         text NOT NULL,
    carry_id         bigint REFERENCES book.carry,
    client_order_id  text,                    -- NULL: not by an order of ours, e.g. a liquidation
    venue_order_id   text,
    filled_at        timestamptz NOT NULL,
    side             unit.side NOT NULL,
    quantity         unit.positive NOT NULL,  -- base, before a fee taken in base
    price            unit.positive NOT NULL,
    fee              unit.amount NOT NULL,    -- fee_asset, positive = paid
    fee_asset        text NOT NULL,
    fee_value        unit.amount NOT NULL,    -- quote, at the mid of this fill
    realized         unit.amount NOT NULL,    -- quote, booked by the venue; perpetual only
    liquidity        text NOT NULL CHECK (liquidity IN ('maker', 'taker')),
    purpose          unit.purpose,
    cause            text,
    spot_mid         unit.positive,
    perp_mid         unit.positive,
    slippage         unit.amount,             -- quote, quantity × (price − mid), positive = cost
    -- Earned since the previous fill of this carry by what it held in between, in quote:
    spot_price_pnl   unit.amount,
    perp_price_pnl   unit.amount,
    basis_pnl        unit.amount,
    directional_pnl  unit.amount,
    -- Held by this carry after the fill:
    spot_quantity    unit.amount,             -- base, net of fees taken in base
    perp_quantity    unit.amount,             -- base, negative = short
    perp_cost        unit.amount,             -- quote, Σ price × signed quantity still open
    booking          bigint GENERATED ALWAYS AS IDENTITY,  -- order of booking
    PRIMARY KEY (venue, market, symbol, trade_id),
    CONSTRAINT attributed CHECK (
        carry_id IS NULL OR num_nulls(purpose, spot_mid, perp_mid, slippage, spot_price_pnl,
            perp_price_pnl, basis_pnl, directional_pnl, spot_quantity, perp_quantity,
            perp_cost) = 0),
    CONSTRAINT price_pnl_split CHECK (
        basis_pnl + directional_pnl = spot_price_pnl + perp_price_pnl),
    CONSTRAINT spot_realizes_nothing CHECK (market = 'perp' OR realized = 0)
);
COMMENT ON TABLE book.fill IS
    'Every execution with both mids, its costs (positive = cost) and the price P&L since the '
    'previous fill of the carry; quantities in base units, amounts in quote except fee';

CREATE INDEX ON book.fill (carry_id, booking);
CREATE INDEX ON book.fill (client_order_id);

-- Funding ----------------------------------------------------------------------------------------

CREATE TABLE book.settlement (
    carry_id          bigint NOT NULL REFERENCES book.carry,
    mode              unit.mode NOT NULL,
    venue             text NOT NULL,
    symbol            text NOT NULL,
    settled_at        timestamptz NOT NULL,
    interval_hours    smallint NOT NULL CHECK (interval_hours > 0),
    rate              unit.amount NOT NULL,    -- for the interval; positive = longs pay shorts
    position_quantity unit.amount NOT NULL,    -- base, negative = short
    mark_price        unit.positive NOT NULL,
    expected_amount   unit.amount NOT NULL,    -- quote, positive = to be received
    PRIMARY KEY (carry_id, settled_at)
);
COMMENT ON TABLE book.settlement IS
    'A funding settlement that found the carry with a perpetual position, and what it should pay';

CREATE TABLE book.funding_payment (
    venue            text NOT NULL,
    venue_payment_id text NOT NULL,
    mode             unit.mode NOT NULL,
    symbol           text NOT NULL,
    carry_id         bigint REFERENCES book.carry,  -- NULL: belongs to no carry we know
    settled_at       timestamptz NOT NULL,
    amount           unit.amount NOT NULL,          -- of asset, positive = received
    asset            text NOT NULL,
    booked_at        timestamptz NOT NULL,
    PRIMARY KEY (venue, symbol, venue_payment_id)
);
COMMENT ON TABLE book.funding_payment IS
    'A funding payment as the venue reports it, positive = received';

CREATE INDEX ON book.funding_payment (carry_id, settled_at);

-- Other parts of the P&L -------------------------------------------------------------------------

CREATE TABLE book.interest (
    carry_id bigint NOT NULL REFERENCES book.carry,
    at       timestamptz NOT NULL,
    amount   unit.amount NOT NULL,  -- positive = cost
    asset    text NOT NULL,
    PRIMARY KEY (carry_id, at)
);
COMMENT ON TABLE book.interest IS 'Interest on borrowed quote, positive = cost';

CREATE TABLE book.adjustment (
    seq      bigint PRIMARY KEY REFERENCES journal.record,
    carry_id bigint NOT NULL REFERENCES book.carry,
    at       timestamptz NOT NULL,
    amount   unit.amount NOT NULL,  -- quote, positive = received
    reason   text NOT NULL
);
COMMENT ON TABLE book.adjustment IS
    'Anything else that changed the equity of a carry, in quote, positive = received; dust left '
    'behind is valued at the spot mid of the last fill';

-- What the strategy did and why ------------------------------------------------------------------

CREATE TABLE book.rebalance (
    seq      bigint PRIMARY KEY REFERENCES journal.record,
    carry_id     bigint NOT NULL REFERENCES book.carry,
    mode         unit.mode NOT NULL,
    at           timestamptz NOT NULL,
    reason       text NOT NULL,
    delta_before unit.amount NOT NULL,   -- base, spot + perpetual
    delta_after  unit.amount NOT NULL,
    market       unit.market NOT NULL,
    quantity     unit.amount NOT NULL,   -- base
    fees         unit.amount NOT NULL,   -- quote, positive = cost
    slippage     unit.amount NOT NULL   -- quote, positive = cost
);
COMMENT ON TABLE book.rebalance IS
    'A correction of delta, written when it is complete; fees and slippage in quote, cost positive';

CREATE TABLE book.exposure (
    seq      bigint PRIMARY KEY REFERENCES journal.record,
    carry_id               bigint NOT NULL REFERENCES book.carry,
    window_opened_at       timestamptz NOT NULL,
    window_closed_at       timestamptz NOT NULL CHECK (window_closed_at >= window_opened_at),
    reason                 text NOT NULL,
    peak_delta_notional    unit.amount NOT NULL CHECK (peak_delta_notional >= 0),
    naked_notional_seconds unit.amount NOT NULL CHECK (naked_notional_seconds >= 0)
);
COMMENT ON TABLE book.exposure IS
    'A time during which one leg stood without the other, written when it ends; '
    'peak in quote, integral in quote × seconds';

CREATE TABLE book.decision (
    seq            bigint PRIMARY KEY REFERENCES journal.record,
    at             timestamptz NOT NULL,
    carry_id       bigint,                 -- not a foreign key: may name a carry never planned
    venue          text NOT NULL,
    symbol         text NOT NULL,
    action         text NOT NULL,
    reason         text NOT NULL,
    inputs         jsonb NOT NULL,
    policy_version text NOT NULL
);
COMMENT ON TABLE book.decision IS
    'What was decided and why; inputs holds every gate with its value and threshold';

CREATE INDEX ON book.decision (carry_id, seq);
CREATE INDEX ON book.decision (symbol, seq);

-- Values -----------------------------------------------------------------------------------------

CREATE TABLE book.mark (
    venue      text NOT NULL,
    symbol     text NOT NULL,
    at         timestamptz NOT NULL,
    spot_mid   unit.positive NOT NULL,
    perp_mid   unit.positive NOT NULL,
    mark_price unit.positive NOT NULL,
    liquidation_price unit.positive,  -- mark at which our short would be liquidated; NULL if none
    PRIMARY KEY (venue, symbol, at)
);
COMMENT ON TABLE book.mark IS
    'Sampled prices, quote per base; the newest one of a symbol values its open carries';

CREATE TABLE book.equity (
    mode   unit.mode NOT NULL,
    venue  text NOT NULL,
    asset  text NOT NULL,
    at     timestamptz NOT NULL,
    equity unit.amount NOT NULL,
    PRIMARY KEY (mode, venue, asset, at)
);
COMMENT ON TABLE book.equity IS
    'Value of the whole account in asset, at UTC midnights and at the end of a run';

CREATE TABLE book.reconciliation_break (
    break_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    detected_at     timestamptz NOT NULL,
    venue           text NOT NULL,
    kind            text NOT NULL,
    asset_or_symbol text NOT NULL,
    books           unit.amount NOT NULL,
    venue_value     unit.amount NOT NULL,
    difference      unit.amount NOT NULL CHECK (difference = venue_value - books)
);
COMMENT ON TABLE book.reconciliation_break IS
    'The venue and the books disagree; difference = venue_value − books, in units of the asset';

CREATE TABLE book.reconciliation_resolution (
    break_id    bigint PRIMARY KEY REFERENCES book.reconciliation_break,
    resolved_at timestamptz NOT NULL,
    resolution  text NOT NULL
);
COMMENT ON TABLE book.reconciliation_resolution IS 'How a reconciliation break was settled';

-- Guards -----------------------------------------------------------------------------------------

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.carry
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.carry_event
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.order_intent
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.order_ack
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.order_end
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.fill
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.settlement
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.funding_payment
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.interest
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.adjustment
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.rebalance
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.exposure
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.decision
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.mark
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.equity
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.reconciliation_break
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.reconciliation_resolution
    EXECUTE FUNCTION unit.refuse_change();
