/// Brings a database to the schema of the files, or refuses with nothing half done.
///
/// Each file runs in a transaction of its own together with its entry in `migration.applied`. The
/// schema `report` holds nothing but views and is built anew when a file changed; to let tables
/// under it change, it is dropped before the first pending file.
public struct Migrator: Sendable {
  /// The folder with `NNNN_name.sql` and `report/*.sql`.
  public let folder: String

  /// Names the folder; nothing is read yet.
  public init(folder: String) { self.folder = folder }

  /// What a run changed.
  public struct Outcome: Hashable, Sendable {
    /// Names of the files applied, in order.
    public let applied: [String]
    /// Whether the views were built anew.
    public let isReportRebuilt: Bool
  }

  /// Applies what is pending; costs one query when nothing is.
  @discardableResult
  public func migrate(
    _ connection: PostgresConnection
  ) throws(MigrationError) -> Outcome {
    let files = try MigrationFiles(folder: folder)
    let state = try state(connection, files)
    var applied: [String] = []
    if let state, state.pending.isEmpty, state.isReportCurrent {
      return Outcome(applied: [], isReportRebuilt: false)
    }
    if state == nil { try createTables(connection) }
    for number in state?.pending ?? Set(files.series.map(\.number)).sorted() {
      let file = files.series[number - 1]
      if try apply(file, connection) { applied.append(file.name) }
    }
    let isReportRebuilt = try rebuildReport(files, connection)
    return Outcome(applied: applied, isReportRebuilt: isReportRebuilt)
  }

  /// The names of the files that `migrate` would apply; changes nothing.
  public func pending(_ connection: PostgresConnection) throws(MigrationError) -> [String] {
    let files = try MigrationFiles(folder: folder)
    guard let state = try state(connection, files) else { return files.series.map(\.name) }
    return state.pending.map { files.series[$0 - 1].name }
  }

  private struct State {
    var pending: [Int] = []
    var isReportCurrent = false
  }

  /// Compares files and database; nil for a database that was never migrated.
  private func state(
    _ connection: PostgresConnection, _ files: MigrationFiles
  ) throws(MigrationError) -> State? {
    let rows: Rows
    do {
      rows = try connection.execute(
        """
        SELECT coalesce(f.number, a.number) AS number, coalesce(a.name, f.name) AS name,
          f.number IS NULL AS is_unknown, a.number IS NULL AS is_pending,
          a.name || a.checksum::text IS DISTINCT FROM
            f.name || sha256(convert_to(f.sql, 'UTF8'))::text AS is_changed,
          (\(Self.isReportCurrent)) AS is_report_current
        FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS f (name, sql, number)
        FULL JOIN migration.applied a ON a.number = f.number
        ORDER BY 1
        """,
        [
          .text(files.reportText), .array(files.series.map(\.name)),
          .array(files.series.map(\.sql)),
        ])
    } catch SQLState.undefinedTable, SQLState.invalidSchemaName {
      return nil
    } catch {
      throw .database(error)
    }
    var state = State()
    for row in rows {
      let number = row["number"].flatMap { Int($0) } ?? 0
      let name = row["name"] ?? ""
      if row["is_unknown"] == "t" { throw .newerDatabase(number: number, name: name) }
      if row["is_pending"] == "t" {
        state.pending.append(number)
      } else if row["is_changed"] == "t" {
        throw .changed(file: files.series[number - 1].name + ".sql")
      }
      state.isReportCurrent = row["is_report_current"] == "t"
    }
    return state
  }

  private func createTables(_ connection: PostgresConnection) throws(MigrationError) {
    do {
      try connection.transaction { () throws(PostgresError) in
        try lock(connection)
        try connection.executeScript(
          """
          CREATE SCHEMA IF NOT EXISTS migration;
          CREATE TABLE IF NOT EXISTS migration.applied (
            number integer PRIMARY KEY CHECK (number > 0),
            name text NOT NULL,
            checksum bytea NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now()
          );
          CREATE TABLE IF NOT EXISTS migration.report (
            is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
            checksum bytea NOT NULL,
            built_at timestamptz NOT NULL DEFAULT now()
          );
          """)
      }
    } catch {
      throw .database(error)
    }
  }

  /// Runs one file; false when another process was first.
  private func apply(
    _ file: MigrationFiles.File, _ connection: PostgresConnection
  ) throws(MigrationError) -> Bool {
    do {
      return try connection.transaction { () throws(PostgresError) in
        try lock(connection)
        let known = try connection.execute(
          "SELECT FROM migration.applied WHERE number = $1", [.integer(Int64(file.number))])
        guard known.isEmpty else { return false }
        try connection.executeScript(
          "DROP SCHEMA IF EXISTS report CASCADE; DELETE FROM migration.report")
        try connection.executeScript(file.sql)
        try requireTransaction(connection)
        try connection.execute(
          """
          INSERT INTO migration.applied (number, name, checksum)
          VALUES ($1, $2, sha256(convert_to($3, 'UTF8')))
          """, [.integer(Int64(file.number)), .text(file.name), .text(file.sql)])
        return true
      }
    } catch {
      throw .refused(file: file.name + ".sql", error)
    }
  }

  /// Builds the views; false when another process was first.
  private func rebuildReport(
    _ files: MigrationFiles, _ connection: PostgresConnection
  ) throws(MigrationError) -> Bool {
    var current = "report"
    do {
      return try connection.transaction { () throws(PostgresError) in
        try lock(connection)
        let known = try connection.execute(
          "SELECT WHERE \(Self.isReportCurrent)", [.text(files.reportText)])
        guard known.isEmpty else { return false }
        try connection.executeScript("DROP SCHEMA IF EXISTS report CASCADE; CREATE SCHEMA report")
        for file in files.reports {
          current = "report/\(file.name).sql"
          try connection.executeScript(file.sql)
          try requireTransaction(connection)
        }
        try connection.execute(
          """
          INSERT INTO migration.report (checksum) VALUES (sha256(convert_to($1, 'UTF8')))
          ON CONFLICT (is_only) DO UPDATE SET checksum = excluded.checksum, built_at = now()
          """, [.text(files.reportText)])
        return true
      }
    } catch {
      throw .refused(file: current, error)
    }
  }

  /// Whether the views are those of the files, whose text is parameter 1.
  private static let isReportCurrent = """
    to_regnamespace('report') IS NOT NULL AND EXISTS (
      SELECT FROM migration.report WHERE checksum = sha256(convert_to($1, 'UTF8')))
    """

  /// Keeps other migrators out until the end of the transaction; the number is arbitrary.
  private func lock(_ connection: PostgresConnection) throws(PostgresError) {
    try connection.execute("SELECT pg_advisory_xact_lock(7420319584123)")
    // Opening a table makes the session notice what another one created while this one waited.
    try connection.execute("SELECT FROM pg_namespace LIMIT 0")
  }

  private func requireTransaction(_ connection: PostgresConnection) throws(PostgresError) {
    guard connection.isInTransaction else {
      throw PostgresError(
        .protocolError, "the file ended the transaction; remove its COMMIT or ROLLBACK")
    }
  }
}
