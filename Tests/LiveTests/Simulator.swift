import Foundation
import TestKit
import Trading
import Wire

/// The simulated venues as a process of their own.
final class Simulator {
  static let key = "simulated-key"
  static let secret = "simulated-secret"

  /// A clock that begins in the past and goes at the machine's pace until it is let go.
  static let past = ["--start", "2024-01-10T06:00:00Z", "--set", "clock.beat_milliseconds=120000"]

  private let process: Program
  private let control: ControlPort
  private let ports: JSON

  /// Starts both venues with two symbols each and waits until they listen.
  init(_ options: [String] = [], key: String = Simulator.key, secret: String = Simulator.secret)
    throws
  {
    process = try Program(
      "venue-simulator",
      [
        "--config", "\(Program.root)/config/simulator.yaml", "--symbols", "BTCUSDT,ETHUSDT",
        "--set", "market.days=8",
      ] + options,
      environment: ["VENUE_SIMULATOR_KEY": key, "VENUE_SIMULATOR_SECRET": secret])
    let started = process
    try until("the simulator listens", seconds: 120) {
      guard started.isRunning else { throw TestFailure("it ended: \(started.errors)") }
      return started.output.hasSuffix("\n")
    }
    ports = try JSON(Array(started.output.utf8))
    guard let number = ports["control"]?.integer else { throw TestFailure("\(ports)") }
    control = ControlPort(number: UInt16(number))
  }

  /// The settings that lead a process here.
  var addresses: [String: String] {
    var result: [String: String] = [:]
    for (name, port) in [("SPOT", "binance-spot"), ("FUTURES", "binance-futures")] {
      result["HARVESTER_BINANCE_\(name)_REST"] = "http://127.0.0.1:\(self[port])"
      result["HARVESTER_BINANCE_\(name)_STREAM"] = "ws://127.0.0.1:\(self[port])"
    }
    result["HARVESTER_BINANCE_SOCKET_API"] = "ws://127.0.0.1:\(self["binance-spot"])"
    for name in ["SPOT_REST", "FUTURES_REST"] {
      result["HARVESTER_BYBIT_\(name)"] = "http://127.0.0.1:\(self["bybit"])"
    }
    for name in ["SPOT_STREAM", "FUTURES_STREAM", "SOCKET_API"] {
      result["HARVESTER_BYBIT_\(name)"] = "ws://127.0.0.1:\(self["bybit"])"
    }
    return result
  }

  /// A port by its name.
  subscript(_ name: String) -> String { ports[name]?.text ?? "0" }

  /// What is true at a venue.
  func truth(_ venue: String) throws -> JSON {
    guard let truth = try control.get("/truth")["venues"]?[venue] else {
      throw TestFailure("no such venue (\(venue))")
    }
    return truth
  }

  /// The venues' time.
  func now() throws -> Timestamp {
    try Timestamp((try control.get("/health")["now"]?.text ?? "")[...])
  }

  func fault(_ fault: JSON) throws { try control.post("/fault", fault) }

  /// Forgets the faults that have not struck yet.
  func clearFaults() throws { try control.delete("/fault") }

  /// Lets the venues' clock leap, with everything that happens meanwhile.
  func leap(seconds: Int) throws {
    try control.post("/time", ["advance_seconds": .number("\(seconds)")])
  }

  /// Brings something in from outside, or takes it out.
  func deposit(_ amount: String, _ asset: String, _ wallet: String, at venue: String) throws {
    try control.post(
      "/deposit",
      [
        "venue": .string(venue), "wallet": .string(wallet), "asset": .string(asset),
        "amount": .string(amount),
      ])
  }

  /// Moves the price of both legs by a fraction; zero only says it again.
  func move(_ symbol: String, by fraction: String, at venue: String) throws {
    try control.post(
      "/market",
      ["venue": .string(venue), "symbol": .string(symbol), "move": .string(fraction)])
  }

  /// Lets hours pass in lockstep: every client has acted on a moment before the next one comes.
  func pass(until text: String, seconds: Int = 120) throws {
    let moment = try Timestamp(text[...])
    try control.post("/time", ["speed": "max"])
    try until("the clock of the venues reaches \(moment)", seconds: seconds) {
      try now() >= moment
    }
    try control.post("/time", ["speed": "1"])
  }

  func stop() { process.kill() }
}
