-- Schema journal: what the engine needs to start again.

CREATE SCHEMA journal;
COMMENT ON SCHEMA journal IS
    'Facts in the order they were committed, and the processes behind them';

CREATE TABLE journal.run (
    run_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mode         unit.mode NOT NULL,
    host         text NOT NULL,
    pid          int NOT NULL,
    version      text NOT NULL,
    config_hash  text NOT NULL,
    started_at   timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL,
    stopped_at   timestamptz,
    state        text NOT NULL
        CHECK (state IN ('starting', 'running', 'draining', 'stopped', 'failed'))
);
COMMENT ON TABLE journal.run IS
    'One row per process that ever wrote here; only heartbeat_at, stopped_at and state change';

CREATE FUNCTION journal.guard_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (new.run_id, new.mode, new.host, new.pid, new.version, new.config_hash, new.started_at)
        IS DISTINCT FROM
       (old.run_id, old.mode, old.host, old.pid, old.version, old.config_hash, old.started_at) THEN
        RAISE EXCEPTION 'run %: only heartbeat_at, stopped_at and state may change', old.run_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN new;
END $$;

CREATE TRIGGER guard BEFORE UPDATE ON journal.run
    FOR EACH ROW EXECUTE FUNCTION journal.guard_run();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON journal.run
    EXECUTE FUNCTION unit.refuse_change();

CREATE TABLE journal.record (
    seq     bigint PRIMARY KEY CHECK (seq > 0),
    run_id  bigint NOT NULL REFERENCES journal.run,
    at      timestamptz NOT NULL,
    kind    text NOT NULL,
    version smallint NOT NULL CHECK (version > 0),
    body    jsonb NOT NULL
);
COMMENT ON TABLE journal.record IS
    'Every fact, numbered 1, 2, 3 … without a gap; folding them gives the state of the engine. '
    'Amounts inside body are text';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal.record
    EXECUTE FUNCTION unit.refuse_change();

CREATE TABLE journal.pin (
    key   text PRIMARY KEY,
    value text NOT NULL
);
COMMENT ON TABLE journal.pin IS
    'What this database was first used for (mode, market); another use of it is refused';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal.pin
    EXECUTE FUNCTION unit.refuse_change();
