import Glibc
import Store
import TestKit
import Testing
import Wire

extension LiveRuns {
  /// What has to hold before money moves.
  @Suite struct Readiness {
    @Test func goodKeysAreReady() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator)
      try desk.order("database", "migrate")
      let doctor = try desk.ask("doctor")
      #expect(doctor.code == 0, "\(doctor.errors)")
      for line in [
        "withdrawal rights", "position mode", "clock skew", "fees 0.001 spot", "harvester_writer",
        "server version", "write probe",
      ] {
        #expect(doctor.output.contains(line))
      }
      #expect(!doctor.output.contains("WRONG"))
      #expect(try simulator.truth("binance")["orders"]?.elements.isEmpty == true)
    }

    @Test func aKeyThatMayWithdrawIsRefused() throws {
      let simulator = try Simulator(
        ["--set", "keys.permissions=read,spot,perpetuals,transfer,withdraw"])
      try expectRefused(try LiveDesk(simulator), naming: "withdrawal rights")
    }

    @Test func aKeyThatMayNotTradeIsRefused() throws {
      let simulator = try Simulator(["--set", "keys.permissions=read"])
      try expectRefused(try LiveDesk(simulator), naming: "trading rights")
    }

    @Test func aWrongSecretIsRefused() throws {
      let desk = try LiveDesk(try Simulator(), secret: "another-secret")
      try expectRefused(desk, naming: "key")
    }

    @Test func aWrongClockIsRefused() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator)
      try simulator.fault(["kind": "clock-skew", "seconds": 90])
      try expectRefused(desk, naming: "clock skew")
    }

    @Test func aVenueThatIsDownIsUnavailable() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator)
      try desk.order("database", "migrate")
      simulator.stop()
      for command in [["doctor"], ["run", "--mode", "live"], ["reconcile"]] {
        let ending = try desk.start(command).wait(seconds: 180)
        #expect(ending.code == 69, "\(command): \(ending.code) \(ending.errors)")
        #expect(ending.errors.hasPrefix("error: "), "\(ending.errors)")
      }
    }

    /// Real money is not traded on a confirmation that a crash takes back.
    @Test(arguments: [
      ("synchronous_commit", "off", "synchronous_commit"),
      ("default_transaction_read_only", "on", "write probe"),
    ])
    func aServerThatCannotKeepBooksIsRefused(setting: String, value: String, check: String) throws {
      let desk = try LiveDesk(try Simulator())
      try desk.order("database", "migrate")
      let connection = try desk.books.connect()
      try connection.executeScript(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET \(setting) = \(value)', "
          + "current_database()); END $$")
      connection.close()
      let doctor = try desk.ask("doctor")
      #expect(doctor.code == 1, "\(doctor.errors)")
      let wrong = doctor.output.split(separator: "\n").filter { $0.contains("WRONG") }
      #expect(wrong.count == 1 && wrong[0].contains(check), "\(doctor.output)")
      let run = try desk.ask("run", "--mode", "live")
      #expect(run.code == 69, "\(run.errors)")
      #expect(run.errors.contains("\(check) is"), "\(run.errors)")
      let reader = try PostgresConnection(desk.books.url, requireDurability: false)
      defer { reader.close() }
      #expect(try reader.execute("SELECT FROM journal.run").isEmpty)
    }

    @Test func liveHasToBeSaidTwice() throws {
      let desk = try LiveDesk(try Simulator())
      let file = try TemporaryFile("mode: paper\n")
      let ending = try Program(
        "harvester",
        ["run", "--mode", "live", "--config", file.path, "--database-url", desk.books.url],
        environment: desk.environment
      ).wait()
      #expect(ending.code == 1)
      #expect(ending.errors.contains("needs mode: live there as well"))
      let short = try Program(
        "harvester", ["run", "--mode", "live", "--config", file.path],
        environment: ["HARVESTER_MODE": "live", "HARVESTER_BINANCE_SYMBOLS": "BTCUSDT"]
      ).wait()
      #expect(short.code == 78)
      #expect(short.errors.contains("HARVESTER_BINANCE_SECRET"))
    }

    /// Neither looks ready nor starts, and says why.
    private func expectRefused(_ desk: LiveDesk, naming: String) throws {
      try desk.order("database", "migrate")
      let doctor = try desk.ask("doctor")
      #expect(doctor.code == 1, "\(doctor.errors)")
      let wrong = doctor.output.split(separator: "\n").filter { $0.contains("WRONG") }
      #expect(wrong.contains { $0.contains(naming) }, "\(doctor.output)")
      let run = try desk.ask("run", "--mode", "live")
      #expect(run.code == 1, "\(run.errors)")
      #expect(run.errors.contains(naming), "\(run.errors)")
      #expect(try desk.books.facts() == 0)
    }
  }
}

/// A file that ends with its owner.
struct TemporaryFile {
  let path: String
  private let folder = TemporaryFolder()

  init(_ text: String) throws { path = try folder.write("file", text) }
}
