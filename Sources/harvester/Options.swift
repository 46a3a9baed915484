import ArgumentParser
import Core
import Foundation
import Service
import Store
import Trading

/// What every command takes.
struct CommonOptions: ParsableArguments {
  @Option(help: "The configuration file.")
  var config = "config/harvester.yaml"

  @Option(
    name: .customLong("database-url"),
    help: ArgumentHelp(
      "The database: a libpq URI, or the name of a database in the private cluster.",
      discussion: "Default: $HARVESTER_DATABASE_URL, else 'harvester' in the private cluster."))
  var databaseURL: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a setting; may be repeated.", valueName: "key=value"))
  var overrides: [String] = []

  /// The effective configuration, or every problem with it.
  func configuration() throws -> ConfigurationLoader.Loaded {
    do throws(ConfigurationError) {
      return try ConfigurationLoader.load(
        file: Project.path(config), environment: ProcessInfo.processInfo.environment,
        overrides: overrides)
    } catch {
      throw Failure(.badConfiguration, error.description)
    }
  }

  /// The instruments that the configuration names.
  func instruments(_ loaded: ConfigurationLoader.Loaded) throws -> InstrumentsFile {
    let name = loaded.configuration.instruments
    let folder = (loaded.file as NSString).deletingLastPathComponent
    let path = name.hasPrefix("/") ? name : "\(folder.isEmpty ? "." : folder)/\(name)"
    do throws(ConfigurationError) {
      return try InstrumentsFile(path: path)
    } catch {
      throw Failure(.badConfiguration, error.description)
    }
  }

  /// Where the database is.
  func conninfo() throws -> String {
    if let databaseName, !isPrivate { return databaseName }
    do throws(ClusterError) {
      return try Project.cluster.conninfo(database: databaseName ?? PrivateCluster.database)
    } catch {
      throw Failure(.unavailable, error.description)
    }
  }

  /// Connects, and says what to do when that fails.
  ///
  /// - Parameter creating: whether a database of the private cluster is made when it is missing.
  func connect(creating: Bool = false) throws -> PostgresConnection {
    let conninfo = try conninfo()
    if creating, isPrivate, databaseName != nil { try createIfMissing() }
    do throws(PostgresError) {
      // Whether the server can be trusted with books is for those to ask who write them.
      return try PostgresConnection(conninfo, requireDurability: false)
    } catch {
      let isMissing = error.message.contains("does not exist")
      let remedy = isMissing ? "migrate" : "start"
      throw Failure(
        .unavailable, "\(error)\(isPrivate ? "; run harvester database \(remedy)" : "")")
    }
  }

  private var databaseName: String? {
    let name = databaseURL ?? ProcessInfo.processInfo.environment["HARVESTER_DATABASE_URL"]
    return name?.isEmpty == true ? nil : name
  }

  private var isPrivate: Bool { !(databaseName ?? "").contains { ":=".contains($0) } }

  /// Makes a database of the private cluster that was named but does not exist yet.
  private func createIfMissing() throws {
    let name = databaseName ?? PrivateCluster.database
    guard name.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "_") }) else {
      throw Failure(.usage, "not a name for a database (\(name)); use a-z, 0-9 and _")
    }
    var options = self
    options.databaseURL = PrivateCluster.database
    let connection = try options.connect()
    try withDatabase { () throws(PostgresError) in
      let known = try connection.execute(
        "SELECT FROM pg_database WHERE datname = $1", [.text(name)])
      if known.isEmpty { try connection.execute("CREATE DATABASE \"\(name)\"") }
    }
  }

  /// Connects to a database that has books, with no more rights than a role has.
  func connectToBooks(as role: DatabaseRole) throws -> PostgresConnection {
    let connection = try connect()
    let pending: [String]
    do throws(MigrationError) {
      pending = try Migrator(folder: Project.path("migrations")).pending(connection)
    } catch {
      throw Failure(.unavailable, error.description)
    }
    guard pending.isEmpty else {
      throw Failure(
        .unavailable,
        "the database is behind this program (\(pending.count) migrations); "
          + "run harvester database migrate")
    }
    try withDatabase { () throws(PostgresError) in
      try connection.assume(role)
      // With or without the role, a report changes nothing.
      if role == .reader { try connection.readOnly() }
    }
    return connection
  }
}

/// How data is printed.
enum Format: String, CaseIterable, ExpressibleByArgument {
  case table, json, csv
}

/// The choice of a format.
struct FormatOption: ParsableArguments {
  @Option(help: "How to print: table, json or csv.")
  var format = Format.table
}

/// Where the project's own files are: the working folder, or the one above the program.
enum Project {
  static let root: String = {
    let manager = FileManager.default
    var candidates = [manager.currentDirectoryPath]
    if let home = ProcessInfo.processInfo.environment["HARVESTER_HOME"] { candidates = [home] }
    var folder = (Bundle.main.executablePath ?? "") as NSString
    while folder.length > 1 {
      folder = folder.deletingLastPathComponent as NSString
      candidates.append(folder as String)
    }
    return candidates.first { manager.fileExists(atPath: "\($0)/migrations/report") }
      ?? manager.currentDirectoryPath
  }()

  /// A path given by the operator, else the project's own file of that name.
  static func path(_ name: String) -> String {
    name.hasPrefix("/") || FileManager.default.fileExists(atPath: name) ? name : "\(root)/\(name)"
  }

  static var cluster: PrivateCluster { PrivateCluster(root: root) }
}

extension Failure {
  /// A failure of the database while a command ran.
  init(_ error: PostgresError) {
    self.init(error.isConnectionLoss ? .unavailable : .refused, error.description)
  }
}

/// Runs a body whose errors are those of the database.
@discardableResult
func withDatabase<Result>(_ body: () throws(PostgresError) -> Result) throws -> Result {
  do throws(PostgresError) {
    return try body()
  } catch {
    throw Failure(error)
  }
}

/// A UTC day or moment of the command line.
struct Moment: ExpressibleByArgument {
  let value: Timestamp

  init(_ value: Timestamp) { self.value = value }

  init?(argument: String) {
    guard let value = try? Timestamp(argument[...]) else { return nil }
    self.value = value
  }

  var defaultValueDescription: String { value.dayText }
}
