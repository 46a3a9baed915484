-- Schema research: what was tried on recorded markets, so that a good result can be weighed against
-- the number of attempts behind it.

CREATE SCHEMA research;
COMMENT ON SCHEMA research IS 'Backtests that were run, with their settings and results';

CREATE TABLE research.backtest (
    backtest_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ran_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    version     text NOT NULL,
    market      text NOT NULL,
    settings    jsonb NOT NULL,   -- every setting by its key
    result      jsonb NOT NULL    -- as harvester backtest --format json prints it
);
COMMENT ON TABLE research.backtest IS 'One row per backtest; amounts inside result are text';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON research.backtest
    EXECUTE FUNCTION unit.refuse_change();
