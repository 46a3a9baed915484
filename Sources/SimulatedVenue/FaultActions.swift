import FixedPoint
import Simulation
import Trading

extension VenueServer {
  /// Lets a fault wait for its case, or carries it out when it waits for none.
  func plan(_ fault: Fault) {
    guard fault.kind.isImmediate else { return world.faults.add(fault) }
    if let from = fault.from, from > world.now {
      world.schedule(at: from) { [unowned self] in carryOut(fault) }
    } else {
      carryOut(fault)
    }
  }

  /// Does at once what a fault says.
  private func carryOut(_ fault: Fault) {
    for venue in world.venues where fault.venue ?? venue.id == venue.id {
      switch fault.kind {
      case .clockSkew: venue.setClockSkew(fault.span)
      case .restart: venue.restart()
      case .expireKeys: venue.expireListenKeys(all: true)
      case .status, .autoDeleverage, .liquidation, .interval, .delisting:
        for listing in venue.listings where concerns(fault, listing) {
          carryOut(fault, on: listing, of: venue)
        }
      case .disconnect, .silence: strikeSockets(fault, of: venue)
      default: break
      }
    }
  }

  private func carryOut(_ fault: Fault, on listing: ListedInstrument, of venue: Venue) {
    switch fault.kind {
    case .status:
      if let status = ListingStatus(rawValue: fault.status) {
        venue.setStatus(status, of: listing.index)
      }
    case .autoDeleverage where listing.isPerp:
      venue.deleverage(listing.index, fraction: Rate(fault.fraction) ?? .one)
    case .liquidation where listing.isPerp:
      if let move = Rate(fault.fraction) {
        venue.setPrice(
          venue.lastPrice(listing.index).times(.one + move), of: listing.index)
      } else {
        venue.forceLiquidation(listing.index)
      }
    case .interval where listing.isPerp:
      if fault.hours > 0, 24 % fault.hours == 0 {
        venue.setInterval(hours: fault.hours, of: listing.index)
      }
    case .delisting where listing.isPerp:
      venue.endContract(listing.index, at: world.now + fault.span)
    default: break
    }
  }

  /// Whether a fault means an instrument: by pair, by name on the wire, or by front for its market.
  private func concerns(_ fault: Fault, _ listing: ListedInstrument) -> Bool {
    let isNamed =
      fault.symbol.isEmpty || fault.symbol == listing.name
      || fault.symbol == listing.instrument.id.symbol.rawValue
    if !isNamed { return false }
    switch fault.front {
    case let front? where front.hasSuffix("-spot"): return !listing.isPerp
    case let front? where front.hasSuffix("-futures"): return listing.isPerp
    default: return true
    }
  }

  private func strikeSockets(_ fault: Fault, of venue: Venue) {
    let steady = SocketServer.steadyTime()
    for connection in server.connections where connection.isWebSocket {
      guard let front = front(of: connection), front.venue === venue,
        fault.front ?? front.name == front.name,
        fault.path.isEmpty || connection.path.hasPrefix(fault.path)
      else { continue }
      if fault.kind == .disconnect {
        server.cut(connection)
      } else {
        connection.silentUntil = steady + (fault.span > .seconds(0) ? fault.span : .days(3650))
      }
    }
  }
}
