import Testing
import Trading
import Venues
import Wire

/// Moves of collateral, where a lost answer is never answered by a repetition.
@Suite struct BinanceTransferTests {
  private let transfer = Transfer(
    id: 9, venue: "binance", from: .futures, to: .spot, asset: "USDT", amount: "250.5")

  private func history(_ rows: [(Int64, String, Timestamp, String)]) -> JSON {
    [
      "total": .number("\(rows.count)"),
      "rows": .array(
        rows.map {
          [
            "asset": "USDT", "amount": .string($0.1), "type": "UMFUTURE_MAIN",
            "status": .string($0.3), "tranId": .number("\($0.0)"),
            "timestamp": .number("\($0.2.nanoseconds / 1_000_000)"),
          ]
        }),
    ]
  }

  @Test func answered() {
    var bench = BinanceBench()
    let done = bench.play(.request(.transfer(transfer))) { _ in BinanceBench.ok(["tranId": 1]) }
    #expect(
      done.calls == ["POST /sapi/v1/asset/transfer?asset=USDT&amount=250.5&type=UMFUTURE_MAIN"])
    #expect(done.messages == [.event(.transferred(transfer))])
    let refused = bench.play(.request(.transfer(transfer))) { _ in
      BinanceBench.error(-5013, "Asset transfer failed: insufficient balance")
    }
    #expect(refused.messages.events == [.transferRefused(transfer, .insufficientBalance)])
  }

  /// The history knows it: it arrived.
  @Test func lostAndFound() {
    var bench = BinanceBench()
    let old = bench.now - .minutes(5)
    let answer = bench.play(.request(.transfer(transfer))) { call in
      call.method == .post
        ? .unknown("timeout")
        : BinanceBench.ok(
          history([
            (1, "250.5", old, "CONFIRMED"), (2, "100", BinanceBench.now, "CONFIRMED"),
            (3, "250.5", BinanceBench.now + .milliseconds(40), "CONFIRMED"),
          ]))
    }
    #expect(
      answer.calls.count == 2 && answer.calls[1].hasPrefix("GET /sapi/v1/asset/transfer?type="))
    #expect(answer.messages.events == [.transferred(transfer)])
    #expect(bench.housekeeping(after: .hours(1)).isEmpty)
  }

  /// The history does not know it: it may still arrive until its window is over.
  @Test func lostAndRefused() {
    var bench = BinanceBench()
    let empty = { (call: Call<BinancePurpose>) -> CallOutcome in
      call.method == .post ? .unknown("timeout") : BinanceBench.ok(["total": 0])
    }
    let first = bench.play(.request(.transfer(transfer)), empty)
    #expect(first.messages.events.isEmpty)
    #expect(bench.housekeeping(after: .seconds(3)).isEmpty)
    let second = bench.housekeeping(after: .seconds(4))
    #expect(second.count == 1 && second.allSatisfy { !$0.isMutating })
    #expect(bench.play(second, empty).messages.events == [.transferRefused(transfer, .other)])
  }

  /// A transfer that was confirmed is not taken for a second one of the same amount.
  @Test func likeAnother() {
    var bench = BinanceBench()
    _ = bench.play(.request(.transfer(transfer))) { _ in BinanceBench.ok(["tranId": 77]) }
    let rows = history([(77, "250.5", bench.now, "CONFIRMED")])
    let answer = bench.play(.request(.transfer(transfer))) { call in
      call.method == .post ? .unknown("timeout") : BinanceBench.ok(rows)
    }
    #expect(answer.messages.events.isEmpty)
    // Without a look nothing is said either.
    bench.now = bench.now + .seconds(8)
    let look = bench.housekeeping(after: .seconds(0))
    let silent = bench.play(look) { _ in .unknown("no connection") }
    #expect(silent.messages.events.isEmpty && bench.housekeeping(after: .seconds(10)).count == 1)
  }

  @Test func margin() {
    var bench = BinanceBench()
    let position: JSON = [
      [
        "symbol": "BTCUSDT", "positionAmt": "-0.010", "entryPrice": "60000.0",
        "isolatedWallet": "150.0", "liquidationPrice": "70000.1",
      ]
    ]
    let task = VenueTask.request(.adjustMargin(BinanceBench.btcPerp, "-25.5"))
    let read = Position(
      instrument: BinanceBench.btcPerp, quantity: "-0.01", cost: "-600", margin: "150",
      liquidationPrice: "70000.1")
    let done = bench.play(task) { call in
      BinanceBench.ok(call.method == .post ? ["code": 200, "type": 2] : position)
    }
    #expect(
      done.calls == [
        "POST /fapi/v1/positionMargin?symbol=BTCUSDT&amount=25.5&type=2",
        "GET /fapi/v3/positionRisk?symbol=BTCUSDT",
      ])
    #expect(done.messages == [.event(.position(read))])
    let refused = bench.play(task) { _ in BinanceBench.error(-4051, "Isolated balance insufficient")
    }
    #expect(
      refused.messages.events
        == [.marginRefused(BinanceBench.btcPerp, .insufficientBalance)])
    let lost = bench.play(task) { call in
      call.method == .post ? .unknown("timeout") : BinanceBench.ok(position)
    }
    #expect(lost.messages.events == [.position(read)])
    let flat = bench.play(task) { call in
      BinanceBench.ok(call.method == .post ? ["code": 200] : [])
    }
    guard case .position(let none)? = flat.messages.events.first else { return }
    #expect(none.quantity.isZero && none.liquidationPrice == nil)
  }
}
