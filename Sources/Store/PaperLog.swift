import Foundation
public import Trading

/// What the simulated venue of a paper account was asked to do.
///
/// It stands for the venue's own memory and knows nothing of the journal: after a crash the venue
/// is what these requests made of it.
public final class PaperLog {
  private let connection: PostgresConnection
  private let encoder = JSONEncoder()

  /// Uses a connection of its own, as a venue would.
  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Every request so far, in order.
  public func requests() throws(PostgresError) -> [(at: Timestamp, request: VenueRequest)] {
    let decoder = JSONDecoder()
    var requests: [(at: Timestamp, request: VenueRequest)] = []
    for row in try connection.execute("SELECT at_ns, body FROM paper.request ORDER BY seq") {
      guard let at = Int64(row[0] ?? ""),
        let request = try? decoder.decode(VenueRequest.self, from: Data((row[1] ?? "").utf8))
      else {
        throw PostgresError(
          .protocolError,
          "a request to the paper venue cannot be read; use the version that wrote it")
      }
      requests.append((Timestamp(nanoseconds: at), request))
    }
    return requests
  }

  /// Remembers requests before they act.
  public func append(
    _ requests: [VenueRequest], at: Timestamp
  ) throws(PostgresError) {
    guard !requests.isEmpty else { return }
    var statements: [SQLStatement] = []
    for request in requests {
      let body: String
      do {
        body = String(decoding: try encoder.encode(request), as: UTF8.self)
      } catch {
        throw PostgresError(.protocolError, "a request has no JSON form (\(error)); report this")
      }
      statements.append(
        (
          "INSERT INTO paper.request (at_ns, body) VALUES ($1, $2)",
          [.integer(at.nanoseconds), .text(body)]
        ))
    }
    try connection.commit(statements)
  }
}
