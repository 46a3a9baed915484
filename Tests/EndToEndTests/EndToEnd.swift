import Testing

/// The program as its operators see it: a process with arguments, two streams and an exit code.
///
/// One after another, because each test runs whole processes and a database.
@Suite(.serialized) enum EndToEnd {}
