import FoundationEssentials
import Store
import Testing

@Suite("Migrations")
struct MigratorTests {
  /// A folder of migrations that is removed with the value.
  final class Files {
    let folder = FileManager.default.temporaryDirectory.path + "/migrations-\(UUID().uuidString)"
    var migrator: Migrator { Migrator(folder: folder) }

    init() throws {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/report", withIntermediateDirectories: true)
      self["0001_books.sql"] = "CREATE TABLE book (id int PRIMARY KEY, n int);"
      self["0002_more.sql"] =
        "ALTER TABLE book ADD title text; INSERT INTO book VALUES (1, 2, 'é');"
      self["report/a_book.sql"] = "CREATE VIEW report.book AS SELECT id, n FROM book;"
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    subscript(_ name: String) -> String? {
      get { nil }
      set {
        let path = "\(folder)/\(name)"
        if let newValue {
          _ = FileManager.default.createFile(atPath: path, contents: Data(newValue.utf8))
        } else {
          try? FileManager.default.removeItem(atPath: path)
        }
      }
    }
  }

  let files: Files

  init() throws { files = try Files() }

  @Test("a fresh database gets everything, and a second run changes nothing")
  func fresh() throws {
    try withDatabase { database, _ in
      #expect(try files.migrator.pending(database) == ["0001_books", "0002_more"])
      let first = try files.migrator.migrate(database)
      #expect(first.applied == ["0001_books", "0002_more"])
      #expect(first.isReportRebuilt)
      let second = try files.migrator.migrate(database)
      #expect(second.applied.isEmpty && !second.isReportRebuilt)
      #expect(try database.execute("SELECT id, n FROM report.book").count == 1)
      #expect(try files.migrator.pending(database).isEmpty)
    }
  }

  @Test("views are built anew when a file changes, and never stand in the way of a table")
  func reports() throws {
    try withDatabase { database, _ in
      try files.migrator.migrate(database)
      files["report/a_book.sql"] = "CREATE VIEW report.book AS SELECT id FROM book;"
      #expect(try files.migrator.migrate(database).isReportRebuilt)
      #expect(try database.execute("SELECT * FROM report.book").columns == ["id"])
      files["0003_bigint.sql"] = "ALTER TABLE book ALTER id TYPE bigint;"
      #expect(try files.migrator.migrate(database).applied == ["0003_bigint"])
      #expect(try database.execute("SELECT * FROM report.book").count == 1)
      try database.executeScript("DROP SCHEMA report CASCADE")
      #expect(try files.migrator.migrate(database).isReportRebuilt)
    }
  }

  @Test("a failing file leaves the database as it was before that file")
  func failure() throws {
    try withDatabase { database, _ in
      files["0003_bad.sql"] = "CREATE TABLE left_over (id int); SELECT absent;"
      let error = try #require(throws: MigrationError.self) {
        try files.migrator.migrate(database)
      }
      #expect(error.description.hasPrefix("a migration was rolled back (0003_bad.sql: column"))
      #expect(try database.execute("SELECT to_regclass('left_over')")[0][0] == nil)
      files["0003_bad.sql"] = "CREATE TABLE good (id int);"
      #expect(try files.migrator.migrate(database).applied == ["0003_bad"])
    }
  }

  @Test("a file must not end its transaction")
  func ownCommit() throws {
    try withDatabase { database, _ in
      files["0003_commit.sql"] = "CREATE TABLE c (id int); COMMIT;"
      let error = try #require(throws: MigrationError.self) {
        try files.migrator.migrate(database)
      }
      #expect(error.description.contains("remove its COMMIT"))
    }
  }

  @Test("a changed file, and a database from the future, are refused")
  func refusals() throws {
    try withDatabase { database, _ in
      try files.migrator.migrate(database)
      files["0002_more.sql"] = "SELECT 1;"
      #expect(throws: MigrationError.changed(file: "0002_more.sql")) {
        try files.migrator.migrate(database)
      }
      files["0002_more.sql"] = nil
      #expect(throws: MigrationError.newerDatabase(number: 2, name: "0002_more")) {
        try files.migrator.migrate(database)
      }
    }
  }

  @Test("files must be numbered without a hole", arguments: ["0004_x.sql", "0002_x.sql", "x.sql"])
  func numbering(name: String) throws {
    files[name] = "SELECT 1;"
    try withDatabase { database, _ in
      let error = try #require(throws: MigrationError.self) {
        try files.migrator.migrate(database)
      }
      #expect(error.description.contains("(\(name)"))
    }
  }

  @Test("of two migrators at once one does the work")
  func concurrent() async throws {
    let conninfo = try TestServer.freshDatabase().conninfo
    let migrator = files.migrator
    let applied = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask { try migrator.migrate(PostgresConnection(conninfo)).applied.count }
      }
      return try await group.reduce(0, +)
    }
    #expect(applied == 2)
  }
}
