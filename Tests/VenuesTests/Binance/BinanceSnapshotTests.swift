import FixedPoint
import Testing
import Trading
import Venues
import Wire

/// The account of both markets and what happened since, page by page.
@Suite struct BinanceSnapshotTests {
  private static let start = BinanceBench.now - .hours(1)

  private func trade(_ id: Int, order: Int64, isSpot: Bool) -> JSON {
    isSpot
      ? [
        "symbol": "BTCUSDT", "id": .number("\(id)"), "orderId": .number("\(order)"),
        "price": "50000", "qty": "0.001", "commission": "0.000001", "commissionAsset": "BTC",
        "time": .number("\(Self.start.nanoseconds / 1_000_000 + Int64(id))"), "isBuyer": true,
        "isMaker": false,
      ]
      : [
        "symbol": "BTCUSDT", "id": .number("\(id)"), "orderId": .number("\(order)"),
        "side": "SELL", "price": "50010", "qty": "0.001", "realizedPnl": "0",
        "commission": "0.02", "commissionAsset": "USDT", "maker": false,
        "time": .number("\(Self.start.nanoseconds / 1_000_000 + Int64(id))"),
      ]
  }

  private func server(_ call: Call<BinancePurpose>) throws -> CallOutcome {
    let values = Dictionary(uniqueKeysWithValues: call.parameters.map { ($0.name, $0.value) })
    let isBitcoin = values["symbol"] == "BTCUSDT"
    switch call.path {
    case "/api/v3/account":
      return BinanceBench.ok(try BinanceFixture.response("fetch_balance", call.path))
    case "/fapi/v3/account":
      return BinanceBench.ok(try BinanceFixture.response("fetch_balance", call.path))
    case "/fapi/v3/positionRisk":
      let recorded = try BinanceFixture.response("fetch_positions", call.path).elements
      return BinanceBench.ok(
        .array(
          recorded + [
            position("1000PEPEUSDT", "-25", "0.0025", "0.0031"), position("BTCUSDT", "0", "0", "0"),
          ]))
    case "/api/v3/openOrders":
      return BinanceBench.ok([
        ["symbol": "BTCUSDT", "orderId": 5, "clientOrderId": "h3-17-41s"],
        ["symbol": "DOGEUSDT", "orderId": 6, "clientOrderId": "web_abc"],
      ])
    case "/fapi/v1/openOrders": return BinanceBench.ok([])
    case "/api/v3/myTrades" where isBitcoin:
      let from = values["fromId"].flatMap(Int.init) ?? 0
      // 1000 on the first page, 3 on the second.
      return BinanceBench.ok(
        .array((from..<min(from + 1000, 1003)).map { trade($0, order: 28, isSpot: true) }))
    case "/fapi/v1/userTrades" where isBitcoin:
      return BinanceBench.ok([
        trade(7, order: 31, isSpot: false), trade(8, order: 30, isSpot: false),
      ])
    case "/api/v3/allOrders":
      return BinanceBench.ok([["orderId": 28, "clientOrderId": "h3-17-41s"]])
    case "/fapi/v1/allOrders":
      #expect(values["orderId"] == "30")
      return BinanceBench.ok([
        ["orderId": 30, "clientOrderId": "h3-18-41p"],
        ["orderId": 31, "clientOrderId": "adl_autoclose_9"],
      ])
    case "/fapi/v1/income":
      return BinanceBench.ok(try BinanceFixture.response("fetch_funding_history", call.path))
    case "/sapi/v1/asset/transfer":
      guard values["type"] == "MAIN_UMFUTURE" else { return BinanceBench.ok(["total": 0]) }
      return BinanceBench.ok([
        "total": 2,
        "rows": [
          transferRow(11, "100.25", "CONFIRMED"), transferRow(12, "7", "FAILED"),
        ],
      ])
    default: return BinanceBench.ok([])
    }
  }

  private func position(_ symbol: String, _ amount: String, _ entry: String, _ limit: String)
    -> JSON
  {
    [
      "symbol": .string(symbol), "positionSide": "BOTH", "positionAmt": .string(amount),
      "entryPrice": .string(entry), "isolatedWallet": "1.25", "liquidationPrice": .string(limit),
    ]
  }
  private func transferRow(_ id: Int64, _ amount: String, _ status: String) -> JSON {
    [
      "asset": "USDT", "amount": .string(amount), "type": "MAIN_UMFUTURE",
      "status": .string(status), "tranId": .number("\(id)"), "timestamp": 1_735_689_000_000,
    ]
  }

  private func snapshot(_ answer: [VenueMessage]) throws -> AccountSnapshot {
    guard answer.count == 1, case .event(.snapshot(let snapshot))? = answer.first else {
      Issue.record("\(answer)")
      throw DialectError("no snapshot")
    }
    return snapshot
  }

  @Test func everything() throws {
    var bench = BinanceBench()
    let answer = bench.play(.request(.snapshot("binance", since: Self.start))) {
      (try? server($0)) ?? .unknown("fixture")
    }
    let snapshot = try snapshot(answer.messages)
    #expect(
      snapshot.balances.map { "\($0.wallet.rawValue) \($0.asset) \($0.total)" } == [
        "futures USDT 23.72469206", "spot BTC 4723846.89208129",
      ])
    // A symbol that is not traded here keeps the venue's name; flat positions are left out.
    #expect(
      snapshot.positions == [
        Position(
          instrument: InstrumentID(venue: "binance", market: .perp, symbol: "ADAUSDT"),
          quantity: "30", cost: "11.55", margin: "0", liquidationPrice: nil),
        Position(
          instrument: BinanceBench.pepePerp, quantity: "-25000", cost: "-0.0625", margin: "1.25",
          liquidationPrice: "0.0000031"),
      ])
    #expect(
      snapshot.openOrders == [
        OpenOrder(instrument: BinanceBench.btc, id: BinanceBench.spotID, venueOrder: "5"),
        OpenOrder(
          instrument: InstrumentID(venue: "binance", market: .spot, symbol: "DOGEUSDT"), id: nil,
          venueOrder: "6"),
      ])
    let spotFills = snapshot.fills.filter { $0.instrument == BinanceBench.btc }
    #expect(spotFills.count == 1003 && Set(spotFills.map(\.trade)).count == 1003)
    #expect(spotFills.allSatisfy { $0.order == BinanceBench.spotID && $0.feeAsset == "BTC" })
    // Whose order it was, and why, comes from the order's client id.
    let perpFills = snapshot.fills.filter { $0.instrument == BinanceBench.btcPerp }
    #expect(perpFills.map(\.order) == [nil, BinanceBench.perpID])
    #expect(perpFills.map(\.cause) == [.autoDeleveraging, .order])
    #expect(snapshot.fills == snapshot.fills.sorted { $0.at < $1.at })
    #expect(snapshot.payments.map(\.id) == ["9689322392"])
    #expect(snapshot.payments.first?.amount == "-0.01")
    #expect(
      snapshot.transfers == [
        Transfer(
          id: -11, venue: "binance", from: .spot, to: .futures, asset: "USDT", amount: "100.25")
      ])
    let since = Self.start.nanoseconds / 1_000_000
    #expect(
      answer.calls.contains("GET /api/v3/myTrades?symbol=BTCUSDT&startTime=\(since)&limit=1000"))
    #expect(answer.calls.contains("GET /api/v3/myTrades?symbol=BTCUSDT&limit=1000&fromId=1000"))
    #expect(answer.calls.filter { $0.contains("allOrders") }.count == 2)
  }

  @Test func withoutHistory() throws {
    var bench = BinanceBench(attached: false)
    let answer = bench.play(.snapshotWithoutHistory) { (try? server($0)) ?? .unknown("fixture") }
    #expect(answer.calls.count == 5)
    let snapshot = try snapshot(answer.messages)
    #expect(snapshot.fills.isEmpty && snapshot.positions.count == 2)
    // Nothing is attached: contracts are counted as the venue counts them.
    #expect(
      snapshot.positions.contains { $0.instrument.symbol == "1000PEPEUSDT" && $0.quantity == "-25" }
    )
  }

  /// Long ago: windows of the length that the venue answers, without a gap between them.
  @Test func windows() throws {
    var bench = BinanceBench()
    let start = bench.now - .days(10)
    let answer = bench.play(.request(.snapshot("binance", since: start))) {
      $0.path.hasSuffix("Trades") || $0.path.hasSuffix("income")
        ? BinanceBench.ok([]) : (try? server($0)) ?? .unknown("fixture")
    }
    for (path, windows) in [
      ("userTrades?symbol=BTCUSDT", 2), ("myTrades?symbol=BTCUSDT", 10), ("income", 2),
    ] {
      let calls = answer.calls.filter { $0.contains(path) }
      #expect(calls.count == windows, "\(path) \(calls.count)")
      var end = String(start.nanoseconds / 1_000_000)
      for call in calls {
        #expect(call.contains("startTime=\(end)"))
        end =
          call.split(separator: "&").first { $0.hasPrefix("endTime=") }
          .map { String($0.dropFirst(8)) } ?? ""
      }
      // The last one reaches the present, whatever that is at the venue.
      #expect(end.isEmpty)
    }
  }

  /// Payments of one moment on two pages are all there, and each once.
  @Test func payments() throws {
    var bench = BinanceBench()
    let rows = (0..<1500).map { place -> (time: Int64, row: JSON) in
      let time = 1_735_686_000_200 + Int64(place / 400)
      return (
        time,
        [
          "symbol": "BTCUSDT", "incomeType": "FUNDING_FEE", "income": "-0.5", "asset": "USDT",
          "time": .number("\(time)"), "tranId": .number("\(place)"),
        ]
      )
    }
    let answer = bench.play(.request(.snapshot("binance", since: Self.start))) { call in
      guard call.path == "/fapi/v1/income" else {
        return (try? server(call)) ?? .unknown("fixture")
      }
      let from = call.parameters.first { $0.name == "startTime" }.flatMap { Int64($0.value) } ?? 0
      return BinanceBench.ok(.array(rows.filter { $0.time >= from }.prefix(1000).map(\.row)))
    }
    let payments = try snapshot(answer.messages).payments
    #expect(payments.count == 1500 && Set(payments.map(\.id)).count == 1500)
    #expect(payments.allSatisfy { $0.settledAt == Timestamp(milliseconds: 1_735_686_000_000) })
  }

  @Test func failure() {
    var bench = BinanceBench()
    let task = VenueTask.request(.snapshot("binance", since: Self.start))
    let answer = bench.play(task) { call in
      call.path == "/fapi/v1/income"
        ? BinanceBench.error(-1000, "An unknown error occurred", status: 500)
        : (try? server(call)) ?? .unknown("fixture")
    }
    #expect(answer.messages == [.failed(task, .unavailable("-1000 An unknown error occurred"))])
  }
}
