import Foundation
import Glibc
import TestKit
import Testing
import Trading
import Wire

extension LiveRuns {
  /// Who may trade, when several want to, one stands still, or an operator says stop.
  @Suite struct Standbys {
    /// Two processes are started at once: one of them runs.
    @Test func ofTwoStartedAtOnceOneRuns() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator)
      for round in 1...3 {
        let both = try (1...2).map { _ in try desk.start(["run", "--mode", "live"]) }
        try until("one of them gives up", seconds: 120) { both.contains { !$0.isRunning } }
        let loser = try #require(both.first { !$0.isRunning })
        let winner = try #require(both.first { $0.number != loser.number })
        #expect(try loser.wait().code == 1)
        #expect(loser.errors.contains("another harvester writes to this database"))
        #expect(winner.isRunning)
        try desk.follow(winner)
        desk.kill()
        #expect(try desk.books.value("SELECT count(*) FROM report.daemon") == "\(round)")
      }
    }

    /// The leader stands still and loses its session: the standby takes over, the leader finds out.
    @Test func aStandbyTakesOverAndTheLeaderIsShutOut() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator, settings: LiveDesk.slow)
      try desk.run()
      let leader = try #require(desk.process)
      let standby = try desk.start(["run", "--mode", "live", "--standby"])
      try until("it stands by", seconds: 60) { standby.errors.contains("waiting") }
      #expect(standby.errors.contains("process \(leader.number) on"))
      let open = try desk.beginToOpen("BTCUSDT", at: "binance")
      leader.signal(SIGSTOP)
      try desk.endSession()
      let lost = ContinuousClock.now
      try until("the standby takes over") { standby.errors.contains("taking over") }
      #expect(ContinuousClock.now - lost < .seconds(2))
      open.kill()
      try desk.follow(standby)
      let orders = try simulator.orders(ofRun: 1)
      leader.signal(SIGCONT)
      let ending = try leader.wait()
      #expect(ending.code == 1)
      #expect(ending.errors.contains("another harvester"), "\(ending.errors)")
      #expect(try simulator.orders(ofRun: 1) == orders)
      try desk.settle()
      try desk.unwindAll()
      try desk.stop()
      try desk.expectBooksAreTrue()
    }

    /// A run that was succeeded while its session lived ends at its next record.
    @Test func theTableOfFactsShutsTheOldRunOut() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator)
      try desk.run()
      let old = try #require(desk.process)
      _ = try desk.books.rows(
        """
        INSERT INTO journal.run (
          mode, host, pid, version, config_hash, started_at, heartbeat_at, state)
        SELECT mode, host, pid, version, config_hash, now(), now(), state FROM journal.run
        RETURNING run_id
        """)
      let pause = try desk.start(["pause"])
      let ending = try old.wait(seconds: 60)
      pause.kill()
      #expect(ending.code == 1, "\(ending.errors)")
      #expect(ending.errors.contains("another harvester has taken over"), "\(ending.errors)")
      #expect(ending.errors.contains("has been succeeded by run"), "\(ending.errors)")
    }

    /// A leader that ends makes room at once, and a standby may be told to stop.
    @Test func aStandbyWaitsForAnEnd() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator)
      try desk.run()
      let standbys = try (1...2).map { _ in
        try desk.start(["run", "--mode", "live", "--standby"])
      }
      try until("both stand by", seconds: 60) {
        standbys.allSatisfy { $0.errors.contains("waiting") }
      }
      standbys[0].signal(SIGTERM)
      #expect(try standbys[0].wait().code == 0)
      try desk.stop()
      try desk.follow(standbys[1])
      try desk.stop()
    }

    /// A process that stood still trusts nothing it knew, and sends nothing that is overdue.
    @Test func afterStandingStillEverythingIsReadAgain() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(
        simulator, settings: LiveDesk.slow + ["execution.deadline_milliseconds=1000"])
      try desk.run()
      let open = try desk.beginToOpen("BTCUSDT", at: "binance")
      desk.process?.signal(SIGSTOP)
      sleep(8)
      let late = try simulator.now()
      desk.process?.signal(SIGCONT)
      try desk.wait("it notices") { desk.process?.errors.contains("stood still") == true }
      _ = try open.wait()
      try desk.settle()
      // What reached a venue afterwards was decided afterwards.
      let overdue = try desk.books.value(
        """
        SELECT count(*) FROM book.order_intent JOIN book.fill USING (client_order_id)
        WHERE deadline < '\(late)' AND filled_at > '\(late)'
        """)
      #expect(overdue == "0")
      try desk.quote()
      try desk.unwindAll()
      try desk.stop()
      try desk.expectBooksAreTrue()
    }

    /// A file and a signal stop new exposure, also while the database is away.
    @Test func killSwitchesNeedNoDatabase() throws {
      let simulator = try Simulator()
      let server = BooksServer.breakable
      let desk = try LiveDesk(simulator, settings: LiveDesk.slow, books: Books(on: server))
      try desk.run()
      try Data().write(to: URL(filePath: desk.haltFile))
      try desk.wait("it sees the file") {
        desk.process?.errors.contains("halted by file") == true
      }
      let held = try desk.tryToOpen("BTCUSDT", at: "binance")
      #expect(held.errors.contains("held by the halt file"), "\(held.errors)")
      try server.crash()
      try FileManager.default.removeItem(atPath: desk.haltFile)
      desk.process?.signal(SIGUSR1)
      try desk.wait("it hears the signal") { desk.process?.errors.contains("paused") == true }
      try server.start()
      try desk.wait("it is back") { desk.process?.errors.contains("database is back") == true }
      let paused = try desk.tryToOpen("BTCUSDT", at: "binance")
      #expect(paused.errors.contains("paused"), "\(paused.errors)")
      try desk.order("resume")
      try desk.open("BTCUSDT", at: "binance")
      try desk.unwindAll()
      try desk.stop()
      try desk.expectBooksAreTrue()
    }

    /// A process that is killed while the database is away leaves a file that the next one stores;
    /// and one that failed again and again begins paused.
    @Test func whatAnOutageLeftIsStoredAndACrashLoopEndsPaused() throws {
      let simulator = try Simulator()
      let server = BooksServer.breakable
      let desk = try LiveDesk(simulator, settings: LiveDesk.slow, books: Books(on: server))
      for round in 1...5 {
        try desk.run()
        if round == 1 {
          try desk.open("BTCUSDT", at: "binance", notional: "2000")
          try server.crash()
          try desk.wait("it knows") { desk.emergencyFiles(".journal").count == 1 }
          try simulator.fault([
            "kind": "adl", "venue": "binance", "symbol": "BTCUSDT", "fraction": "1",
          ])
          try desk.wait("spot is sold") { desk.process?.errors.contains("closed, ") == true }
        }
        desk.kill()
        if round == 1 { try server.start() }
      }
      try desk.run()
      #expect(desk.emergencyFiles(".stored").count == 1)
      #expect(try desk.state(of: "BTCUSDT", at: "binance") == "closed")
      #expect(desk.process?.errors.contains("5 runs failed within ten minutes") == true)
      let refused = try desk.tryToOpen("BTCUSDT", at: "binance", notional: "2000")
      #expect(refused.errors.contains("paused"), "\(refused.errors)")
      try desk.order("resume")
      try desk.stop()
      try desk.expectBooksAreTrue()
    }
  }
}

extension Simulator {
  /// The orders that a run sent, by the number of the run in their ids.
  func orders(ofRun run: Int32) throws -> Int {
    try LiveDesk.venues.reduce(0) { sum, venue in
      let orders = try truth(venue)["orders"]?.elements ?? []
      return sum
        + orders.count { order in
          order["client_id"]?.text.flatMap { ClientOrderID($0) }?.run == run
        }
    }
  }
}
