import CPostgres

/// The answer to a statement: rows of text, copied out of the connection.
public struct Rows: Sendable, RandomAccessCollection {
  /// The names of the columns.
  public let columns: [String]
  /// What the server did: `SELECT 2`, `INSERT 0 1`, `COMMIT`.
  public let commandTag: String
  /// How many rows the statement returned or changed.
  public let affected: Int
  private let values: [String?]
  private let places: [String: Int]

  /// The number of rows returned.
  public let count: Int
  /// Always 0.
  public var startIndex: Int { 0 }
  /// The number of rows returned.
  public var endIndex: Int { count }

  /// A row by its place.
  public subscript(_ index: Int) -> Row {
    precondition(index >= 0 && index < count, "Invariant: a row is within the answer")
    return Row(
      values: values[(index * columns.count)..<((index + 1) * columns.count)], places: places)
  }

  /// One row.
  public struct Row: Sendable {
    fileprivate let values: ArraySlice<String?>
    fileprivate let places: [String: Int]

    /// A value by the place of its column; nil is NULL.
    public subscript(_ column: Int) -> String? {
      precondition(
        column >= 0 && column < values.count, "Invariant: a column is within the answer")
      return values[values.startIndex + column]
    }

    /// A value by the name of its column, which the statement must return; nil is NULL.
    public subscript(_ column: String) -> String? {
      guard let place = places[column] else {
        preconditionFailure("Invariant: the statement returns column \(column)")
      }
      return values[values.startIndex + place]
    }
  }

  /// Copies a result.
  init(_ result: OpaquePointer) {
    let width = PQnfields(result)
    let height = PQntuples(result)
    columns = (0..<width).map { String(cString: PQfname(result, $0)) }
    places = Dictionary(zip(columns, 0...), uniquingKeysWith: { first, _ in first })
    count = Int(height)
    commandTag = String(cString: PQcmdStatus(result))
    affected = Int(String(cString: PQcmdTuples(result))) ?? 0
    var values: [String?] = []
    values.reserveCapacity(Int(width * height))
    for row in 0..<height {
      for column in 0..<width {
        let isNull = PQgetisnull(result, row, column) != 0
        values.append(isNull ? nil : String(cString: PQgetvalue(result, row, column)))
      }
    }
    self.values = values
  }
}
