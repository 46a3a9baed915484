-- Schema paper: the memory of the simulated venue of a paper account.

CREATE SCHEMA paper;
COMMENT ON SCHEMA paper IS
    'What the simulated venue was asked to do; it stands for the memory a real venue has';

CREATE TABLE paper.request (
    seq   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ns bigint NOT NULL,   -- venue time, nanoseconds since 1970, UTC
    body  jsonb NOT NULL
);
COMMENT ON TABLE paper.request IS
    'Requests that can change something, stored by the venue before they act; playing the market '
    'again with them gives the venue its state back';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON paper.request
    EXECUTE FUNCTION unit.refuse_change();
