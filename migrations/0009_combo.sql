-- Orders that trade both legs of a pair or neither.

ALTER TABLE book.order_intent
    ADD COLUMN form text NOT NULL DEFAULT 'leg' CHECK (form IN ('leg', 'combo')),
    ADD COLUMN combo_limit unit.amount,  -- perpetual minus spot, quote per base
    ADD CHECK (form = 'combo' OR combo_limit IS NULL);
COMMENT ON COLUMN book.order_intent.form IS
    'leg: one market; combo: both legs or none, market and side are those of the perpetual';
