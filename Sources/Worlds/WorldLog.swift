import Core
import Trading

/// The last events of a world, and a digest of all of them.
struct WorldLog: Sendable {
  enum Entry: Sendable {
    case fault(Fault, Bool)
    case crashed(Int)
    case started(Int, Int32)
    case sent(VenueRequest)
    case arrived(VenueRequest)
    case heard(VenueEvent)
    case stored(Fact)
    case note(StaticString)
  }

  private static let length = 200

  private var entries: [(at: Timestamp, entry: Entry)] = []
  private var oldest = 0
  private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ entry: Entry, at moment: Timestamp) {
    mix(UInt64(bitPattern: moment.nanoseconds))
    mix(entry)
    if entries.count < Self.length {
      entries.append((moment, entry))
    } else {
      entries[oldest] = (moment, entry)
      oldest = (oldest + 1) % Self.length
    }
  }

  /// The last events in words, oldest first.
  var lines: [String] {
    (entries[oldest...] + entries[..<oldest]).map { "\($0.at) \($0.entry)" }
  }

  private mutating func mix(_ value: UInt64) {
    digest = (digest ^ value) &* 0x0000_0100_0000_01b3
    digest ^= digest >> 29
  }

  private mutating func mix(_ text: String) {
    for byte in text.utf8 { mix(UInt64(byte)) }
  }

  private mutating func mix(_ entry: Entry) {
    switch entry {
    case .fault(let fault, let isOn):
      mix(fault.rawValue)
      mix(isOn ? 1 : 2)
    case .crashed(let number): mix(UInt64(10 + number))
    case .started(_, let run): mix(UInt64(1000 + Int(run)))
    case .sent(let request), .arrived(let request): mix(request)
    case .heard, .note: break
    case .stored(let fact):
      mix(fact.kind.rawValue)
      mix(fact.body)
    }
  }

  private mutating func mix(_ request: VenueRequest) {
    guard case .submit(let order) = request else { return }
    mix(UInt64(order.id.sequence))
    mix(UInt64(truncatingIfNeeded: order.quantity.raw))
  }

  private mutating func mix(_ body: Fact.Body) {
    switch body {
    case .intended(let intent): mix(.submit(intent.request))
    case .filled(let booked):
      mix(booked.fill.trade.rawValue)
      mix(UInt64(truncatingIfNeeded: booked.fill.price.raw))
      mix(UInt64(truncatingIfNeeded: booked.fill.quantity.raw))
    case .booked(let entry):
      for posting in entry.postings { mix(UInt64(truncatingIfNeeded: posting.amount.raw)) }
    case .decided(let record): mix(record.reason)
    case .carryMoved(let moved): mix(moved.reason)
    case .valued(let record): mix(UInt64(truncatingIfNeeded: record.equity.raw))
    case .orderEnded(let ended): mix(ended.outcome.rawValue)
    default: break
    }
  }
}
