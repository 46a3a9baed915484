import Trading

/// What will happen, in order of time and then of being added: a binary heap.
struct EventQueue<Element: Sendable>: Sendable {
  private struct Entry: Sendable {
    let at: Timestamp
    let number: Int
    let element: Element

    func comesBefore(_ other: Entry) -> Bool {
      at == other.at ? number < other.number : at < other.at
    }
  }

  private var heap: [Entry] = []
  private var added = 0

  /// When the next one happens; nil when nothing will.
  var nextTime: Timestamp? { heap.first?.at }

  mutating func add(_ element: Element, at moment: Timestamp) {
    added += 1
    heap.append(Entry(at: moment, number: added, element: element))
    var place = heap.count - 1
    while place > 0, heap[place].comesBefore(heap[(place - 1) / 2]) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func next() -> (at: Timestamp, element: Element)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    return (first.at, first.element)
  }

  private mutating func sink() {
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2]
      where child < heap.count && heap[child].comesBefore(heap[least]) {
        least = child
      }
      if least == place { return }
      heap.swapAt(place, least)
      place = least
    }
  }
}
