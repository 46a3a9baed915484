import FixedPoint
import Testing
import Trading
import Wire

@testable import SimulatedVenue

@Suite("Bybit front: who gets in")
struct BybitGateTests {
  private func code(_ response: HTTPResponse) throws -> Int64? {
    try JSON(response.body)["retCode"]?.integer
  }

  @Test("Key, time and signature have codes of their own, with status 200")
  func refusals() throws {
    let bench = BybitBench()
    let path = "/v5/account/wallet-balance"
    let query = "accountType=UNIFIED"
    #expect(try code(bench.send(.get, path, query)) == 0)
    #expect(try code(bench.send(.get, path, query, key: "nobody")) == 10003)
    #expect(try code(bench.send(.get, path, query, secret: Secret("other"))) == 10004)
    let old = bench.venue.clock - .milliseconds(5001)
    #expect(try code(bench.send(.get, path, query, at: old)) == 10002)
    let onTime = bench.venue.clock - .milliseconds(5000)
    #expect(try code(bench.send(.get, path, query, at: onTime)) == 0)
    let early = bench.venue.clock + .milliseconds(1000)
    #expect(try code(bench.send(.get, path, query, at: early)) == 10002)
    #expect(bench.send(.get, path, query, key: "nobody").status == 200)
    #expect(bench.send(.get, "/v5/nothing").status == 404)
  }

  @Test("A signature covers the exact bytes of query and body")
  func exactBytes() throws {
    let bench = BybitBench()
    let stamp = String(bench.venue.clock.milliseconds)
    let sign = Signature.hmacSHA256Hex(
      "\(stamp)bench5000accountType=UNIFIED", key: BybitBench.secret)
    let request = HTTPRequest(
      .get, "/v5/account/wallet-balance", query: "accountType=UNIFIED&coin=USDT",
      headers: [
        HTTPHeader("x-bapi-api-key", "bench"), HTTPHeader("x-bapi-timestamp", stamp),
        HTTPHeader("x-bapi-recv-window", "5000"), HTTPHeader("x-bapi-sign", sign),
      ])
    guard case .now(let response) = bench.front.handle(request, on: ConnectionID(1)) else {
      Issue.record("no answer")
      return
    }
    #expect(try code(response) == 10004)
  }

  @Test("A key may do what it is allowed, and query-api says so")
  func permissions() throws {
    var key = APIKey(name: "bench", secret: BybitBench.secret)
    key.mayTradePerpetuals = false
    key.mayTransfer = false
    key.mayWithdraw = true
    let bench = BybitBench(key: key)
    let linear = BybitBody.limit("linear", "Buy", "0.01", at: "29000")
    #expect(try bench.code("/v5/order/create", linear) == 10005)
    #expect(
      try bench.code("/v5/order/create", BybitBody.limit("spot", "Buy", "0.01", at: "29000")) == 0)
    #expect(try bench.code("/v5/asset/transfer/inter-transfer", [:]) == 10005)
    let answer = try bench.get("/v5/user/query-api")
    let row = try #require(answer["result"])
    #expect(row["permissions"]?["ContractTrade"] == [])
    #expect(row["permissions"]?["Spot"] == ["SpotTrade"])
    #expect(row["permissions"]?["Wallet"] == ["Withdraw"])
    #expect(row["readOnly"] == 0)
  }

  @Test("The eleventh order in a second is refused with 10006, and headers count down")
  func orderLimit() throws {
    let bench = BybitBench()
    func create() -> HTTPResponse {
      bench.send(
        .post, "/v5/order/create",
        BybitBody.limit("linear", "Buy", "0.01", at: "29000").description)
    }
    let first = create()
    #expect(first.header("X-Bapi-Limit") == "10")
    #expect(first.header("X-Bapi-Limit-Status") == "9")
    for _ in 1..<10 { _ = create() }
    let last = create()
    #expect(try code(last) == 10006)
    #expect(last.header("X-Bapi-Limit-Status") == "0")
    bench.advance(.milliseconds(1001))
    #expect(try code(create()) == 0)
    // Spot has a bucket of its own, twice as large.
    let spot = bench.send(
      .post, "/v5/order/create", BybitBody.limit("spot", "Buy", "0.01", at: "29000").description)
    #expect(spot.header("X-Bapi-Limit") == "20")
  }

  @Test("An address that asks too much is banned for ten minutes")
  func ban() throws {
    let bench = BybitBench(settings: BybitSettings(addressLimit: 3))
    for _ in 0..<3 { #expect(bench.send(.get, "/v5/market/time").status == 200) }
    #expect(bench.send(.get, "/v5/market/time").status == 403)
    bench.advance(.minutes(9))
    #expect(bench.send(.get, "/v5/market/time").status == 403)
    bench.advance(.minutes(1))
    #expect(bench.send(.get, "/v5/market/time").status == 200)
  }
}
