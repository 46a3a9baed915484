import ArgumentParser
import Foundation
import Service
import Store

struct DatabaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "database", abstract: "Start, stop, migrate and verify the database.",
    subcommands: [Start.self, Stop.self, Migrate.self, URL.self, Verify.self])

  struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Start the private PostgreSQL under .harvester; no port, a socket only.")

    func run() throws {
      try Self.withCluster { () throws(ClusterError) in try Project.cluster.start() }
      Output.note("the private database runs")
    }
  }

  struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop the private PostgreSQL.")

    func run() throws {
      try Start.withCluster { () throws(ClusterError) in try Project.cluster.stop() }
      Output.note("the private database is stopped")
    }
  }

  struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Bring a database to the schema of this program.")
    @OptionGroup var common: CommonOptions

    func run() throws {
      let connection = try common.connect(creating: true)
      do throws(MigrationError) {
        let outcome = try Migrator(folder: Project.path("migrations")).migrate(connection)
        Output.note(
          outcome.applied.isEmpty
            ? "nothing to migrate" : "applied \(outcome.applied.joined(separator: ", "))")
      } catch {
        throw Failure(.unavailable, error.description)
      }
      try withDatabase { () throws(PostgresError) in
        if try !connection.isAvailable(.writer) {
          Output.note(
            "notice: \(try connection.currentRole()) may not create or use the roles of the program; "
              + "it runs with all rights of this login (docs/LIVE.md, Roles)")
        }
      }
    }
  }

  struct URL: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print where the database is, for psql and reports.")
    @OptionGroup var common: CommonOptions

    func run() throws { print(try common.conninfo()) }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Recompute every total from its rows and compare.",
      discussion: """
        Prints one row per check and exits with 1 when one fails. journal.head is the number and hash \
        of the newest record; kept elsewhere and given back as --head, it shows that the journal up \
        to that record is still the same.
        """)
    @Option(help: ArgumentHelp("A head that was printed before.", valueName: "number:hash"))
    var head: String?
    @OptionGroup var common: CommonOptions
    @OptionGroup var output: FormatOption

    func run() throws {
      let known = try head.map { try JournalHead($0) }
      let connection = try common.connectToBooks(as: .reader)
      var table = try withDatabase { () throws(PostgresError) in
        // Reads everything, however long that takes.
        try connection.execute("SET statement_timeout = 0")
        return Table(
          [Column("check", .text), Column("result", .text), Column("detail", .text)],
          try connection.execute(
            "SELECT check_name, CASE WHEN ok THEN 'ok' ELSE 'FAILED' END, detail "
              + "FROM report.verify() ORDER BY check_name"))
      }
      table.rows.append(try JournalHead.row(connection))
      if let known { table.rows.append(try known.row(connection)) }
      table.print(as: output.format)
      let failed = table.rows.filter { $0[1] != "ok" }.count
      guard failed == 0 else {
        throw Failure(.refused, "the books fail \(failed) checks; stop trading and look")
      }
    }
  }
}

extension DatabaseCommand.Start {
  /// Runs a body whose errors are those of the private cluster.
  static func withCluster(_ body: () throws(ClusterError) -> Void) throws {
    do throws(ClusterError) {
      try body()
    } catch {
      throw Failure(.unavailable, error.description)
    }
  }
}
