import Trading
import Wire

/// Who may do what.
enum BybitGate {
  /// Whether a path needs no key.
  static func isPublic(_ path: String) -> Bool {
    path.hasPrefix("/v5/market/") || path.hasPrefix("/v5/announcements/")
      || path.hasPrefix("/v5/system/")
      || ["/v5/spread/instrument", "/v5/spread/orderbook", "/v5/spread/tickers"].contains(path)
  }

  /// Whether the key is allowed what the request wants.
  static func check(
    _ key: APIKey, _ request: HTTPRequest, _ parameters: BybitParameters
  ) throws(BybitRefusal) {
    let path = request.path
    if request.method == .get {
      if !key.mayRead { throw .permission }
    } else if path.hasPrefix("/v5/order/") {
      try check(key, trades: parameters.text("category") ?? "linear")
    } else if path.hasPrefix("/v5/position/") || path.hasPrefix("/v5/account/") {
      if !key.mayTradePerpetuals { throw .permission }
    } else if path.hasPrefix("/v5/spread/") {
      if !(key.mayTradePerpetuals && key.mayTradeSpot) { throw .permission }
    } else if path.hasPrefix("/v5/asset/") {
      if !key.mayTransfer { throw .permission }
    }
  }

  /// Whether the key may trade a category.
  static func check(_ key: APIKey, trades category: String) throws(BybitRefusal) {
    let may = category == "spot" ? key.mayTradeSpot : key.mayTradePerpetuals
    if !may { throw .permission }
  }
}

extension BybitFront {
  /// Checks key, time and signature of a request over the exact bytes that were sent.
  func authenticate(_ request: HTTPRequest) throws(BybitRefusal) -> APIKey {
    guard let name = request.header("X-BAPI-API-KEY"), let key = venue.world.key(name) else {
      throw .key
    }
    let stamp = request.header("X-BAPI-TIMESTAMP") ?? ""
    let window = request.header("X-BAPI-RECV-WINDOW") ?? ""
    try checkTime(stamp, window: window.isEmpty ? "5000" : window)
    let content = request.method == .post ? request.body : Array(request.query.utf8)
    let signed = Array((stamp + name + window).utf8) + content
    guard isSigned(signed, by: request.header("X-BAPI-SIGN") ?? "", key) else { throw .signature }
    if let end = key.expiresAt, end <= venue.now {
      throw BybitRefusal(33004, "Your api key has expired.")
    }
    return key
  }

  /// Not before the window and less than a second ahead of the venue.
  func checkTime(_ stamp: String, window: String) throws(BybitRefusal) {
    guard let stamp = Int64(stamp), let window = Int64(window), (0...60_000).contains(window) else {
      throw .timestamp
    }
    let now = venue.clock.milliseconds
    guard stamp >= now - window, stamp < now + 1000 else { throw .timestamp }
  }

  /// Whether the arguments of a socket's login are right: key, expiry and signature.
  func login(_ arguments: [JSON]) throws(BybitRefusal) -> APIKey {
    guard arguments.count >= 3, let name = arguments[0].text, let expiry = arguments[1].text,
      let signature = arguments[2].text
    else { throw .parameter("Params Error") }
    guard let key = venue.world.key(name) else { throw .key }
    guard isSigned(Array("GET/realtime\(expiry)".utf8), by: signature, key) else {
      throw .signature
    }
    guard let expiry = Int64(expiry), expiry > venue.clock.milliseconds else { throw .timestamp }
    return key
  }

  private func isSigned(_ content: [UInt8], by signature: String, _ key: APIKey) -> Bool {
    let expected = Hex.encode(Signature.hmacSHA256(content, key: key.secret))
    return Signature.areEqual(Array(expected.utf8), Array(signature.lowercased().utf8))
  }
}
