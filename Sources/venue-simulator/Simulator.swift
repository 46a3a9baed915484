import FixedPoint
import Foundation
import SimulatedVenue
import Simulation
import Trading
import Wire

/// Builds the world that the settings describe and opens its ports.
struct Simulator {
  let server: VenueServer
  private var ports: [(name: String, number: UInt16)] = []

  init(_ settings: Settings) throws {
    let market = try SimulatedMarket(settings)
    let beat = try settings.integer("clock.beat_milliseconds", 0...86_400_000)
    let world = VenueWorld(
      start: market.range.lowerBound, until: market.until,
      faults: FaultPlan(
        seed: UInt64(try settings.integer("faults.seed", 0...1_000_000_000))),
      beat: beat == 0 ? nil : .milliseconds(Int64(beat)))
    let venues = try market.plans(settings).map { world.add($0) }
    for key in try Credentials(settings).keys { world.add(key) }
    for fault in try Self.faults(settings) { world.faults.add(fault) }
    guard let speed = Speed(settings.text("clock.speed")) else {
      throw settings.bad("clock.speed", "a number above zero, or max")
    }
    // Prices stand before the first client comes; loading took its time.
    world.advance(to: market.followsMachine ? .machineTime : market.start)
    server = VenueServer(world: world, speed: speed, isHeld: try settings.flag("clock.hold"))
    do throws(ServerError) {
      try open(venues, settings)
    } catch {
      throw Failure(.unavailable, error.description)
    }
  }

  /// The ports as one line of JSON.
  var announcement: String {
    "{\(ports.map { "\"\($0.name)\":\($0.number)" }.joined(separator: ","))}"
  }

  private mutating func open(_ venues: [Venue], _ settings: Settings) throws(ServerError) {
    let address = settings.text("ports.address")
    var tls: TLSContext?
    if let certificate = settings.path("tls.certificate") {
      tls = try TLSContext(
        certificate: certificate, key: settings.path("tls.key") ?? certificate)
    }
    for venue in venues {
      let fronts: [(any VenueFront, String)] =
        venue.id == "bybit"
        ? [(BybitFront(venue: venue, settings: bybit(settings)), "ports.bybit")]
        : [
          (BinanceSpotFront(venue), "ports.binance_spot"),
          (BinanceFuturesFront(venue), "ports.binance_futures"),
        ]
      for (front, key) in fronts {
        let number = try server.open(front, port: port(key, settings), address: address, tls: tls)
        ports.append((front.name, number))
      }
    }
    ports.append(
      ("control", try server.openControl(port: port("ports.control", settings), address: address)))
  }

  private func bybit(_ settings: Settings) -> BybitSettings {
    var result = BybitSettings()
    if let delay = Int64(settings.text("bybit.order_milliseconds")) {
      result.engineDelay = .milliseconds(max(0, min(delay, 60_000)))
    }
    return result
  }

  private func port(_ key: String, _ settings: Settings) throws(ServerError) -> UInt16 {
    guard let number = UInt16(settings.text(key)) else {
      throw ServerError("\(key) (\(settings.text(key))) must be 0 to 65535")
    }
    return number
  }

  private static func faults(_ settings: Settings) throws -> [Fault] {
    guard let path = settings.path("faults.file") else { return [] }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(.badConfiguration, "cannot read the faults (\(path))")
    }
    guard let json = try? JSON([UInt8](data)) else {
      throw Failure(.badConfiguration, "\(path) is not JSON")
    }
    do {
      return try (json.elements.isEmpty ? [json] : json.elements).map { try Fault($0) }
    } catch let error as ServerError {
      throw Failure(.badConfiguration, "\(path): \(error.description)")
    }
  }
}
