import Testing
import Trading
import Wire

@testable import SimulatedVenue

@Suite("Keys, signatures and limits of the Binance front")
struct BinanceAccessTests {
  private static let order =
    "timestamp=1735689600123&symbol=BTCUSDT&side=BUY&newClientOrderId=harv-0001"
    + "&newOrderRespType=FULL&type=LIMIT&quantity=0.01&price=50000&timeInForce=GTC"
    + "&recvWindow=10000"
  /// As a client in wide use signs that order.
  private static let signature = "7b26293a988c4cde2e5c36400ae2e7205a30b46018f1bf390f3419c00b96c0df"

  private func post(_ body: String, query: String = "") -> HTTPRequest {
    HTTPRequest(
      .post, "/api/v3/order", query: query,
      headers: [HTTPHeader("X-MBX-APIKEY", "fakeBinanceKey0001")], body: Array(body.utf8))
  }

  @Test("A recorded order is accepted with its recorded signature, in body, query or both")
  func recordedSignature() {
    let whole = "\(Self.order)&signature=\(Self.signature)"
    let split = Self.order.split(separator: "&", maxSplits: 1)
    #expect(BinanceDesk().send(post(whole)).body["status"] == "NEW")
    #expect(BinanceDesk().send(post("", query: whole)).body["status"] == "NEW")
    // The text signed is query and body without anything between them.
    let body = String(split[1])
    let signed = Signature.hmacSHA256Hex(
      "\(split[0])\(body)", key: Secret("fakeBinanceSecret0001abcdefghijklmnopqrstuvwxyz"))
    let mixed = post("\(body)&signature=\(signed)", query: String(split[0]))
    #expect(BinanceDesk().send(mixed).body["status"] == "NEW")
  }

  @Test("A changed order, a strange key and a wrong time are refused and place nothing")
  func refusals() {
    let desk = BinanceDesk()
    let changed = Self.order.replacing("0.01", with: "0.02") + "&signature=\(Self.signature)"
    #expect(desk.send(post(changed)).body["code"] == -1022)
    let old = desk.ask(.get, "/api/v3/account", at: BinanceDesk.start - .milliseconds(5001))
    #expect(old.body["code"] == -1021)
    let ahead = desk.ask(.get, "/fapi/v3/account", at: BinanceDesk.start + .seconds(1))
    #expect(ahead.body["code"] == -1021)
    #expect(
      desk.ask(.get, "/api/v3/account", at: BinanceDesk.start + .milliseconds(999)).status == 200)
    #expect(desk.ask(.get, "/api/v3/account", at: BinanceDesk.start - .seconds(5)).status == 200)
    #expect(desk.ask(.get, "/api/v3/account", isSigned: false).body["code"] == -2014)
    let stranger = HTTPRequest(
      .get, "/api/v3/account", headers: [HTTPHeader("X-MBX-APIKEY", "nobody")])
    #expect(desk.send(stranger).body["code"] == -2015)
    #expect(desk.venue.orders.isEmpty)
  }

  @Test("A key does only what it may, and says so")
  func permissions() {
    let desk = BinanceDesk { key in
      key.mayTradePerpetuals = false
      key.mayTransfer = false
      key.mayWithdraw = true
    }
    let rights = desk.ask(.get, "/sapi/v1/account/apiRestrictions").body
    #expect(rights["enableWithdrawals"] == true)
    #expect(rights["enableFutures"] == false)
    #expect(rights["permitsUniversalTransfer"] == false)
    let sell = "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01"
    #expect(desk.code(.post, "/fapi/v1/order", sell) == -2015)
    #expect(
      desk.code(.post, "/sapi/v1/asset/transfer", "type=MAIN_UMFUTURE&asset=USDT&amount=1")
        == -1002)
    #expect(desk.venue.orders.isEmpty && desk.venue.transfers.isEmpty)
  }

  @Test("Weights add up to 429 with the time to wait, and going on leads to 418")
  func limits() {
    let desk = BinanceDesk()
    var last = desk.ask(.get, "/api/v3/depth", "symbol=BTCUSDT&limit=5000", isSigned: false)
    #expect(last.response.header("X-MBX-USED-WEIGHT-1M") == "250")
    for _ in 2...24 {
      last = desk.ask(.get, "/api/v3/depth", "symbol=BTCUSDT&limit=5000", isSigned: false)
    }
    #expect(last.status == 200)
    last = desk.ask(.get, "/api/v3/ping", isSigned: false)
    #expect(last.status == 429)
    #expect(last.body["code"] == -1003)
    #expect(last.response.header("Retry-After") == "60")
    for _ in 0..<BinanceLimits.patience {
      last = desk.ask(.get, "/api/v3/ping", isSigned: false)
    }
    #expect(last.status == 418)
    #expect(last.response.header("Retry-After") == "120")
    // The other port has limits of its own.
    #expect(desk.ask(.get, "/fapi/v1/ping", isSigned: false).status == 200)
    desk.world.advance(to: BinanceDesk.start + .seconds(121))
    #expect(desk.ask(.get, "/api/v3/ping", isSigned: false).status == 200)
  }

  @Test("Orders are counted in both windows")
  func orderCounts() {
    let desk = BinanceDesk()
    let order = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&price=61000"
    let first = desk.ask(.post, "/fapi/v1/order", order)
    #expect(first.response.header("X-MBX-ORDER-COUNT-10S") == "1")
    #expect(first.response.header("X-MBX-ORDER-COUNT-1M") == "1")
    for _ in 2...300 { _ = desk.ask(.post, "/fapi/v1/order", order) }
    let refused = desk.ask(.post, "/fapi/v1/order", order)
    #expect(refused.status == 429)
    #expect(refused.body["code"] == -1015)
    desk.world.advance(to: BinanceDesk.start + .seconds(10))
    #expect(
      desk.ask(.post, "/fapi/v1/order", order).response.header("X-MBX-ORDER-COUNT-10S") == "1")
  }

  @Test(
    "Parameters are refused in the venue's words",
    arguments: [
      ("/api/v3/depth", "", -1102), ("/api/v3/depth", "symbol=", -1102),
      ("/api/v3/depth", "symbol=btcusdt", -1100), ("/api/v3/depth", "symbol=NOPEUSDT", -1121),
      ("/api/v3/depth", "symbol=BTCUSDT&limit=", -1105),
      ("/api/v3/depth", "symbol=BTCUSDT&limit=x", -1100),
      ("/api/v3/depth", "symbol=BTCUSDT&depth=5", -1104),
      ("/api/v3/depth", "symbol=BTCUSDT&symbol=BTCUSDT", -1101),
      ("/api/v3/klines", "symbol=BTCUSDT&interval=7m", -1120),
      ("/fapi/v1/premiumIndex", "symbol=NOPEUSDT", -1121),
    ] as [(String, String, Int64)])
  func parameters(path: String, query: String, code: Int64) {
    let reply = BinanceDesk().ask(.get, path, query, isSigned: false)
    #expect(reply.status == 400)
    #expect(reply.body["code"]?.integer == code)
  }

  @Test("Faults speak as the venue does")
  func faultWords() {
    let desk = BinanceDesk()
    let request = HTTPRequest(.post, "/fapi/v1/order")
    var fault = Fault(.unknownOutcome)
    let futures = desk.futures.response(to: fault, request)
    #expect(futures?.status == 503)
    #expect(
      futures.flatMap { try? JSON($0.body) }?["msg"]
        == "Unknown error, please check your request or try again later.")
    let spot = desk.spot.response(to: fault, request)
    #expect(spot.flatMap { try? JSON($0.body) }?["code"] == -1007)
    fault = Fault(.banned)
    fault.seconds = 300
    let ban = desk.spot.response(to: fault, request)
    #expect(ban?.status == 418)
    #expect(ban?.header("Retry-After") == "300")
    #expect(desk.spot.response(to: Fault(.serverError), request) == nil)
  }
}
