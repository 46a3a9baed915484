-- Carries and their profit. Amounts in the quote asset of the carry, quantities in base units.

CREATE VIEW report.carry_holding AS
SELECT carry_id, asset, sum(amount) AS amount
FROM ledger.carry_balance
WHERE account LIKE 'assets:%' AND account NOT LIKE 'assets:%:dust'
GROUP BY carry_id, asset;
COMMENT ON VIEW report.carry_holding IS
    'What the books say each carry holds, per asset, in units of the asset; without the dust it '
    'left behind. Quote is the cash it took in (positive) or spent (negative)';

CREATE VIEW report.carry AS
SELECT c.carry_id, c.mode, c.venue, c.symbol, c.base, c.quote,
       coalesce(current.state, 'opening') AS state,
       history.opened_at,
       history.closed_at,
       c.target_notional::numeric AS target_notional,
       coalesce(holding.amount, 0) AS spot_quantity,
       t.perp_quantity,
       coalesce(holding.amount, 0) + t.perp_quantity AS delta,
       c.open_reason,
       history.close_reason
FROM book.carry AS c
JOIN book.carry_total AS t USING (carry_id)
LEFT JOIN report.carry_holding AS holding
    ON holding.carry_id = c.carry_id AND holding.asset = c.base
LEFT JOIN LATERAL (
    SELECT state
    FROM book.carry_event
    WHERE carry_id = c.carry_id
    ORDER BY seq DESC
    LIMIT 1
) AS current ON true
CROSS JOIN LATERAL (
    SELECT coalesce(min(at) FILTER (WHERE state = 'open'),
                    min(at) FILTER (WHERE state = 'opening')) AS opened_at,
           max(at) FILTER (WHERE state IN ('closed', 'refused')) AS closed_at,
           coalesce((array_agg(reason ORDER BY seq DESC) FILTER (WHERE state = 'closing'))[1],
                    (array_agg(reason ORDER BY seq DESC)
                         FILTER (WHERE state IN ('closed', 'refused')))[1]) AS close_reason
    FROM book.carry_event
    WHERE carry_id = c.carry_id
) AS history;
COMMENT ON VIEW report.carry IS
    'Every carry: state, times, holdings in base units (short negative). delta = spot + perpetual. '
    'opened_at is the first time it was open, or else the first time it was opening';

-- Between the last fill and the newest mark an open carry earned one more segment of price P&L;
-- a closed one, and one without a newer mark, is valued at the mids of its last fill.
CREATE VIEW report.carry_pnl AS
SELECT c.carry_id, c.mode, c.venue, c.symbol, c.state, c.opened_at, c.closed_at,
       t.funding,
       price.basis_pnl,
       price.directional_pnl,
       price.spot_price_pnl,
       price.perp_price_pnl,
       t.spot_fees,
       t.perp_fees,
       t.slippage,
       t.borrow_interest,
       t.other,
       result.total,
       result.equity_change,
       result.equity_change - result.total AS unexplained,
       t.rebalance_fees_slippage AS rebalance_cost,
       capital.deployed AS deployed_capital,
       -- A few hours say nothing about a year.
       CASE WHEN held.days >= 1 THEN result.total / capital.deployed * 365 / held.days END
           AS return_on_capital_annualized,
       t.rate_sum * 8760 / nullif(t.funding_hours, 0) AS realized_funding_annualized,
       t.tilt_pnl + tilt.quantity * CASE WHEN tilt.quantity < 0 THEN segment.perp_move
                                         ELSE segment.spot_move END AS tilt_pnl
FROM report.carry AS c
JOIN book.carry AS plan USING (carry_id)
JOIN book.carry_total AS t USING (carry_id)
LEFT JOIN report.carry_holding AS cash
    ON cash.carry_id = c.carry_id AND cash.asset = c.quote
LEFT JOIN LATERAL (
    SELECT at, spot_mid, perp_mid
    FROM book.mark
    WHERE venue = c.venue AND symbol = c.symbol
    ORDER BY at DESC
    LIMIT 1
) AS mark ON c.state NOT IN ('closed', 'refused') AND mark.at > t.last_filled_at
CROSS JOIN LATERAL (
    SELECT coalesce(mark.spot_mid, t.last_spot_mid, 0) AS spot_mid,
           coalesce(mark.perp_mid, t.last_perp_mid, 0) AS perp_mid
) AS value
CROSS JOIN LATERAL (
    SELECT value.spot_mid - coalesce(t.last_spot_mid, 0) AS spot_move,
           value.perp_mid - coalesce(t.last_perp_mid, 0) AS perp_move,
           least(t.spot_quantity, -t.perp_quantity) AS matched
) AS segment
CROSS JOIN LATERAL (
    SELECT t.perp_quantity - t.perp_quantity / plan.hedge_ratio AS quantity
) AS tilt
CROSS JOIN LATERAL (
    SELECT t.basis_pnl + segment.matched * (segment.spot_move - segment.perp_move) AS basis_pnl,
           t.directional_pnl + (t.spot_quantity - segment.matched) * segment.spot_move
               - (-t.perp_quantity - segment.matched) * segment.perp_move AS directional_pnl,
           t.spot_price_pnl + t.spot_quantity * segment.spot_move AS spot_price_pnl,
           t.perp_price_pnl + t.perp_quantity * segment.perp_move AS perp_price_pnl
) AS price
CROSS JOIN LATERAL (
    SELECT t.funding + price.basis_pnl + price.directional_pnl - t.spot_fees - t.perp_fees
               - t.slippage - t.borrow_interest + t.other AS total,
           coalesce(cash.amount, 0) + c.spot_quantity * value.spot_mid
               + t.perp_quantity * value.perp_mid - t.perp_cost
               - t.third_asset_fees AS equity_change
) AS result
CROSS JOIN LATERAL (
    SELECT plan.target_notional + plan.target_notional / plan.leverage AS deployed
) AS capital
CROSS JOIN LATERAL (
    SELECT extract(epoch FROM coalesce(c.closed_at, mark.at, t.last_filled_at) - c.opened_at)
               / 86400 AS days
) AS held;
COMMENT ON VIEW report.carry_pnl IS
    'Profit of every carry by cause, in quote. Fees, slippage and interest positive = cost; the '
    'rest positive = gain. equity_change comes from the ledger alone, plus the unrealised P&L of '
    'the perpetual and less fees paid in a third asset; unexplained = equity_change − total is 0. '
    'deployed_capital = target notional + margin (target notional / leverage), as planned; rates '
    'are simple, per 365 days, and NULL for a carry younger than a day. tilt_pnl is the share of '
    'directional_pnl that a hedge ratio other than one meant, not added again';

CREATE VIEW report.pnl_total AS
SELECT p.mode, p.venue, c.quote,
       count(*) AS carries,
       sum(p.funding) AS funding,
       sum(p.basis_pnl) AS basis_pnl,
       sum(p.directional_pnl) AS directional_pnl,
       sum(p.spot_price_pnl) AS spot_price_pnl,
       sum(p.perp_price_pnl) AS perp_price_pnl,
       sum(p.spot_fees) AS spot_fees,
       sum(p.perp_fees) AS perp_fees,
       sum(p.slippage) AS slippage,
       sum(p.borrow_interest) AS borrow_interest,
       sum(p.other) AS other,
       sum(p.total) AS total,
       sum(p.equity_change) AS equity_change,
       sum(p.unexplained) AS unexplained,
       sum(p.rebalance_cost) AS rebalance_cost,
       dust.value AS dust
FROM report.carry_pnl AS p
JOIN book.carry AS c USING (carry_id)
-- What closed carries left behind was written off in them; the account still has it.
CROSS JOIN LATERAL (
    SELECT coalesce(sum(b.amount * mark.spot_mid), 0) AS value
    FROM ledger.balance AS b
    JOIN LATERAL (
        SELECT m.spot_mid
        FROM book.mark AS m
        JOIN book.carry AS owner ON owner.venue = m.venue AND owner.symbol = m.symbol
        WHERE owner.base = b.asset AND owner.quote = c.quote AND m.venue = b.venue
        ORDER BY m.at DESC
        LIMIT 1
    ) AS mark ON true
    WHERE b.mode = p.mode AND b.venue = p.venue AND b.account LIKE 'assets:%:dust'
) AS dust
GROUP BY p.mode, p.venue, c.quote, dust.value;
COMMENT ON VIEW report.pnl_total IS
    'Sums of report.carry_pnl over all carries of a mode, venue and quote asset; same signs';

CREATE VIEW report.status AS
SELECT c.carry_id, c.mode, c.venue, c.symbol, c.state, c.opened_at,
       extract(epoch FROM greatest(mark.at, t.last_filled_at) - c.opened_at) / 86400 AS days_held,
       c.spot_quantity, c.perp_quantity, c.delta,
       mark.at AS marked_at,
       mark.spot_mid::numeric AS spot_mid,
       mark.perp_mid::numeric AS perp_mid,
       mark.mark_price::numeric AS mark_price,
       mark.liquidation_price::numeric AS liquidation_price,
       mark.liquidation_price / mark.mark_price - 1 AS margin_distance,
       p.funding AS received_funding,
       accrued.amount AS accrued_funding,
       p.spot_fees + p.perp_fees AS fees,
       p.slippage,
       p.total,
       p.spot_fees + p.perp_fees + p.slippage - p.funding AS break_even_remaining,
       CASE WHEN last.expected_amount > 0 THEN
           greatest(0, ceil((p.spot_fees + p.perp_fees + p.slippage - p.funding)
                            / last.expected_amount))
       END AS break_even_settlements,
       decision.at AS decided_at,
       decision.action,
       decision.reason
FROM report.carry AS c
JOIN report.carry_pnl AS p USING (carry_id)
JOIN book.carry_total AS t USING (carry_id)
LEFT JOIN LATERAL (
    SELECT at, spot_mid, perp_mid, mark_price, liquidation_price
    FROM book.mark
    WHERE venue = c.venue AND symbol = c.symbol
    ORDER BY at DESC
    LIMIT 1
) AS mark ON true
LEFT JOIN LATERAL (
    SELECT settled_at, interval_hours, rate, expected_amount
    FROM book.standing_settlement
    WHERE carry_id = c.carry_id
    ORDER BY settled_at DESC
    LIMIT 1
) AS last ON true
-- An estimate: the last settled rate for the part of the interval that has passed.
LEFT JOIN LATERAL (
    SELECT -c.perp_quantity * mark.mark_price * last.rate
               * least(1, extract(epoch FROM mark.at - last.settled_at)
                          / (3600 * last.interval_hours)) AS amount
) AS accrued ON true
LEFT JOIN LATERAL (
    SELECT at, action, reason
    FROM book.decision
    WHERE carry_id = c.carry_id
    ORDER BY seq DESC
    LIMIT 1
) AS decision ON true
WHERE c.state NOT IN ('closed', 'refused');
COMMENT ON VIEW report.status IS
    'One row per carry not yet closed: newest marks, funding received, costs so far (positive), '
    'what is still to be earned before it breaks even, and the last decision about it. In quote';

-- What a bad day is played against: see harvester stress.
CREATE VIEW report.short AS
SELECT s.carry_id, s.venue, s.symbol,
       -s.perp_quantity AS quantity,
       round(t.perp_cost / s.perp_quantity, 8) AS entry,
       coalesce(s.spot_mid, t.last_spot_mid) AS spot_mid,
       coalesce(s.perp_mid, t.last_perp_mid) AS perp_mid,
       last.rate::numeric AS rate,
       last.interval_hours
FROM report.status AS s
JOIN book.carry_total AS t USING (carry_id)
LEFT JOIN LATERAL (
    SELECT rate, interval_hours
    FROM book.standing_settlement
    WHERE carry_id = s.carry_id
    ORDER BY settled_at DESC
    LIMIT 1
) AS last ON true
WHERE s.perp_quantity < 0;
COMMENT ON VIEW report.short IS
    'Every short that is held: base units, what it was sold for on average, the newest mids, and the '
    'newest settled rate with the hours of its interval; both NULL before the first settlement';

CREATE VIEW report.plan AS
SELECT plan_id, at, venue, symbol, body
FROM control.plan;
COMMENT ON VIEW report.plan IS 'Every plan that was made, with all that it said';
