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
