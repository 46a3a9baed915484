-- Schema ledger: double-entry books, what people need in order to trust the rest.

CREATE SCHEMA ledger;
COMMENT ON SCHEMA ledger IS 'Double-entry books; debit positive; every entry balances per asset';

CREATE TABLE ledger.entry (
    entry_id    bigint PRIMARY KEY,
    source_key  text NOT NULL UNIQUE,   -- e.g. binance:fill:8812; booking twice is impossible
    at          timestamptz NOT NULL,
    kind        text NOT NULL,
    mode        unit.mode NOT NULL,
    venue       text NOT NULL,
    carry_id    bigint REFERENCES book.carry,
    memo        text NOT NULL DEFAULT '',
    reverses    bigint UNIQUE REFERENCES ledger.entry CHECK (reverses <> entry_id),
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id()  -- the one that may add postings
);
COMMENT ON TABLE ledger.entry IS
    'One booking; a wrong one is corrected by another that reverses it. Entries of kind deposit '
    'and withdrawal are flows from and to the outside';

CREATE INDEX ON ledger.entry (carry_id);
CREATE INDEX external_flow ON ledger.entry (mode, venue, at)
    WHERE kind IN ('deposit', 'withdrawal');

CREATE TABLE ledger.posting (
    entry_id bigint NOT NULL REFERENCES ledger.entry,
    line     smallint NOT NULL,
    account  text NOT NULL CHECK (account ~ '^(assets|liabilities|equity|income|expenses):.'),
    asset    text NOT NULL,
    amount   unit.amount NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (entry_id, line)
);
COMMENT ON TABLE ledger.posting IS
    'One line of an entry: amount in units of asset, debit positive, credit negative';

CREATE TABLE ledger.balance (
    mode    unit.mode NOT NULL,
    venue   text NOT NULL,
    account text NOT NULL,
    asset   text NOT NULL,
    amount  numeric NOT NULL,
    PRIMARY KEY (mode, venue, account, asset)
) WITH (fillfactor = 50);
COMMENT ON TABLE ledger.balance IS
    'Rollup: sum of all postings per account and asset, debit positive';

CREATE TABLE ledger.carry_balance (
    carry_id bigint NOT NULL REFERENCES book.carry,
    account  text NOT NULL,
    asset    text NOT NULL,
    amount   numeric NOT NULL,
    PRIMARY KEY (carry_id, account, asset)
) WITH (fillfactor = 50);
COMMENT ON TABLE ledger.carry_balance IS
    'Rollup: sum of the postings of each carry per account and asset, debit positive';

-- Deferred to commit, so that the postings of an entry may come in any number of statements.
-- It runs for the entry, which finds entries without postings, and again for each posting, so
-- that a check brought forward with SET CONSTRAINTS leaves no way to add a line afterwards.
CREATE FUNCTION ledger.check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unbalanced text;
    lines bigint;
BEGIN
    SELECT string_agg(format('%s %s', sums.amount, sums.asset), ', ' ORDER BY sums.asset)
               FILTER (WHERE sums.amount <> 0),
           sum(sums.lines)
    INTO unbalanced, lines
    FROM (
        SELECT asset, sum(amount) AS amount, count(*) AS lines
        FROM ledger.posting
        WHERE entry_id = new.entry_id
        GROUP BY asset
    ) AS sums;
    IF unbalanced IS NOT NULL THEN
        RAISE EXCEPTION 'entry % does not balance: it is off by %', new.entry_id, unbalanced
            USING ERRCODE = 'check_violation';
    END IF;
    IF lines IS NULL OR lines < 2 THEN
        RAISE EXCEPTION 'entry % has % postings; it needs at least two',
            new.entry_id, coalesce(lines, 0)
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger.entry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger.check_entry();
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger.posting
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger.check_entry();

-- Refuses postings to entries of an earlier transaction and adds the others to both rollups.
-- The plans are kept for the whole session: the settings allow only the one that looks entries
-- up by key, which suits five rows and a hundred thousand, an empty ledger and a large one.
CREATE FUNCTION ledger.add_postings() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    closed bigint;
BEGIN
    SELECT entry.entry_id INTO closed
    FROM added JOIN ledger.entry USING (entry_id)
    WHERE entry.transaction <> pg_current_xact_id()
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % was committed before: no posting can be added to it', closed
            USING ERRCODE = 'restrict_violation';
    END IF;

    INSERT INTO ledger.balance AS total (mode, venue, account, asset, amount)
    SELECT entry.mode, entry.venue, added.account, added.asset, sum(added.amount)
    FROM added JOIN ledger.entry USING (entry_id)
    GROUP BY 1, 2, 3, 4
    ON CONFLICT (mode, venue, account, asset) DO UPDATE
    SET amount = total.amount + excluded.amount;

    INSERT INTO ledger.carry_balance AS total (carry_id, account, asset, amount)
    SELECT entry.carry_id, added.account, added.asset, sum(added.amount)
    FROM added JOIN ledger.entry USING (entry_id)
    WHERE entry.carry_id IS NOT NULL
    GROUP BY 1, 2, 3
    ON CONFLICT (carry_id, account, asset) DO UPDATE
    SET amount = total.amount + excluded.amount;
    RETURN NULL;
END $$;

CREATE TRIGGER rollup AFTER INSERT ON ledger.posting
    REFERENCING NEW TABLE AS added EXECUTE FUNCTION ledger.add_postings();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entry
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.posting
    EXECUTE FUNCTION unit.refuse_change();
CREATE TRIGGER rollup_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger.balance
    EXECUTE FUNCTION unit.refuse_direct_change();
CREATE TRIGGER rollup_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger.carry_balance
    EXECUTE FUNCTION unit.refuse_direct_change();
