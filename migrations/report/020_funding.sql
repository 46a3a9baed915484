-- Funding: what each settlement should have paid, what arrived, and income per day.

CREATE VIEW report.funding_payment AS
SELECT p.carry_id, p.mode, p.venue, p.symbol, p.settled_at, s.interval_hours,
       s.rate::numeric AS rate,
       s.position_quantity::numeric AS position_quantity,
       s.mark_price::numeric AS mark_price,
       s.expected_amount::numeric AS expected_amount,
       p.amount::numeric AS amount,
       p.asset,
       p.amount - s.expected_amount AS difference,
       p.venue_payment_id
FROM book.funding_payment AS p
LEFT JOIN book.standing_settlement AS s USING (carry_id, settled_at);
COMMENT ON VIEW report.funding_payment IS
    'Every payment, positive = received, beside the settlement it belongs to; without a '
    'settlement the expectation and the difference = amount − expected are NULL';

CREATE VIEW report.funding_income_daily AS
SELECT day, mode, venue, symbol, carry_id, payments, amount,
       notional_sum / nullif(settlements, 0) AS average_notional,
       rate_sum * 8760 / nullif(hours, 0) AS annualized_rate
FROM book.funding_daily
WHERE payments <> 0 OR settlements <> 0;
COMMENT ON VIEW report.funding_income_daily IS
    'Funding per UTC day and carry, positive = received; average_notional is |position| × mark '
    'over the settlements of the day; annualized_rate = sum(rate) × 8760 / sum(hours)';

CREATE VIEW report.funding_gap AS
SELECT s.mode, s.venue, s.symbol, s.carry_id, s.settled_at,
       format('no payment for this settlement; %s expected', s.expected_amount) AS reason
FROM book.standing_settlement AS s
WHERE s.settled_at < (SELECT at FROM journal.record ORDER BY seq DESC LIMIT 1)
                     - interval '5 minutes'
  AND NOT EXISTS (
      SELECT FROM book.funding_payment AS p
      WHERE p.carry_id = s.carry_id AND p.settled_at = s.settled_at)
UNION ALL
SELECT p.mode, p.venue, p.symbol, p.carry_id, p.settled_at,
       format('payment %s of %s %s has no settlement', p.venue_payment_id, p.amount, p.asset)
FROM book.funding_payment AS p
WHERE NOT EXISTS (
    SELECT FROM book.standing_settlement AS s
    WHERE s.carry_id = p.carry_id AND s.settled_at = p.settled_at);
COMMENT ON VIEW report.funding_gap IS
    'Settlements with a position that were not paid within five minutes of journal time, and '
    'payments without a settlement; empty when all is well';
