import Wire

/// What the venue says when a fault strikes.
enum BinanceFaultWords {
  /// The answer to a request that a fault takes away; nil for the framework's own words.
  static func response(to fault: Fault, isSpot: Bool) -> HTTPResponse? {
    switch fault.kind {
    case .tooManyRequests:
      refusal(
        429, -1003,
        "Too much request weight used; current limit is \(isSpot ? 6000 : 2400) request weight "
          + "per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.",
        wait: max(1, fault.seconds))
    case .banned:
      refusal(
        418, -1003,
        "Way too much request weight used; IP banned. Please use WebSocket Streams for live "
          + "updates to avoid bans.", wait: max(120, fault.seconds))
    case .unknownOutcome: unknownOutcome(fault.status, isSpot: isSpot)
    case .unavailable: unavailable(fault.status, isSpot: isSpot)
    default: nil
    }
  }

  /// The texts after which nobody knows whether the request was executed.
  private static func unknownOutcome(_ status: String, isSpot: Bool) -> HTTPResponse {
    switch status {
    case "-1006":
      refusal(
        500, -1006,
        "An unexpected response was received from the message bus. Execution status unknown.")
    case "503":
      refusal(503, -1000, "Unknown error, please check your request or try again later.")
    case "-1007": timeout(isSpot: isSpot)
    default:
      isSpot
        ? timeout(isSpot: true)
        : refusal(503, -1000, "Unknown error, please check your request or try again later.")
    }
  }

  /// The texts after which the request was certainly not executed.
  private static func unavailable(_ status: String, isSpot: Bool) -> HTTPResponse {
    switch status {
    case "-1001":
      refusal(
        503, -1001, "Internal error; unable to process your request. Please try again.")
    case "-1008":
      refusal(
        isSpot ? 503 : 400, -1008,
        "Server is currently overloaded with other requests. Please try again in a few minutes.")
    case "503": HTTPResponse(status: 503, body: Array("Service Unavailable.".utf8))
    default:
      isSpot
        ? refusal(
          503, -1008,
          "Server is currently overloaded with other requests. Please try again in a few minutes.")
        : HTTPResponse(status: 503, body: Array("Service Unavailable.".utf8))
    }
  }

  private static func timeout(isSpot: Bool) -> HTTPResponse {
    refusal(
      isSpot ? 504 : 408, -1007,
      "Timeout waiting for response from backend server. Send status unknown; execution status "
        + "unknown.")
  }

  private static func refusal(
    _ status: Int, _ code: Int, _ message: String, wait: Int? = nil
  ) -> HTTPResponse {
    let body: JSON = ["code": .whole(code), "msg": .string(message)]
    var headers = [HTTPHeader("Content-Type", "application/json;charset=UTF-8")]
    if let wait { headers.append(HTTPHeader("Retry-After", String(wait))) }
    return HTTPResponse(status: status, headers: headers, body: body.bytes)
  }
}
