import Trading
import Wire

/// Checks of keys, signatures and times.
enum BinanceAccess {
  /// Finds a key.
  ///
  /// - Throws: a name that cannot be one, or that nobody has.
  static func key(_ name: String?, at venue: Venue) throws(BinanceError) -> APIKey {
    guard let name, (1...128).contains(name.utf8.count),
      name.utf8.allSatisfy({ isKeyCharacter($0) })
    else { throw .keyFormat }
    guard let key = venue.world.key(name) else { throw .key }
    if let end = key.expiresAt, end <= venue.clock { throw .key }
    return key
  }

  /// Whether the key may do it on this market.
  static func check(
    _ key: APIKey, for security: BinanceSecurity, on market: Market
  ) throws(BinanceError) {
    switch (security, market) {
    case (.open, _), (.key, _), (.signed, _): break
    case (.read, _): if !key.mayRead { throw .key }
    case (.trade, .spot): if !key.mayTradeSpot { throw .key }
    case (.trade, .perp): if !key.mayTradePerpetuals { throw .key }
    }
  }

  /// Checks the signature of a request: over query and body as sent, without the signature.
  static func verify(_ request: HTTPRequest, key: APIKey) throws(BinanceError) {
    let (query, first) = withoutSignature(request.query)
    let (body, second) = withoutSignature(String(decoding: request.body, as: UTF8.self))
    guard let signature = first ?? second else { throw .missing("signature") }
    guard isSigned(query + body, by: key, signature) else { throw .signature }
  }

  /// Whether a text was signed with a key: HMAC in hexadecimal digits, or Ed25519 in base64.
  static func isSigned(_ text: String, by key: APIKey, _ signature: String) -> Bool {
    if let publicKey = key.publicKey {
      return Signature.ed25519Verify(text, signature: signature, publicKeyPEM: publicKey)
    }
    let wanted = Signature.hmacSHA256Hex(text, key: key.secret)
    return Signature.areEqual(Array(wanted.utf8), Array(signature.lowercased().utf8))
  }

  /// Checks `timestamp` and `recvWindow`: not more than a second ahead, not older than the window.
  static func checkTime(
    _ parameters: BinanceParameters, at clock: Timestamp
  ) throws(BinanceError) {
    guard let sent = try parameters.integer("timestamp") else { throw .missing("timestamp") }
    // Sixteen digits are microseconds.
    let isMicroseconds = sent >= 1_000_000_000_000_000
    guard sent > 0, sent < 9_000_000_000_000_000 else {
      throw .illegal("timestamp", range: "^[0-9]{1,20}$")
    }
    let moment = Timestamp(nanoseconds: sent * (isMicroseconds ? 1000 : 1_000_000))
    let window = try parameters.decimal("recvWindow", as: Unit.Ratio.self) ?? "5000"
    if window > "60000" || window.isNegative { throw .receiveWindow }
    if moment >= clock + .seconds(1) { throw .timestampAhead }
    let age = (clock - moment).seconds.times(1000)
    if age > window { throw .timestampBehind }
  }

  private static func withoutSignature(_ text: String) -> (rest: String, signature: String?) {
    if text.isEmpty { return ("", nil) }
    var signature: String?
    var kept: [Substring] = []
    for part in text.split(separator: "&", omittingEmptySubsequences: false) {
      if part.hasPrefix("signature=") {
        signature = FormText.split(String(part))?.first?.value
      } else {
        kept.append(part)
      }
    }
    return (kept.joined(separator: "&"), signature)
  }

  private static func isKeyCharacter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }
}
