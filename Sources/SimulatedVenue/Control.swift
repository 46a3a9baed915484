import FixedPoint
import Trading
import Wire

/// The control port: what only the operator of a simulator can do.
extension VenueServer {
  /// Answers a request of the control port.
  func control(_ request: HTTPRequest) -> HTTPResponse {
    do throws(ServerError) {
      switch (request.method, request.path) {
      case (.get, "/health"): return answer(.record(("ok", true), ("now", .string("\(world.now)"))))
      case (.get, "/truth"): return answer(world.truth)
      case (.get, "/fault"):
        return answer(.array(world.faults.waiting.map { .string($0.kind.rawValue) }))
      case (.delete, "/fault"): world.faults.clear()
      case (.post, "/fault"):
        let body = try body(request)
        let faults = body.elements.isEmpty ? [body] : body.elements
        var read: [Fault] = []
        for json in faults { read.append(try Fault(json)) }
        for fault in read { plan(fault) }
      case (.post, "/time"): try setTime(body(request))
      case (.post, "/market"): try setMarket(body(request))
      case (.post, "/deposit"): try deposit(body(request))
      default:
        return answer(
          .record(
            (
              "error",
              "GET /health, /truth, /fault; POST /fault, /time, /market, /deposit; DELETE /fault"
            )), status: 404)
      }
      return answer(.record(("ok", true), ("now", .string("\(world.now)"))))
    } catch {
      return answer(.record(("error", .string(error.description))), status: 400)
    }
  }

  /// `{"run": true}`, `{"speed": "60"}`, `{"to": "2024-01-02"}`, `{"advance_seconds": 3600}`.
  private func setTime(_ json: JSON) throws(ServerError) {
    if let text = json["speed"]?.text {
      guard let speed = Speed(text) else { throw ServerError("speed is a number or max") }
      setPace(speed: speed)
    }
    if let isRunning = json["run"]?.bool { setPace(isRunning: isRunning) }
    if let seconds = json["advance_seconds"]?.integer {
      guard (0...315_360_000).contains(seconds) else { throw ServerError("that is too far") }
      jump(to: world.now + .seconds(seconds))
    }
    if let text = json["to"]?.text {
      guard let time = try? Timestamp(text[...]) else { throw ServerError("to is not a UTC time") }
      jump(to: time)
    }
  }

  /// `{"venue": "binance", "symbol": "BTCUSDT", "price": "61000", "move": "0.01", "rate": "0.0003"}`
  /// with `market` for one leg only and `mark` for the perpetual's mark alone.
  private func setMarket(_ json: JSON) throws(ServerError) {
    let (venue, symbol) = try (venue(json), json["symbol"]?.text ?? "")
    let market = json["market"]?.text.flatMap(Market.init(rawValue:))
    let chosen = venue.listings.filter {
      ($0.instrument.id.symbol.rawValue == symbol || $0.name == symbol)
        && (market == nil || $0.instrument.id.market == market)
    }
    if chosen.isEmpty { throw ServerError("no such symbol (\(symbol))") }
    for listing in chosen {
      let last = venue.lastPrice(listing.index)
      var price: Price? = json["price"]?.decimal()
      if let move: Rate = json["move"]?.decimal() { price = last.times(.one + move) }
      let mark: Price? = listing.isPerp ? json["mark"]?.decimal() : nil
      if let price = price ?? (mark == nil ? nil : last) {
        guard price.isPositive, price < "1000000000" else { throw ServerError("no such price") }
        venue.setPrice(price, mark: mark, of: listing.index)
      }
      if listing.isPerp, let rate: Rate = json["rate"]?.decimal() {
        venue.setRate(rate, of: listing.index)
      }
    }
  }

  /// `{"venue": "binance", "wallet": "spot", "asset": "USDT", "amount": "-100"}`.
  private func deposit(_ json: JSON) throws(ServerError) {
    let venue = try venue(json)
    guard let wallet = json["wallet"]?.text.flatMap(AccountWallet.init(rawValue:)),
      venue.has(wallet), let asset = json["asset"]?.text,
      let amount: Amount = json["amount"]?.decimal()
    else { throw ServerError("a deposit needs wallet, asset and amount") }
    venue.deposit(amount, of: AssetID(asset), in: wallet)
  }

  private func venue(_ json: JSON) throws(ServerError) -> Venue {
    if json["venue"] == nil, world.venues.count == 1 { return world.venues[0] }
    guard let venue = world.venue(VenueID(json["venue"]?.text ?? "")) else {
      throw ServerError("no such venue (\(json["venue"]?.text ?? ""))")
    }
    return venue
  }

  private func body(_ request: HTTPRequest) throws(ServerError) -> JSON {
    guard let json = try? JSON(request.body) else { throw ServerError("the body is not JSON") }
    return json
  }

  private func answer(_ json: JSON, status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: [HTTPHeader("Content-Type", "application/json")], body: json.bytes)
  }
}
