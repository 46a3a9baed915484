-- What should have happened and did not, and what stands open. Nothing here is stored: an alert is
-- there for as long as its cause is.

-- By which clock absence is judged. A live run that goes on is judged by the real one, so that
-- silence itself raises an alert. Where time is virtual (paper, or a live run that follows a
-- simulated venue: its first record is more than an hour off the clock) and where a run is over,
-- nothing new can be expected: the newest record says what time it is.
CREATE VIEW report.alert_clock AS
SELECT r.run_id, r.mode, r.state, r.host, r.pid, r.heartbeat_at, newest.at AS recorded_at,
       started.seq AS started_seq, pace.is_real,
       CASE WHEN pace.is_real AND r.state NOT IN ('stopped', 'failed') THEN clock_timestamp()
            ELSE newest.at END AS now
FROM (SELECT * FROM journal.run ORDER BY run_id DESC LIMIT 1) AS r
LEFT JOIN (SELECT at FROM journal.record ORDER BY seq DESC LIMIT 1) AS newest ON true
LEFT JOIN LATERAL (
    SELECT seq, at FROM journal.record
    WHERE run_id = r.run_id AND kind = 'started'
    ORDER BY seq DESC LIMIT 1
) AS started ON true
CROSS JOIN LATERAL (
    SELECT r.mode = 'live'
           AND coalesce(abs(extract(epoch FROM started.at - r.started_at)) < 3600, true) AS is_real
) AS pace;
COMMENT ON VIEW report.alert_clock IS
    'The newest run and the moment by which report.alert judges it: the real clock for a live run '
    'that goes on, else the newest record of the journal';

CREATE VIEW report.alert AS
WITH held AS (
    SELECT c.carry_id, c.venue, c.symbol, p.planned_at, c.delta, t.perp_quantity,
           t.last_spot_mid, t.last_filled_at, clock.now, clock.is_real, clock.state AS run_state
    FROM report.carry AS c
    JOIN book.carry AS p USING (carry_id)
    JOIN book.carry_total AS t USING (carry_id)
    CROSS JOIN report.alert_clock AS clock
    WHERE c.state NOT IN ('closed', 'refused')
), found (raised_at, severity, kind, venue, symbol, carry_id, subject, detail) AS (
    SELECT clock.heartbeat_at + interval '30 seconds', 'critical', 'no_heartbeat', NULL, NULL,
           NULL::bigint, format('run %s', clock.run_id),
           format('process %s on %s says %s and was last heard at %s; see harvester run',
               clock.pid, clock.host, clock.state, date_trunc('second', clock.heartbeat_at))
    FROM report.alert_clock AS clock
    WHERE clock.state NOT IN ('stopped', 'failed')
      AND clock.heartbeat_at < clock_timestamp() - interval '30 seconds'
    UNION ALL
    SELECT clock.heartbeat_at, CASE clock.state WHEN 'failed' THEN 'critical' ELSE 'warning' END,
           'unattended', held.venue, held.symbol, held.carry_id, format('run %s', clock.run_id),
           format('the process %s and nobody tends this carry; see harvester run', clock.state)
    FROM report.alert_clock AS clock
    CROSS JOIN held
    WHERE clock.mode = 'live' AND clock.state IN ('stopped', 'failed')
    UNION ALL
    SELECT s.settled_at + interval '5 minutes', 'warning', 'no_funding_payment', s.venue, s.symbol,
           s.carry_id, to_char(s.settled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           format('%s expected for this settlement and not paid', s.expected_amount)
    FROM book.standing_settlement AS s
    CROSS JOIN report.alert_clock AS clock
    -- Older ones stay in report.funding_gap.
    WHERE s.expected_amount <> 0 AND s.settled_at < clock.now - interval '5 minutes'
      AND s.settled_at > clock.now - interval '30 days'
      AND NOT EXISTS (
          SELECT FROM book.funding_payment AS p
          WHERE p.carry_id = s.carry_id AND p.settled_at = s.settled_at)
    UNION ALL
    -- Of a carry that has seen none yet, one is expected within the longest interval of any venue.
    SELECT due.at + interval '5 minutes', 'warning', 'no_settlement', held.venue, held.symbol,
           held.carry_id, to_char(due.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           CASE WHEN last.settled_at IS NULL THEN 'no settlement since it was opened'
                ELSE format('no settlement since %s, every %s hours until then',
                         last.settled_at, last.interval_hours) END
    FROM held
    LEFT JOIN LATERAL (
        SELECT settled_at, interval_hours
        FROM book.standing_settlement
        WHERE carry_id = held.carry_id
        ORDER BY settled_at DESC LIMIT 1
    ) AS last ON true
    CROSS JOIN LATERAL (
        SELECT coalesce(last.settled_at + make_interval(hours => last.interval_hours),
                        held.planned_at + interval '8 hours') AS at
    ) AS due
    WHERE held.perp_quantity <> 0 AND due.at < held.now - interval '5 minutes'
    UNION ALL
    SELECT coalesce(last.at, since.at) + interval '1 hour', 'warning', 'no_reconciliation',
           watched.venue, NULL, NULL, watched.venue,
           coalesce(format('the account was last compared with the books at %s', last.at),
                    'the account was never compared with the books')
    FROM report.alert_clock AS clock
    CROSS JOIN LATERAL (
        SELECT venue FROM book.comparison WHERE seq > clock.started_seq
        UNION
        SELECT venue FROM held
    ) AS watched
    LEFT JOIN LATERAL (
        SELECT at FROM book.comparison WHERE venue = watched.venue ORDER BY seq DESC LIMIT 1
    ) AS last ON true
    CROSS JOIN LATERAL (
        SELECT at FROM journal.record WHERE seq = clock.started_seq
    ) AS since
    -- A paper account is compared at each start; its venue cannot be of another opinion.
    WHERE clock.mode = 'live' AND clock.state NOT IN ('stopped', 'failed')
      AND coalesce(last.at, since.at) < clock.now - interval '1 hour'
    UNION ALL
    SELECT b.detected_at, 'critical', 'account_differs', b.venue, NULL, NULL,
           format('%s %s', b.kind, b.asset_or_symbol),
           format('the venue says %s, the books say %s; see harvester reconcile', b.venue_value,
               b.books)
    FROM report.reconciliation_break AS b
    WHERE b.resolved_at IS NULL
    UNION ALL
    -- Commands wait in real time, whatever drives the process.
    SELECT expires_at, 'warning', 'command_unanswered', NULL, NULL, NULL,
           format('command %s', command_id),
           format('%s by %s was not answered in time', kind, requested_by)
    FROM control.command
    WHERE expires_at < clock_timestamp() AND expires_at > clock_timestamp() - interval '1 day'
      AND status IN ('queued', 'expired')
    UNION ALL
    -- A window is open from the first fill after the last window was closed, by order of record.
    SELECT open.since + interval '1 minute', 'critical', 'exposure_open', held.venue, held.symbol,
           held.carry_id, format('carry %s', held.carry_id),
           format('the legs differ by %s, about %s of quote, since %s', held.delta,
               round(abs(held.delta) * held.last_spot_mid, 2), open.since)
    FROM held
    CROSS JOIN LATERAL (
        SELECT min(f.filled_at) AS since
        FROM book.fill AS f
        WHERE f.carry_id = held.carry_id
          AND f.seq > coalesce(
              (SELECT max(e.seq) FROM book.exposure AS e WHERE e.carry_id = held.carry_id), 0)
    ) AS open
    WHERE open.since < held.now - interval '1 minute'
    UNION ALL
    SELECT mark.at + interval '2 hours', 'warning', 'no_prices', held.venue, held.symbol,
           held.carry_id, format('carry %s', held.carry_id),
           format('its prices and its margin are not known since %s', mark.at)
    FROM held
    JOIN LATERAL (
        SELECT at FROM book.mark
        WHERE venue = held.venue AND symbol = held.symbol
        ORDER BY at DESC LIMIT 1
    ) AS mark ON true
    WHERE held.is_real AND held.run_state NOT IN ('stopped', 'failed')
      AND mark.at < held.now - interval '2 hours'
    UNION ALL
    SELECT clock.recorded_at, 'critical', 'clock_ahead', NULL, NULL, NULL,
           format('run %s', clock.run_id),
           format('the journal is at %s, the clock of the database at %s', clock.recorded_at,
               date_trunc('second', clock_timestamp()))
    FROM report.alert_clock AS clock
    WHERE clock.is_real AND clock.recorded_at > clock_timestamp() + interval '5 seconds'
)
SELECT raised_at, severity, kind, venue, symbol, carry_id, subject, detail
FROM found;
COMMENT ON VIEW report.alert IS
    'What is missing or stands open now, each row for as long as its cause: severity critical when '
    'money may be exposed, else warning. Judged by report.alert_clock';
