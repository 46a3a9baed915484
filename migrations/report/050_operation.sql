-- What the process is doing and why.

CREATE VIEW report.decision AS
SELECT at, carry_id, venue, symbol, action, reason, inputs, policy_version
FROM book.decision;
COMMENT ON VIEW report.decision IS
    'Every decision with its reason; inputs holds each gate with value and threshold';

CREATE VIEW report.daemon AS
SELECT run_id, host, pid, mode, started_at, heartbeat_at, state
FROM journal.run;
COMMENT ON VIEW report.daemon IS 'Every process that ran on this database and its last heartbeat';

CREATE VIEW report.journal_hash AS
SELECT seq, at, run_id, encode(hash, 'hex') AS hash
FROM journal.record;
COMMENT ON VIEW report.journal_hash IS
    'The hash of every record, which vouches for it and all before it; the newest one, kept '
    'elsewhere, shows later whether the journal was cut or written anew';
