import FixedPoint
import Testing
import Trading
import Venues
import Wire

/// Instruments, fees, terms and tiers out of recorded answers; modes read, changed and read back.
@Suite struct BinanceSurveyTests {
  private let pepeSpot: JSON = [
    "symbol": "PEPEUSDT", "status": "TRADING", "baseAsset": "PEPE", "quoteAsset": "USDT",
    "isSpotTradingAllowed": true,
    "filters": [
      ["filterType": "PRICE_FILTER", "tickSize": "0.00000001"],
      ["filterType": "LOT_SIZE", "minQty": "1.00", "stepSize": "1.00"],
      ["filterType": "NOTIONAL", "minNotional": "1.00000000"],
    ],
  ]

  private func server(_ call: Call<BinancePurpose>, spotPepe: String = "0.00000250") throws
    -> CallOutcome
  {
    let symbol = call.parameters.first { $0.name == "symbol" }?.value ?? ""
    switch call.path {
    case "/api/v3/exchangeInfo":
      let listed = try BinanceFixture.json("spot_exchange_info.json")["symbols"]?.elements ?? []
      return BinanceBench.ok(["symbols": .array(listed + [pepeSpot])])
    case "/fapi/v1/exchangeInfo":
      return BinanceBench.ok(try BinanceFixture.json("perp_exchange_info.json"))
    case "/fapi/v1/fundingInfo":
      return BinanceBench.ok(try BinanceFixture.json("funding_info.json"))
    case "/fapi/v1/premiumIndex":
      return BinanceBench.ok(try BinanceFixture.json("premium_index.json"))
    case "/fapi/v1/leverageBracket":
      let tiers = try BinanceFixture.json("leverage_brackets.json").elements
      let pepe: JSON = [
        "symbol": "1000PEPEUSDT",
        "brackets": [
          [
            "bracket": 2, "initialLeverage": 50, "notionalCap": 10000, "notionalFloor": 5000,
            "maintMarginRatio": .number("0.02"), "cum": .number("2.5E1"),
          ],
          [
            "bracket": 1, "initialLeverage": 75, "notionalCap": 5000, "notionalFloor": 0,
            "maintMarginRatio": .number("0.015"), "cum": .number("0.0"),
          ],
        ],
      ]
      return BinanceBench.ok(.array(tiers + [pepe]))
    case "/api/v3/account/commission":
      let rates: JSON = ["maker": "0.001", "taker": "0.0012", "buyer": "0.0001", "seller": "0"]
      let none: JSON = ["maker": "0", "taker": "0", "buyer": "0", "seller": "0"]
      return BinanceBench.ok([
        "symbol": .string(symbol), "standardCommission": rates, "specialCommission": none,
        "taxCommission": none,
        "discount": ["enabledForAccount": true, "discountAsset": "BNB", "discount": "0.75000000"],
      ])
    case "/fapi/v1/commissionRate":
      return BinanceBench.ok([
        "symbol": .string(symbol), "makerCommissionRate": "0.0002",
        "takerCommissionRate": "0.0005",
      ])
    case "/api/v3/ticker/bookTicker":
      return BinanceBench.ok([
        "symbol": .string(symbol), "bidPrice": .string(spotPepe), "bidQty": "1",
        "askPrice": .string(spotPepe), "askQty": "1",
      ])
    default: return .unknown(call.path)
    }
  }

  @Test func listings() throws {
    var bench = BinanceBench(attached: false)
    let index = try #require(
      try BinanceFixture.json("premium_index.json").elements
        .first { $0["symbol"] == "1000PEPEUSDT" }?["indexPrice"]?.decimal(Unit.QuotePerBase.self))
    let spot = index.divided(by: 1000, rounding: .halfEven)
    let answer = bench.play(.survey(["BTCUSDT", "PEPEUSDT", "NOSUCHUSDT", "XMRUSDT"])) {
      (try? server($0, spotPepe: spot.description)) ?? .unknown("fixture")
    }
    guard case .surveyed(let listings, let missing)? = answer.messages.last else {
      Issue.record("\(answer.messages)")
      return
    }
    #expect(missing == ["NOSUCHUSDT", "XMRUSDT"])
    #expect(listings.map(\.perpName) == ["BTCUSDT", "1000PEPEUSDT"])
    let btc = listings[0]
    #expect(btc.spot.tick == "0.01" && btc.spot.lot == "0.00001" && btc.spot.minimumNotional == "5")
    #expect(btc.perp.tick == "0.1" && btc.perp.lot == "0.001" && btc.perp.minimumNotional == "50")
    #expect(
      btc.spot.fees
        == FeeSchedule(
          maker: "0.0011", taker: "0.0013", isTakenFromReceivedAsset: true))
    #expect(
      btc.perp.fees
        == FeeSchedule(
          maker: "0.0002", taker: "0.0005", isTakenFromReceivedAsset: false))
    #expect(btc.terms.intervalHours == 8 && btc.terms.cap == "0.003" && btc.delistsAt == nil)
    #expect(btc.terms.nextSettlement == Timestamp(milliseconds: 1_783_065_600_000))
    #expect(btc.perp.marginTiers.first?.floor == .zero && btc.perp.marginTiers.count > 5)
    #expect(btc.listedAt == Timestamp(milliseconds: 1_567_965_300_000))
    #expect(btc.spotStatus == .trading && btc.perpStatus == .trading && btc.multiplier == 1)
    let pepe = listings[1]
    #expect(
      pepe.multiplier == 1000 && pepe.perp.id.symbol == "PEPEUSDT" && pepe.perp.base == "PEPE")
    #expect(pepe.perp.tick == "0.0000000001" && pepe.perp.lot == "1000")
    #expect(pepe.perp.minimumQuantity == "1000" && pepe.perp.minimumNotional == "5")
    #expect(pepe.perp.marginTiers.map(\.deduction) == ["0", "25"])
    #expect(pepe.spot.tick == "0.00000001" && pepe.spot.lot == "1")
  }

  /// The multiplier is only in the name: prices that contradict it refuse the pair.
  @Test func multiplierIsChecked() throws {
    var bench = BinanceBench(attached: false)
    let answer = bench.play(.survey(["PEPEUSDT"])) {
      (try? server($0, spotPepe: "0.00250000")) ?? .unknown("fixture")
    }
    #expect(answer.messages.last == .surveyed([], missing: ["PEPEUSDT"]))
    #expect(answer.messages.notices.first?.contains("do not agree with 1000") == true)
  }

  @Test func failedPartEndsTheTaskOnce() throws {
    var bench = BinanceBench(attached: false)
    let answer = bench.play(.survey(["BTCUSDT"])) { call in
      call.path == "/fapi/v1/fundingInfo" || call.path == "/fapi/v1/leverageBracket"
        ? .unknown("timeout") : (try? server(call)) ?? .unknown("fixture")
    }
    #expect(answer.messages == [.failed(.survey(["BTCUSDT"]), .unavailable("timeout"))])
  }

  @Test func key() throws {
    var bench = BinanceBench()
    var body = try BinanceBench.parsed(
      """
      {"ipRestrict":true,"createTime":1623840271000,"enableReading":true,"enableWithdrawals":false,
      "enableInternalTransfer":false,"enableMargin":false,"enableFutures":true,
      "permitsUniversalTransfer":true,"enableSpotAndMarginTrading":true}
      """)
    let call = bench.begin(.readKey)[0]
    #expect(BinanceBench.text(call) == "GET /sapi/v1/account/apiRestrictions")
    #expect(
      bench.answer(call, body).messages == [
        .key(
          KeyPermissions(
            mayWithdraw: false, withdrawalRights: [], mayTradeSpot: true,
            mayTradePerpetuals: true, mayTransfer: true, isBoundToAddress: true, expiresAt: nil))
      ])
    body = try BinanceBench.parsed(
      body.description.replacing(
        "\"enableInternalTransfer\":false", with: "\"enableInternalTransfer\":true"))
    guard case .key(let permissions)? = bench.answer(call, body).messages.first else {
      Issue.record("no key")
      return
    }
    #expect(permissions.mayWithdraw && permissions.withdrawalRights == ["enableInternalTransfer"])
    #expect(
      bench.dialect.finish(
        call, BinanceBench.error(-2015, "Invalid API-key", status: 401), at: bench.now
      )
      .messages == [
        .failed(
          .readKey,
          .refused(
            code: "-2015", text: "the API key, its address or its rights are not accepted"))
      ])
  }

  // MARK: - Modes

  private func config(_ type: String, _ leverage: Int64) -> JSON {
    .array(
      ["BTCUSDT", "1000PEPEUSDT"].map {
        ["symbol": .string($0), "marginType": .string(type), "leverage": .number("\(leverage)")]
      })
  }

  @Test func modesAreChangedAndReadBack() {
    var bench = BinanceBench()
    var hasChanged = false
    let answer = bench.play(.prepare(leverage: "3")) { call in
      switch (call.method, call.path) {
      case (.get, "/fapi/v1/positionSide/dual"):
        return BinanceBench.ok(["dualSidePosition": .bool(!hasChanged)])
      case (.get, _):
        return BinanceBench.ok(hasChanged ? config("ISOLATED", 3) : config("CROSSED", 20))
      case (_, "/fapi/v1/marginType"):
        hasChanged = true
        return BinanceBench.error(-4046, "No need to change margin type.")
      default:
        hasChanged = true
        return BinanceBench.ok(["code": 200, "msg": "success"])
      }
    }
    #expect(
      answer.messages == [
        .modes(
          AccountModes(
            isOneWay: true, isIsolated: true,
            leverage: [BinanceBench.btcPerp: "3", BinanceBench.pepePerp: "3"], problems: []))
      ])
    #expect(
      answer.calls == [
        "GET /fapi/v1/positionSide/dual", "GET /fapi/v1/symbolConfig",
        "POST /fapi/v1/positionSide/dual?dualSidePosition=false",
        "POST /fapi/v1/marginType?symbol=BTCUSDT&marginType=ISOLATED",
        "POST /fapi/v1/leverage?symbol=BTCUSDT&leverage=3",
        "POST /fapi/v1/marginType?symbol=1000PEPEUSDT&marginType=ISOLATED",
        "POST /fapi/v1/leverage?symbol=1000PEPEUSDT&leverage=3",
        "GET /fapi/v1/positionSide/dual", "GET /fapi/v1/symbolConfig",
      ])
  }

  @Test func problemsAreTold() {
    var bench = BinanceBench()
    let server = { (call: Call<BinancePurpose>) -> CallOutcome in
      switch (call.method, call.path) {
      case (.get, "/fapi/v1/positionSide/dual"):
        BinanceBench.ok(["dualSidePosition": true])
      case (.get, _): BinanceBench.ok(self.config("CROSSED", 3))
      default:
        BinanceBench.error(-4068, "Position side cannot be changed if there exists position.")
      }
    }
    guard case .modes(let modes)? = bench.play(.prepare(leverage: "3"), server).messages.last else {
      Issue.record("no modes")
      return
    }
    #expect(!modes.isOneWay && !modes.isIsolated && modes.problems.count == 6, "\(modes.problems)")
    #expect(modes.problems.first?.contains("-4068") == true)
    let read = bench.play(.readModes, server)
    #expect(read.calls.allSatisfy { $0.hasPrefix("GET") } && read.calls.count == 2)
  }
}
