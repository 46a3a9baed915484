import Testing

/// Both binaries as processes, talking over sockets: the simulated venues, the process that trades
/// there, and its operator.
///
/// One after another, because each test runs whole processes and a database.
@Suite(.serialized) enum LiveRuns {}
