import FixedPoint
import Trading
import Wire

@testable import SimulatedVenue

/// A protocol for tests: `/echo` says the body again, `/buy` trades, sockets get every event in
/// words.
final class EchoFront: VenueFront {
  let name = "echo-futures"
  let venue: Venue
  var pingInterval: TimeSpan?
  var sockets: [ConnectionID] = []
  var heard: [String] = []
  private var orders = 0

  init(_ venue: Venue) { self.venue = venue }

  func handle(_ request: HTTPRequest, on connection: ConnectionID) -> HTTPReply {
    switch request.path {
    case "/echo": return .now(HTTPResponse(status: 200, body: request.body))
    case "/later": return .later(HTTPResponse(status: 200), .seconds(5))
    case "/time": return .now(HTTPResponse(status: 200, body: Array("\(venue.clock)".utf8)))
    case "/buy":
      orders += 1
      let order = NewOrder(
        clientID: "e\(orders)", instrument: Bench.perp, side: .buy, quantity: "0.01")
      let isDone = (try? venue.submit(order)) != nil
      return .now(HTTPResponse(status: isDone ? 200 : 400))
    default: return .now(HTTPResponse(status: 404))
    }
  }

  func refusal(ofUpgrade request: HTTPRequest) -> HTTPResponse? {
    request.path == "/ws" ? nil : HTTPResponse(status: 404)
  }

  func opened(_ socket: ConnectionID, _ request: HTTPRequest, into sink: inout FrameSink) {
    sockets.append(socket)
    sink.send("hello", to: socket)
  }

  func received(_ text: [UInt8], on socket: ConnectionID, into sink: inout FrameSink) {
    heard.append(String(decoding: text, as: UTF8.self))
    sink.send(text, to: socket)
  }

  func closed(_ socket: ConnectionID) { sockets.removeAll { $0 == socket } }

  func publish(_ events: [WorldEvent], into sink: inout FrameSink) {
    for event in events {
      for socket in sockets {
        switch event.change {
        case .quote(let instrument):
          guard let top = venue.top(instrument) else { continue }
          let update = venue.updateIDs(instrument).current
          sink.send(
            #"{"u":\#(update),"s":"\#(venue.listing(instrument).name)","b":"\#(top.bid.price)","B":"\#(top.bid.quantity)","a":"\#(top.ask.price)","A":"\#(top.ask.quantity)"}"#,
            to: socket)
        case .order(let order, let change):
          sink.send("order \(order.number) \(change)", to: socket, isPrivate: true)
        default: break
        }
      }
    }
  }
}
