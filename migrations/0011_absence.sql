-- What makes absence visible: when accounts were last compared with the books, and which fills came
-- after the last exposure window was closed.

-- By the number of the record, not by time: a venue's clock and ours may differ by more than lies
-- between a fill and the end of its window. Fills from before this column have none.
ALTER TABLE book.fill ADD COLUMN seq bigint REFERENCES journal.record;
COMMENT ON COLUMN book.fill.seq IS 'The record of the fact; NULL for fills of older versions';

CREATE TABLE book.comparison (
    seq         bigint PRIMARY KEY REFERENCES journal.record,
    at          timestamptz NOT NULL,
    venue       text NOT NULL,
    differences int NOT NULL CHECK (differences >= 0)
);
COMMENT ON TABLE book.comparison IS
    'An account was read whole and compared with the books; differences is how many stood then';

CREATE INDEX ON book.comparison (venue, seq);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book.comparison
    EXECUTE FUNCTION unit.refuse_change();
