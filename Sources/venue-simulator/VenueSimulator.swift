import ArgumentParser
import Foundation
import SimulatedVenue

/// Serves simulated venues on ports of this machine.
struct VenueSimulator: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "venue-simulator",
    abstract: "Serves Binance and Bybit from a recorded or made-up market, on ports of its own.",
    discussion: """
      Speaks the venues' own protocols over HTTP and WebSocket, so that real clients can trade \
      against it. When it is ready it prints one line of JSON with its ports to standard output:

        {"binance-spot":41001,"binance-futures":41002,"bybit":41003,"control":41004}

      The control port answers GET /truth (everything as JSON), GET /health, POST /fault, /time, \
      /market and /deposit. API key and secret come from VENUE_SIMULATOR_KEY and \
      VENUE_SIMULATOR_SECRET or from the file named by keys.file, never from an option.

      Options win over the configuration file. SIGTERM and Ctrl-C end it.

      Exit codes: 0 done; 1 failed; 64 usage; 69 a port is taken; 78 bad configuration.
      """)

  @OptionGroup(title: "Market") var market: MarketFlags
  @OptionGroup(title: "Clock") var clock: ClockFlags
  @OptionGroup(title: "Ports") var ports: PortFlags

  @Option(help: "The configuration file; default: config/simulator.yaml where it is.")
  var config: String?

  @Option(help: "Venues, comma-separated; default: those of the configuration.")
  var venues: String?

  @Option(
    name: .customLong("balance"), parsing: .singleValue,
    help: ArgumentHelp(
      "What a wallet begins with, instead of the configuration's; may be repeated.",
      valueName: "venue:wallet:asset=amount"))
  var balances: [String] = []

  @Option(help: "A file with a fault or a list of faults as JSON, as for POST /fault.")
  var faults: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Override a key of the configuration; may be repeated.",
      valueName: "key=value"))
  var overrides: [String] = []

  func run() throws {
    StopWish.listen()
    let settings = try Settings(self)
    let simulator = try Simulator(settings)
    print(simulator.announcement)
    fflush(nil)
    simulator.server.run { StopWish.isRaised }
  }
}

/// Which market is played.
struct MarketFlags: ParsableArguments {
  @Option(help: "A folder of recorded markets; without it the generator makes one up.")
  var data: String?

  @Option(help: "The seed of the generator.")
  var seed: String?

  @Option(help: "Pairs, comma-separated; default: all that are known.")
  var symbols: String?

  @Option(help: "Length of a bar: 1m, 5m, 1h.")
  var interval: String?

  @Option(help: "Further pairs to make up, for tests under load.")
  var madeUpPairs: String?
}

/// How time passes.
struct ClockFlags: ParsableArguments {
  @Option(help: "Where the clock begins: now, or a UTC time.")
  var start: String?

  @Option(help: "The market ends here; requests are answered all the same. A UTC time.")
  var until: String?

  @Option(
    help: """
      Seconds of the market per second; or max: the next moment comes as soon as every WebSocket \
      client has answered its pings and nothing more was asked.
      """)
  var speed: String?

  @Flag(help: "The clock stands until POST /time {\"run\": true}.")
  var hold = false
}

/// Where it listens; 0 takes any free port.
struct PortFlags: ParsableArguments {
  @Option(help: "Binance spot: REST, streams and WebSocket API.")
  var binanceSpot: String?

  @Option(help: "Binance USDⓈ-M futures: REST and streams.")
  var binanceFutures: String?

  @Option(help: "Bybit: REST and streams.")
  var bybit: String?

  @Option(help: "The control port.")
  var control: String?

  @Option(help: "The address of this machine that all ports are bound to.")
  var address: String?

  @Option(help: "A certificate chain as PEM: the venues' ports speak TLS.")
  var tlsCertificate: String?

  @Option(help: "Its key as PEM.")
  var tlsKey: String?
}

/// What ends the process, with its exit code.
struct Failure: Error, CustomStringConvertible {
  enum Code: Int32 {
    case failed = 1
    case usage = 64
    case unavailable = 69
    case badConfiguration = 78
  }
  let code: Code
  let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

@main
enum Main {
  static func main() {
    do {
      var command = try VenueSimulator.parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      for line in failure.description.split(separator: "\n") {
        FileHandle.standardError.write(Data("error: \(line)\n".utf8))
      }
      exit(failure.code.rawValue)
    } catch {
      VenueSimulator.exit(withError: error)
    }
  }
}
