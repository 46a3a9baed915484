import Foundation
import Store
import Trading

/// Follows a carry until it leaves some states, and prints where it came to rest.
struct CarryWatch {
  let connection: PostgresConnection
  let timeout: Int

  private static let columns = [
    Column("carry_id", .integer, "carry"), Column("venue", .text), Column("symbol", .text),
    Column("state", .text), Column("spot_quantity", .number, "spot"),
    Column("perp_quantity", .number, "perp"), Column("delta", .number),
    Column("opened_at", .time, "opened"), Column("closed_at", .time, "closed"),
    Column("open_reason", .text, "open reason"), Column("close_reason", .text, "close reason"),
  ]

  func follow(_ carry: CarryID, while states: [String], as format: Format) throws {
    let deadline = ContinuousClock.now + .seconds(timeout)
    while true {
      let rows = try withDatabase { () throws(PostgresError) in
        try connection.execute(
          "SELECT \(Self.columns.map(\.name).joined(separator: ", ")) "
            + "FROM report.carry WHERE carry_id = $1", [.integer(carry.number)])
      }
      let state = rows.first?["state"] ?? ""
      guard states.contains(state), ContinuousClock.now < deadline else {
        Output.status("")
        Table(Self.columns, rows).print(as: format)
        if state == "refused" {
          throw Failure(
            .refused, "carry \(carry) was not opened; see harvester explain \(carry)")
        }
        if states.contains(state) {
          throw Failure(.tryAgain, "carry \(carry) is still \(state); see harvester status")
        }
        return
      }
      let held = "spot \(rows[0]["spot_quantity"] ?? ""), perp \(rows[0]["perp_quantity"] ?? "")"
      Output.status("carry \(carry) is \(state): \(held)")
      usleep(100_000)
    }
  }
}
