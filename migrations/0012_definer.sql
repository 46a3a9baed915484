-- What lets a role write rows without being able to change a total: the functions that keep rollups
-- act as the owner of the books. Names inside them carry their schema; the search path is fixed so
-- that nobody can put others in front.

ALTER FUNCTION book.start_totals() SECURITY DEFINER SET search_path = pg_catalog;
ALTER FUNCTION book.add_fills() SECURITY DEFINER SET search_path = pg_catalog;
ALTER FUNCTION book.add_funding_payments() SECURITY DEFINER SET search_path = pg_catalog;
ALTER FUNCTION book.add_settlements() SECURITY DEFINER SET search_path = pg_catalog;
ALTER FUNCTION book.add_interest() SECURITY DEFINER SET search_path = pg_catalog;
ALTER FUNCTION book.add_adjustments() SECURITY DEFINER SET search_path = pg_catalog;
ALTER FUNCTION ledger.add_postings() SECURITY DEFINER SET search_path = pg_catalog;

-- All that an operator may change of a command: take it back while it waits.
CREATE FUNCTION control.withdraw(number bigint) RETURNS boolean LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH withdrawn AS (
        UPDATE control.command SET status = 'expired'
        WHERE command_id = number AND status = 'queued' RETURNING command_id
    )
    SELECT EXISTS (SELECT FROM withdrawn)
$$;
REVOKE EXECUTE ON FUNCTION control.withdraw FROM PUBLIC;
COMMENT ON FUNCTION control.withdraw IS
    'Takes a command back that nobody answered; false when it was answered meanwhile';
