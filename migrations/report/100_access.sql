-- Who may do what. Four roles that nobody logs in as; a login is made a member of those it needs.
--
--   harvester_owner     owns every object; migrates
--   harvester_writer    the process: adds rows, changes a heartbeat and the answer to a command
--   harvester_operator  reads reports, asks the process for something, stores backtests
--   harvester_reader    reads reports
--
-- Runs after every migration, with the views. Where the session may not create roles and they are
-- not there, or where it is no member of the owner, it changes nothing: everything then belongs to
-- whoever migrates, as before. An administrator runs this same file once with psql, grants the roles
-- to logins, and from then on migrations keep it up.

DO $$
DECLARE
    role text;
    is_super boolean := (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
    may_create boolean := (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user);
BEGIN
    FOREACH role IN ARRAY ARRAY[
        'harvester_owner', 'harvester_writer', 'harvester_operator', 'harvester_reader']
    LOOP
        CONTINUE WHEN to_regrole(role) IS NOT NULL OR NOT may_create;
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role);
            IF NOT is_super THEN EXECUTE format('GRANT %I TO CURRENT_USER', role); END IF;
            -- Defaults of a session, which the program takes over together with the role. A
            -- transaction that a dead peer left open must not hold anything for long.
            EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''1min''', role);
            IF role = 'harvester_operator' THEN
                EXECUTE format('ALTER ROLE %I SET statement_timeout = ''1min''', role);
            ELSIF role = 'harvester_reader' THEN
                EXECUTE format('ALTER ROLE %I SET statement_timeout = ''5min''', role);
                EXECUTE format('ALTER ROLE %I SET default_transaction_read_only = on', role);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            -- Roles belong to the server: a migration of another database was first.
            NULL;
        END;
    END LOOP;
END $$;

-- Hands everything to the owner.
DO $$
DECLARE
    statement text;
BEGIN
    IF to_regrole('harvester_owner') IS NULL
        OR NOT pg_has_role(current_user, 'harvester_owner', 'MEMBER') THEN
        RETURN;
    END IF;
    -- The owner builds schema report anew with every migration.
    IF NOT has_database_privilege('harvester_owner', current_database(), 'CREATE')
        AND pg_has_role(current_user,
            (SELECT datdba FROM pg_database WHERE datname = current_database()), 'USAGE') THEN
        EXECUTE format('GRANT CREATE ON DATABASE %I TO harvester_owner', current_database());
    END IF;
    FOR statement IN
        WITH ours AS (
            SELECT oid, nspname, nspowner FROM pg_namespace
            WHERE nspname IN ('unit', 'journal', 'book', 'ledger', 'control', 'paper', 'research',
                              'report', 'migration')
        ), object (place, owner, text) AS (
            SELECT 1, nspowner, format('SCHEMA %I', nspname) FROM ours
            UNION ALL
            -- The sequence of an identity column goes with its table.
            SELECT 2, c.relowner, format('%s %I.%I',
                CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, nspname, c.relname)
            FROM pg_class AS c JOIN ours ON ours.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'v')
            UNION ALL
            SELECT 3, p.proowner, format('FUNCTION %s', p.oid::regprocedure)
            FROM pg_proc AS p JOIN ours ON ours.oid = p.pronamespace
            UNION ALL
            SELECT 4, t.typowner, format('DOMAIN %I.%I', nspname, t.typname)
            FROM pg_type AS t JOIN ours ON ours.oid = t.typnamespace
            WHERE t.typtype = 'd'
        )
        SELECT format('ALTER %s OWNER TO harvester_owner', text) FROM object
        WHERE owner <> 'harvester_owner'::regrole ORDER BY place
    LOOP
        EXECUTE statement;
    END LOOP;
END $$;

-- Gives each role exactly what it needs, whatever it had before.
DO $$
DECLARE
    everywhere CONSTANT text := 'unit, journal, book, ledger, control, paper, research, report, '
        'migration';
BEGIN
    IF to_regrole('harvester_owner') IS NULL OR to_regrole('harvester_writer') IS NULL
        OR to_regrole('harvester_operator') IS NULL OR to_regrole('harvester_reader') IS NULL
        OR NOT pg_has_role(current_user, 'harvester_owner', 'MEMBER') THEN
        RETURN;
    END IF;
    EXECUTE 'REVOKE ALL ON ALL TABLES IN SCHEMA ' || everywhere
        || ' FROM harvester_writer, harvester_operator, harvester_reader';
    EXECUTE 'REVOKE ALL ON SCHEMA ' || everywhere
        || ' FROM harvester_writer, harvester_operator, harvester_reader';

    GRANT USAGE ON SCHEMA report, migration
        TO harvester_writer, harvester_operator, harvester_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA report, migration
        TO harvester_writer, harvester_operator, harvester_reader;
    REVOKE EXECUTE ON FUNCTION report.verify FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION report.verify TO harvester_operator, harvester_reader;

    GRANT USAGE ON SCHEMA control, research TO harvester_operator;
    GRANT SELECT, INSERT (kind, arguments, expires_at) ON control.command TO harvester_operator;
    GRANT EXECUTE ON FUNCTION control.withdraw TO harvester_operator;
    GRANT INSERT ON research.backtest TO harvester_operator;

    GRANT USAGE ON SCHEMA unit, journal, book, ledger, control, paper TO harvester_writer;
    GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA journal, book, ledger, paper TO harvester_writer;
    GRANT UPDATE (heartbeat_at, stopped_at, state) ON journal.run TO harvester_writer;
    GRANT SELECT, UPDATE (status, reply, finished_at) ON control.command TO harvester_writer;
    GRANT SELECT, INSERT ON control.plan TO harvester_writer;
    -- Rollups are kept by triggers that act as the owner.
    REVOKE INSERT ON book.carry_total, book.funding_daily, ledger.balance, ledger.carry_balance
        FROM harvester_writer;
END $$;
