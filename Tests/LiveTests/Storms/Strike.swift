import TestKit
import Wire

/// One thing that goes wrong, or that somebody wants, in a storm.
enum Strike {
  /// At a venue.
  case fault(JSON)
  /// An operator opens a carry of this pair, or makes the one that is open smaller, closes it or
  /// corrects it.
  case trade(Pair, notional: Int, wish: Wish)
  /// An operator says so.
  case command([String])
  /// The price of both legs moves by a fraction.
  case price(Pair, String)
  /// The venues' clock leaps.
  case leap(seconds: Int)
  /// A session with the database breaks around the next commit.
  case cut(DatabaseProxy.Cut)
  /// The database cannot be reached.
  case partition(Bool)
  /// The leader's session is ended by an administrator.
  case endSession
  /// The process behind the leader's session is killed, and the server recovers.
  case killBackend
  /// The server crashes, or is brought up again.
  case server(isUp: Bool)
  /// The server takes no writes, or takes them again.
  case readOnly(Bool)
  /// The disk of the server is full, or has place again.
  case diskFull(Bool)
  /// The process is killed; whoever watches it starts another one.
  case kill(restart: Bool)
  /// The process stands still, or goes on.
  case suspend(Bool)
  /// Somebody starts a process beside the one that runs.
  case second
  /// Somebody starts a process that waits for its turn.
  case standby
  /// Nothing may grow, told by a signal.
  case pauseSignal
  /// Nothing may grow while a file exists.
  case haltFile(Bool)

  /// A pair at a venue.
  struct Pair: CustomStringConvertible {
    let venue: String
    let symbol: String
    var description: String { "\(symbol) at \(venue)" }
  }

  /// What is wanted of a carry that is open.
  enum Wish: String, CaseIterable { case close, half, rebalance }

  /// Under which name it is counted; nil for the end of something that was counted before.
  var kind: String? {
    switch self {
    case .fault(let fault): fault["kind"]?.text
    case .trade: "trade"
    case .command(let words): words[0]
    case .price: "price move"
    case .leap(let seconds): seconds < 600 ? "clock step" : "clock step over hours"
    case .cut(.beforeCommit): "cut before commit"
    case .cut(.afterCommit): "cut after commit"
    case .partition(let isOn): isOn ? "database unreachable" : nil
    case .endSession: "session ended"
    case .killBackend: "backend killed"
    case .server(let isUp): isUp ? nil : "server crashed"
    case .readOnly(let isOn): isOn ? "server read-only" : nil
    case .diskFull(let isOn): isOn ? "disk full" : nil
    case .kill: "process killed"
    case .suspend(let isOn): isOn ? "process suspended" : nil
    case .second: "second process"
    case .standby: "standby"
    case .pauseSignal: "pause by signal"
    case .haltFile(let isOn): isOn ? "halt file" : nil
    }
  }
}
