import FoundationEssentials

/// Why a database cannot be brought to the schema this program needs.
public enum MigrationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The files on disk are not a usable series.
  case files(String)
  /// A migration that was applied is not the file of today.
  case changed(file: String)
  /// The database has a migration that has no file.
  case newerDatabase(number: Int, name: String)
  /// A file was refused by the server, and rolled back.
  case refused(file: String, PostgresError)
  /// The database could not be asked.
  case database(PostgresError)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .files(let text): text
    case .changed(let file):
      "an applied migration has changed (\(file)); restore the file and add a new one instead"
    case .newerDatabase(let number, let name):
      "the database is newer than this program (migration \(number) \(name)); "
        + "use the program that wrote it"
    case .refused(let file, let error):
      "a migration was rolled back (\(file): \(error)); correct the file"
    case .database(let error): error.description
    }
  }
}

/// The schema as files: a numbered series, and the views that are built anew whenever they change.
struct MigrationFiles {
  struct File {
    let number: Int
    let name: String
    let sql: String
  }

  /// `NNNN_name.sql`, numbered from 1 without a hole.
  let series: [File]
  /// `report/*.sql` by name; numbered 0.
  let reports: [File]

  /// The text whose checksum says whether the views are those of the files.
  var reportText: String { reports.map { "-- \($0.name)\n\($0.sql)\n" }.joined() }

  init(folder: String) throws(MigrationError) {
    var series: [File] = []
    for name in try Self.names(folder) {
      let parts = name.split(separator: "_", maxSplits: 1)
      guard parts.count == 2, parts[0].utf8.count == 4, let number = UInt16(parts[0]) else {
        throw .files("a migration has no number (\(name)); name it like 0001_books.sql")
      }
      guard number == series.count + 1 else {
        throw .files(
          "migrations are not numbered without a hole (\(name) is file \(series.count + 1)); "
            + "rename it")
      }
      series.append(try Self.file(folder, name, number: Int(number)))
    }
    guard !series.isEmpty else {
      throw .files("there are no migrations (\(folder)); give the folder of the program")
    }
    self.series = series
    var reports: [File] = []
    if FileManager.default.fileExists(atPath: "\(folder)/report") {
      for name in try Self.names("\(folder)/report") {
        reports.append(try Self.file("\(folder)/report", name, number: 0))
      }
    }
    self.reports = reports
  }

  private static func names(_ folder: String) throws(MigrationError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.hasSuffix(".sql") && !$0.hasPrefix(".") }.sorted()
    } catch {
      throw .files("the migrations cannot be read (\(folder)); give the folder of the program")
    }
  }

  private static func file(
    _ folder: String, _ name: String, number: Int
  ) throws(MigrationError) -> File {
    guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)"),
      let sql = String(validating: data, as: UTF8.self)
    else {
      throw .files("a migration is not readable UTF-8 text (\(folder)/\(name)); check the file")
    }
    return File(number: number, name: String(name.dropLast(4)), sql: sql)
  }
}
