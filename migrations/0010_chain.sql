-- Tamper evidence and a fence for the journal: each record carries a hash over itself and the hash
-- before it, and only the newest run can add one.

-- The canonical form is a JSON array of the columns with the time in microseconds since 1970, so
-- that neither time zone nor the order of keys in a document changes it.
CREATE FUNCTION journal.link(
    previous bytea, seq bigint, run_id bigint, at timestamptz, kind text, version smallint,
    body jsonb
) RETURNS bytea LANGUAGE sql STABLE RETURN sha256(previous || convert_to(
    jsonb_build_array(
        seq, run_id, (extract(epoch FROM at) * 1000000)::bigint, kind, version, body)::text,
    'UTF8'));
COMMENT ON FUNCTION journal.link IS
    'Hash of a record: SHA-256 over the hash before it (empty for the first) and its columns';

ALTER TABLE journal.record ADD COLUMN hash bytea CHECK (octet_length(hash) = 32);
COMMENT ON COLUMN journal.record.hash IS
    'journal.link of this record; a trigger computes it, report.verify() does so again';

-- What was stored before is linked once, in order.
ALTER TABLE journal.record DISABLE TRIGGER append_only;
DO $$
DECLARE
    previous bytea := '';
    entry record;
BEGIN
    FOR entry IN SELECT * FROM journal.record ORDER BY seq LOOP
        previous := journal.link(
            previous, entry.seq, entry.run_id, entry.at, entry.kind, entry.version, entry.body);
        UPDATE journal.record SET hash = previous WHERE seq = entry.seq;
    END LOOP;
END $$;
ALTER TABLE journal.record ENABLE TRIGGER append_only;
ALTER TABLE journal.record ALTER COLUMN hash SET NOT NULL;

CREATE INDEX started ON journal.record (run_id) WHERE kind = 'started';

-- A process may live on after another took over. Whatever session it still has, its records are
-- refused from the moment the newer run is there. The two locks order that moment: a run begins
-- after every record under way is committed or gone, and no record passes it meanwhile. So what is
-- read after the row of a run was inserted is all that anybody else ever stored.
CREATE FUNCTION journal.begin_run() RETURNS trigger LANGUAGE plpgsql
SET lock_timeout = '10s' AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('journal.record', 0));
    RETURN NULL;
END $$;

CREATE FUNCTION journal.add_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    newest bigint;
    previous bytea := '';
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('journal.record', 0));
    SELECT max(run_id) INTO newest FROM journal.run;
    IF new.run_id IS DISTINCT FROM newest THEN
        RAISE EXCEPTION 'run % has been succeeded by run %: it can store nothing more',
            new.run_id, newest
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF new.seq > 1 THEN
        SELECT hash INTO previous FROM journal.record WHERE seq = new.seq - 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'record % has no record before it', new.seq
                USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
    END IF;
    new.hash := journal.link(
        previous, new.seq, new.run_id, new.at, new.kind, new.version, new.body);
    RETURN new;
END $$;

CREATE TRIGGER fence BEFORE INSERT ON journal.run EXECUTE FUNCTION journal.begin_run();
CREATE TRIGGER chain BEFORE INSERT ON journal.record
    FOR EACH ROW EXECUTE FUNCTION journal.add_record();

-- A run that ended, or that a successor declared dead, does not come back to life.
CREATE OR REPLACE FUNCTION journal.guard_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (new.run_id, new.mode, new.host, new.pid, new.version, new.config_hash, new.started_at)
        IS DISTINCT FROM
       (old.run_id, old.mode, old.host, old.pid, old.version, old.config_hash, old.started_at) THEN
        RAISE EXCEPTION 'run %: only heartbeat_at, stopped_at and state may change', old.run_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF old.state IN ('stopped', 'failed') AND new.state <> old.state THEN
        RAISE EXCEPTION 'run % is over (%)', old.run_id, old.state
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN new;
END $$;
