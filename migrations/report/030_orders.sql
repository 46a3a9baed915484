-- Orders, fills and what became of delta. Quantities in base units, prices in quote per base.

CREATE VIEW report.leg_fill AS
SELECT carry_id, mode, venue, symbol, market, filled_at, side,
       quantity::numeric AS quantity,
       price::numeric AS price,
       fee::numeric AS fee,
       fee_asset, liquidity, purpose,
       spot_mid::numeric AS spot_mid,
       perp_mid::numeric AS perp_mid,
       client_order_id, venue_order_id, trade_id
FROM book.fill;
COMMENT ON VIEW report.leg_fill IS
    'Every fill of either leg with both mids at that moment; fee in fee_asset, positive = paid';

CREATE VIEW report.rebalance AS
SELECT carry_id, mode, at, reason,
       delta_before::numeric AS delta_before,
       delta_after::numeric AS delta_after,
       market,
       quantity::numeric AS quantity,
       fees::numeric AS fees,
       slippage::numeric AS slippage
FROM book.rebalance;
COMMENT ON VIEW report.rebalance IS
    'Corrections of delta: base units before and after; fees and slippage in quote, cost positive';

CREATE VIEW report.execution AS
SELECT i.client_order_id, i.carry_id, i.market, i.side,
       i.quantity::numeric AS quantity,
       fills.filled_quantity,
       i.decision_mid::numeric AS decision_mid,
       fills.average_price,
       round((fills.average_price / i.decision_mid - 1) * 10000
             * CASE i.side WHEN 'buy' THEN 1 ELSE -1 END, 4) AS slippage_bps,
       i.intended_at,
       ack.accepted_at,
       finish.finished_at,
       finish.outcome
FROM book.order_intent AS i
LEFT JOIN book.order_ack AS ack USING (client_order_id)
LEFT JOIN book.order_end AS finish USING (client_order_id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(quantity), 0) AS filled_quantity,
           sum(price * quantity) / sum(quantity) AS average_price
    FROM book.fill
    -- An order for both legs is told by its own market; the other leg is in leg_fill.
    WHERE client_order_id = i.client_order_id AND market = i.market
) AS fills;
COMMENT ON VIEW report.execution IS
    'Every order: slippage_bps is the average price against the mid at the decision in basis '
    'points, positive = cost; NULL while nothing is filled. outcome is NULL while it is alive';

CREATE VIEW report.exposure AS
SELECT carry_id, window_opened_at, window_closed_at, reason,
       peak_delta_notional::numeric AS peak_delta_notional,
       naked_notional_seconds::numeric AS naked_notional_seconds
FROM book.exposure;
COMMENT ON VIEW report.exposure IS
    'Times during which one leg stood alone: peak in quote, integral in quote × seconds';
