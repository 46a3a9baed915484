/// The wallet interface, `/sapi`.
enum BinanceWalletPaths {
  static let all: [BinanceEndpoint<BinanceSpotFront>] = [
    .init(.get, "/sapi/v1/system/status", .open, 1) { _, _ in ["status": 0, "msg": "normal"] },
    .init(.get, "/sapi/v1/capital/config/getall", .read, 10) { front, _ in front.currencies() },
    .init(.get, "/sapi/v1/account/apiRestrictions", .signed, 1) {
      front, call throws(BinanceError) in try front.keyRestrictions(call)
    },
    .init(.get, "/sapi/v1/account/apiTradingStatus", .read, 1) { front, call in
      front.tradingStatus(call)
    },
    .init(
      .post, "/sapi/v1/asset/transfer", .read, 1,
      ["type", "asset", "amount", "fromSymbol", "toSymbol"]
    ) { front, call throws(BinanceError) in try front.transfer(call) },
    .init(
      .get, "/sapi/v1/asset/transfer", .read, 1,
      ["type", "startTime", "endTime", "current", "size", "fromSymbol", "toSymbol"]
    ) { front, call throws(BinanceError) in try front.transfers(call) },
    .init(
      .post, "/sapi/v1/asset/get-funding-asset", .read, 1, ["asset", "needBtcValuation"]
    ) { front, call throws(BinanceError) in try front.fundingAssets(call) },
    .init(.get, "/sapi/v1/spot/delist-schedule", .key, 100, ["timestamp", "recvWindow"]) {
      front, _ in front.delistSchedule()
    },
    .init(.get, "/sapi/v1/bnbBurn", .read, 1) { front, _ in front.burn() },
    .init(.post, "/sapi/v1/bnbBurn", .read, 1, ["spotBNBBurn", "interestBNBBurn"]) {
      front, call throws(BinanceError) in try front.setBurn(call)
    },
  ]
}
