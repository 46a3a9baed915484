import FixedPoint
import Testing
import Trading
import Venues
import Wire

@Suite("Bybit: instruments, key and modes")
struct BybitSurveyTests {
  private func tier(
    _ symbol: String, _ limit: String, _ rate: String, _ leverage: String, _ deduction: String,
    initial: String
  ) -> String {
    #"{"id":1,"symbol":"\#(symbol)","riskLimitValue":"\#(limit)","maintenanceMargin":"\#(rate)","#
      + #""initialMargin":"\#(initial)","maxLeverage":"\#(leverage)","#
      + #""mmDeduction":"\#(deduction)"}"#
  }

  /// A venue with spot `PEPE` and whatever perpetuals a test lists.
  private func survey(
    _ symbols: [Symbol], perps: [String], spots: [String], margin: MarginMode = .isolated
  ) -> [VenueMessage] {
    var dialect = BybitDialect(credentials: BybitFixture.credentials, margin: margin)
    return dialect.perform(.survey(symbols)) { call in
      switch call.path {
      case "/v5/market/instruments-info":
        guard call["category"] == "linear" else { return BybitFixture.page(spots) }
        // One row a page.
        let place = Int(call["cursor"] ?? "0") ?? 0
        return BybitFixture.page(
          [perps[place]], cursor: place + 1 < perps.count ? "\(place + 1)" : "")
      case "/v5/market/risk-limit":
        let name = call["symbol"] ?? ""
        return call["cursor"] == nil
          ? BybitFixture.page(
            [tier(name, "900000", "0.02", "25.00", "1000", initial: "0.04")], cursor: "next")
          : BybitFixture.page([tier(name, "200000", "0.01", "50.00", "", initial: "0.02")])
      case "/v5/spread/instrument":
        return BybitFixture.page([
          #"{"symbol":"BTCUSDT_BTC/USDT","contractType":"FundingRateArb","status":"Trading","#
            + #""baseCoin":"BTC","tickSize":"0.01","lotSize":"0.001","minSize":"0.001","#
            + #""maxSize":"50","legs":[{"symbol":"BTCUSDT","contractType":"LinearPerpetual"},"#
            + #"{"symbol":"BTCUSDT","contractType":"Spot"}]}"#
        ])
      default: return BybitScript.reply(call)
      }
    }
  }

  private func listings(_ messages: [VenueMessage]) throws -> ([Listing], missing: [Symbol]) {
    guard case .surveyed(let listings, let missing)? = messages.last else {
      throw DialectError("no survey in \(messages)")
    }
    return (listings, missing)
  }

  @Test("the combination of a pair, at half the fees, in cross margin only")
  func combination() throws {
    func combo(_ margin: MarginMode) throws -> Combo? {
      let messages = survey(
        ["BTCUSDT"], perps: [BybitScript.perp()], spots: [BybitScript.spot()], margin: margin)
      return try listings(messages).0.first?.combo
    }
    #expect(try combo(.isolated) == nil)
    #expect(
      try combo(.cross)
        == Combo(
          name: "BTCUSDT_BTC/USDT", tick: "0.01", lot: "0.001", minimumQuantity: "0.001",
          maximumQuantity: "50", feeShare: "0.5"))
  }

  @Test("a pair with paged rows, fees and tiers")
  func pair() throws {
    let (found, missing) = try listings(
      survey(
        ["BTCUSDT", "NONEUSDT"],
        perps: [BybitScript.perp("ETHUSDT", base: "ETH"), BybitScript.perp()],
        spots: [BybitScript.spot()]))
    #expect(missing == ["NONEUSDT"])
    let pair = try #require(found.first)
    #expect(pair.spot.id == BybitFixture.spotBTC && pair.perp.id == BybitFixture.perpBTC)
    #expect(pair.spot.tick == "0.1" && pair.spot.lot == "0.000001")
    #expect(pair.spot.minimumQuantity == "0.000001" && pair.spot.minimumNotional == "5")
    #expect(pair.spot.fees.isTakenFromReceivedAsset && pair.spot.fees.taker == "0.0006")
    #expect(!pair.perp.fees.isTakenFromReceivedAsset && pair.perp.fees.maker == "0.0001")
    #expect(pair.perp.tick == "0.0000001" && pair.perp.lot == "100")
    #expect(
      pair.terms
        == FundingTerms(
          intervalHours: 8, cap: "0.00375", floor: "-0.00375",
          nextSettlement: Timestamp(milliseconds: 1_735_718_400_000)))
    #expect(
      pair.perp.marginTiers == [
        MarginTier(
          floor: "0", maintenanceRate: "0.01", deduction: "0", maximumLeverage: "50"),
        MarginTier(
          floor: "200000", maintenanceRate: "0.02", deduction: "1000", maximumLeverage: "25"),
      ])
    #expect(pair.combo == nil)
    #expect(pair.delistsAt == nil && pair.perpStatus == .trading)
    #expect(pair.listedAt == Timestamp(milliseconds: 1_585_526_400_000))
  }

  @Test(
    "contracts of many base units, written in front or behind",
    arguments: [
      ("1000PEPEUSDT", "1000PEPE", "PEPE", 1000), ("SHIB1000USDT", "SHIB1000", "SHIB", 1000),
      ("10000SATSUSDT", "10000SATS", "SATS", 10000), ("1INCHUSDT", "1INCH", "1INCH", 1),
      ("1000000MOGUSDT", "1000000MOG", "MOG", 1_000_000),
    ])
  func multipliers(name: String, coin: String, base: String, multiplier: Int) throws {
    let symbol = Symbol(rawValue: name)
    let (found, _) = try listings(
      survey(
        [symbol], perps: [BybitScript.perp(name, base: coin)],
        spots: [BybitScript.spot("\(base)USDT", base: base)]))
    let pair = try #require(found.first)
    #expect(pair.multiplier == multiplier && pair.perpName == name)
    #expect(pair.perp.id.symbol == symbol && pair.perp.base.rawValue == base)
    #expect(pair.spotName == "\(base)USDT")
    let tick: Price = "0.0000001"
    #expect(pair.perp.tick.times(multiplier) == tick)
    #expect(pair.perp.lot == Quantity(100 * multiplier))
    #expect(pair.perp.minimumQuantity == Quantity(100 * multiplier))
  }

  @Test("special instruments are left out; a delisting is known")
  func special() throws {
    let spots = [BybitScript.spot()]
    for perp in [
      BybitScript.perp(preListing: true), BybitScript.perp(type: "innovation"),
      BybitScript.perp(minutes: 8), BybitScript.perp(base: "2BTC"),
    ] {
      #expect(try listings(survey(["BTCUSDT"], perps: [perp], spots: spots)).missing.count == 1)
    }
    let treated = BybitScript.spot().replacing(#""stTag":"0""#, with: #""stTag":"1""#)
    #expect(
      try listings(survey(["BTCUSDT"], perps: [BybitScript.perp()], spots: [treated]))
        .missing.count == 1)
    let (found, _) = try listings(
      survey(
        ["BTCUSDT"],
        perps: [
          BybitScript.perp(delivery: "1736000000000").replacing("1585526400000", with: "soon")
        ], spots: spots))
    #expect(found.first?.delistsAt == Timestamp(milliseconds: 1_736_000_000_000))
    #expect(found.first?.perpStatus == .delisting && found.first?.spotStatus == .trading)
    // A day of listing that is none leaves the pair as it is.
    #expect(found.first?.listedAt == nil)
  }

  @Test("a survey that fails in one part fails; combinations may be missing")
  func failure() {
    for (path, fails) in [("/v5/account/fee-rate", true), ("/v5/spread/instrument", false)] {
      var dialect = BybitDialect(credentials: BybitFixture.credentials)
      let messages = dialect.perform(.survey(["BTCUSDT"])) { call in
        call.path == path ? .unknown("timeout") : BybitScript.reply(call)
      }
      let hasFailed = messages.last == .failed(.survey(["BTCUSDT"]), .unavailable("timeout"))
      #expect(hasFailed == fails)
    }
  }

  private func key(
    wallet: String = #""AccountTransfer""#, extra: String = "", readOnly: Int = 0,
    status: Int = 5
  ) -> [VenueMessage] {
    var dialect = BybitDialect(credentials: BybitFixture.credentials)
    return dialect.perform(.readKey) { call in
      call.path == "/v5/account/info"
        ? BybitFixture.answer(#"{"unifiedMarginStatus":\#(status),"marginMode":"x"}"#)
        : BybitFixture.answer(
          #"{"id":"1","readOnly":\#(readOnly),"permissions":{"ContractTrade":["Order","Position"],"#
            + #""Spot":["SpotTrade"],"Wallet":[\#(wallet)],"Exchange":["ExchangeHistory"]"#
            + #"\#(extra)},"ips":["18.181.170.164"],"deadlineDay":83,"#
            + #""expiredAt":"2026-10-13T03:20:45Z","uta":1}"#)
    }
  }

  @Test("what a key may do, and which keys and accounts are not for this")
  func keys() throws {
    guard case .key(let key)? = self.key().first else {
      Issue.record("no key")
      return
    }
    #expect(!key.mayWithdraw && key.mayTradeSpot && key.mayTradePerpetuals && key.mayTransfer)
    #expect(key.isBoundToAddress)
    #expect(key.expiresAt == (try Timestamp("2026-10-13T03:20:45Z")))
    for (wallet, extra, words) in [
      (#""Withdraw","AccountTransfer""#, "", "Wallet: Withdraw"),
      (#""SubMemberTransfer""#, "", "Wallet: SubMemberTransfer"),
      ("", #","FiatP2P":["Advertising"]"#, "FiatP2P: Advertising"),
      ("", #","CopyTrading":["CopyTrading"]"#, "CopyTrading: CopyTrading"),
    ] {
      guard case .key(let key)? = self.key(wallet: wallet, extra: extra).first else {
        Issue.record("no key")
        return
      }
      #expect(key.mayWithdraw && key.withdrawalRights == [words])
    }
    guard case .key(let reader)? = self.key(readOnly: 1).first else {
      Issue.record("no key")
      return
    }
    #expect(!reader.mayTradeSpot && !reader.mayTradePerpetuals && !reader.mayTransfer)
    guard case .failed(.readKey, .refused)? = self.key(status: 1).first else {
      Issue.record("a classic account")
      return
    }
  }

  private func prepare(
    _ task: VenueTask, marginMode: [String], code: Int = 0, leverage: String = "3",
    positionIndex: Int = 0, isCross: Bool = false
  ) -> (messages: [VenueMessage], sent: [String]) {
    var dialect = isCross ? BybitFixture.cross() : BybitFixture.dialect()
    var sent: [String] = []
    var modes = marginMode
    let messages = dialect.perform(task) { call in
      if call.isMutating {
        sent.append(call["setMarginMode"] ?? call.path)
        return BybitFixture.answer("{}", code: code, text: "no")
      }
      if call.path == "/v5/account/info" {
        let mode = modes.count > 1 ? modes.removeFirst() : modes[0]
        return BybitFixture.answer(#"{"unifiedMarginStatus":5,"marginMode":"\#(mode)"}"#)
      }
      return BybitFixture.page([
        #"{"symbol":"\#(call["symbol"] ?? "")","positionIdx":\#(positionIndex),"#
          + #""leverage":"\#(leverage)","size":"0","side":""}"#
      ])
    }
    return (messages, sent)
  }

  private func modes(_ messages: [VenueMessage]) throws -> AccountModes {
    guard case .modes(let modes)? = messages.last else { throw DialectError("no modes") }
    return modes
  }

  @Test("modes are set and read back; what is so already is fine")
  func modes() throws {
    let fresh = prepare(
      .prepare(leverage: "3"), marginMode: ["REGULAR_MARGIN", "ISOLATED_MARGIN"])
    #expect(fresh.sent.count == 7 && fresh.sent[0] == "ISOLATED_MARGIN")
    let modes = try modes(fresh.messages)
    #expect(modes.isOneWay && modes.isIsolated && modes.problems.isEmpty)
    #expect(modes.leverage.count == 3 && modes.leverage[BybitFixture.perpPEPE] == "3")
    let again = prepare(
      .prepare(leverage: "3"), marginMode: ["ISOLATED_MARGIN"], code: 110_043)
    #expect(again.sent.count == 6)
    #expect(try self.modes(again.messages).problems.isEmpty)
    let reading = prepare(.readModes, marginMode: ["PORTFOLIO_MARGIN"])
    #expect(reading.sent.isEmpty)
    #expect(try self.modes(reading.messages).problems == ["margin mode is PORTFOLIO_MARGIN"])
  }

  @Test("cross margin is set and read where it is wanted, and is a problem where it is not")
  func crossMargin() throws {
    let fresh = prepare(
      .prepare(leverage: "3"), marginMode: ["ISOLATED_MARGIN", "REGULAR_MARGIN"], isCross: true)
    #expect(fresh.sent.count == 7 && fresh.sent[0] == "REGULAR_MARGIN")
    let modes = try modes(fresh.messages)
    #expect(!modes.isIsolated && modes.problems.isEmpty)
    let again = prepare(
      .prepare(leverage: "3"), marginMode: ["REGULAR_MARGIN"], code: 110_043, isCross: true)
    #expect(again.sent.count == 6)
    let wrong = prepare(.readModes, marginMode: ["ISOLATED_MARGIN"], isCross: true)
    #expect(try self.modes(wrong.messages).problems == ["margin mode is ISOLATED_MARGIN"])
    #expect(try self.modes(wrong.messages).isIsolated)
    let unwanted = prepare(.readModes, marginMode: ["REGULAR_MARGIN"])
    #expect(try self.modes(unwanted.messages).problems == ["margin mode is REGULAR_MARGIN"])
  }

  @Test("what could not be set is said in words")
  func problems() throws {
    let hedged = try modes(
      prepare(
        .prepare(leverage: "3"), marginMode: ["ISOLATED_MARGIN"], code: 110_024, leverage: "10",
        positionIndex: 1
      ).messages)
    #expect(!hedged.isOneWay && hedged.isIsolated)
    #expect(hedged.problems.contains("position mode of BTCUSDT cannot be set: 110024 no"))
    #expect(hedged.problems.contains("BTCUSDT is not in one-way mode"))
    #expect(hedged.problems.contains("leverage of BTCUSDT is 10, wanted 3"))
  }
}
