import Foundation
import Trading

/// A line that says how far long work is, on a terminal only.
final class ProgressLine {
  private let range: Range<Timestamp>?
  private var last = ContinuousClock.now - .seconds(1)
  private var isShown = false

  /// Takes what is to be done; nil when there is no end.
  init(_ range: Range<Timestamp>? = nil) { self.range = range }

  func update(_ now: Timestamp, _ text: @autoclosure () -> String) {
    guard Output.isWatched, ContinuousClock.now - last > .milliseconds(100) else { return }
    last = .now
    isShown = true
    guard let range else { return Output.status("\(now)  \(text())") }
    let done = (now - range.lowerBound).nanoseconds / 1_000_000_000
    let all = max(1, (range.upperBound - range.lowerBound).nanoseconds / 1_000_000_000)
    let percent = min(100, done * 100 / all)
    Output.status("\(now.dayText)  \(percent) %  \(text())")
  }

  func clear() {
    if isShown { Output.status("") }
    isShown = false
  }
}
