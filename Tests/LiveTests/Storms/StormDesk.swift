import Foundation
import Glibc
import TestKit
import Wire

/// Venues, a server, a way to it and processes that storms pass over, one after another.
final class StormDesk {
  let seed: UInt64
  let desk: LiveDesk
  let server = BooksServer()
  let proxy: DatabaseProxy
  let disk: SmallDisk?
  let climate: Storm.Climate
  /// Those that live, as far as is known; the one that trades comes first.
  private(set) var processes: [Program] = []
  /// Processes that were ended from outside.
  private var ended: Set<Int32> = []
  /// What processes that are over had said.
  private var log = ""
  /// What an operator waits for.
  private var commands: [Program] = []
  /// What should not have happened during a storm.
  var found: [String] = []
  var tally = StormTally()

  init(seed: UInt64) throws {
    self.seed = seed
    let mayLeap = seed % 2 == 0
    let past = ["--start", "2024-01-10T06:00:00Z", "--set", "market.days=60"]
    disk = try SmallDisk(of: server, megabytes: 128)
    climate = Storm.Climate(mayLeap: mayLeap, hasDisk: disk != nil)
    desk = try LiveDesk(
      Simulator(mayLeap ? past : []), clock: mayLeap ? "venue" : "system",
      settings: LiveDesk.slow + ["live.reconcile_minutes=1"]
        + (seed % 3 == 0 ? ["execution.maker_seconds=2"] : []), name: "seed \(seed)",
      books: Books(on: server, disk: disk))
    proxy = try DatabaseProxy(to: desk.books.url)
    try start()
    try recover()
  }

  deinit { proxy.close() }

  /// What the processes said, newest last.
  var said: String { log + processes.map(\.errors).joined() }

  /// Strikes, at their moments.
  func strike(_ storm: Storm) {
    let beginning = ContinuousClock.now
    for (at, strike) in storm.strikes {
      let wait = beginning + .milliseconds(at) - .now
      if wait > .zero { Thread.sleep(forTimeInterval: wait / .seconds(1)) }
      do {
        try perform(strike)
        strike.kind.map { tally.strike($0) }
      } catch {
        // Asking a database that is away, for example.
        tally.pass("a strike missed")
      }
    }
  }

  private func perform(_ strike: Strike) throws {
    switch strike {
    case .fault(let fault): try desk.simulator.fault(fault)
    case .trade(let pair, let notional, let wish): try trade(pair, notional, wish)
    case .command(let words): commands.append(try desk.start(words))
    case .price(let pair, let move):
      try desk.simulator.move(pair.symbol, by: move, at: pair.venue)
    case .leap(let seconds): try desk.simulator.leap(seconds: seconds)
    case .cut(let cut): proxy.cut(cut)
    case .partition(let isOn): proxy.isOpen = !isOn
    case .endSession: try desk.endSession()
    case .killBackend: try server.killBackend(of: desk.books)
    case .server(let isUp): if isUp { try server.start() } else { try server.crash() }
    case .readOnly(let isOn): try server.setReadOnly(isOn)
    case .diskFull(let isOn): disk?.isFull = isOn
    case .kill(let restart):
      if let leader = processes.first { end(leader) }
      if restart { try start() }
    case .suspend(let isOn):
      if isOn { processes.first?.signal(SIGSTOP) } else { awaken() }
    case .second: try start()
    case .standby: try start("--standby")
    case .pauseSignal: processes.first?.signal(SIGUSR1)
    case .haltFile(let isOn):
      if isOn { try Data().write(to: URL(filePath: desk.haltFile)) } else { removeHaltFile() }
    }
  }

  private func trade(_ pair: Strike.Pair, _ notional: Int, _ wish: Strike.Wish) throws {
    let open = try? desk.books.rows(
      "SELECT carry_id FROM report.carry WHERE venue = '\(pair.venue)' "
        + "AND symbol = '\(pair.symbol)' AND state NOT IN ('closed', 'refused')"
    ).first?[0]
    let words =
      switch (open, wish) {
      case (let carry?, .close): ["unwind", carry, "--yes"]
      case (let carry?, .half): ["unwind", carry, "--fraction", "0.5", "--yes"]
      case (let carry?, .rebalance): ["rebalance", carry]
      case (nil, _):
        ["open", pair.symbol, "--venue", pair.venue, "--notional", "\(notional)", "--hold"]
      }
    commands.append(try desk.start(words))
  }

  /// Starts one more process, without waiting for it.
  func start(_ more: String...) throws {
    processes.append(try desk.start(["run", "--mode", "live"] + more, over: proxy.url))
    tally.pass("a process started")
  }

  /// Lets every process go on.
  func awaken() { for process in processes { process.signal(SIGCONT) } }

  func removeHaltFile() { try? FileManager.default.removeItem(atPath: desk.haltFile) }

  /// Ends a process without letting it know.
  private func end(_ process: Program) {
    ended.insert(process.number)
    process.kill()
    bury()
  }

  /// Asks a process to end.
  func dismiss(_ process: Program) {
    ended.insert(process.number)
    process.signal(SIGTERM)
  }

  /// Puts what was found to trade first.
  func lead(_ leader: Program) {
    processes = [leader] + processes.filter { $0.number != leader.number }
  }

  /// Sorts out the processes that are over, and judges those that ended by themselves.
  func bury() {
    for process in processes where !process.isRunning {
      guard let ending = try? process.wait() else { continue }
      log += "[process \(process.number)]\n\(ending.errors)[exit code \(ending.code)]\n"
      noteWhatPassed(ending.errors)
      if ended.contains(process.number) { continue }
      if ending.errors.contains("another harvester") {
        tally.pass("a process found itself shut out")
      } else if !ending.errors.contains(": live, "), ending.code < 128 {
        tally.pass("a start refused (exit code \(ending.code))")
      } else {
        found.append("process \(process.number) ended by itself with exit code \(ending.code)")
      }
    }
    processes.removeAll { !$0.isRunning }
  }

  private func noteWhatPassed(_ text: String) {
    let marks = [
      "taking over": "a standby took over", "a new session with": "a lost session replaced",
      "the database is back": "facts of an outage stored by the same process",
      "facts stored": "facts of an outage stored by the next process",
      "stored before": "an emergency journal found stored already",
      "stood still": "a process noticed that it stood still",
      "runs failed within": "a crash loop ended paused", "set aside": "an emergency journal unfit",
      " halted, ": "a venue halted",
    ]
    for (mark, name) in marks { tally.pass(name, text.ranges(of: mark).count) }
  }

  /// Lets the last process finish.
  func close() throws {
    guard let process = processes.first else { return }
    dismiss(process)
    let ending = try process.wait(seconds: 90)
    bury()
    guard ending.code == 0 else { throw TestFailure("exit \(ending.code): \(ending.errors)") }
  }

  /// Waits for the operator's commands, whatever became of them.
  func awaitCommands() {
    for command in commands {
      if (try? command.wait(seconds: 75)) == nil { command.kill() }
    }
    commands = []
  }
}
