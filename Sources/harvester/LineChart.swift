import Foundation
import Trading

/// A chart of lines over time as an SVG element; colours come from the page's style sheet.
struct LineChart {
  /// One line.
  struct Line {
    let name: String
    /// A class of the style sheet.
    let style: String
    let points: [(at: Timestamp, value: Double)]
  }

  /// The axis of values is in percent.
  let title: String
  let range: Range<Timestamp>
  let lines: [Line]
  /// Stretches of time that are shaded, and what that means.
  var shaded: [Range<Timestamp>] = []
  /// Values with a name of their own.
  var marks: [(name: String, value: Double)] = []
  /// Whether the space between the first line and zero is filled.
  var isFilled = false
  var height = 260.0

  private static let width = 960.0
  private static let left = 56.0
  private static let right = 16.0
  private static let top = 12.0
  private static let bottom = 28.0

  var svg: String {
    let scale = Scale(lines.flatMap { $0.points.map(\.value) } + marks.map(\.value) + [0])
    var parts: [String] = []
    for stretch in shaded {
      let (from, to) = (x(stretch.lowerBound), x(stretch.upperBound))
      parts.append(
        "<rect class=\"held\" x=\"\(n(from))\" y=\"\(n(Self.top))\" "
          + "width=\"\(n(max(0.5, to - from)))\" height=\"\(n(plotHeight))\"/>")
    }
    for value in scale.ticks {
      let y = y(value, scale)
      parts.append(line(y, value == 0 ? "zero" : "grid"))
      parts.append(
        "<text class=\"tick\" x=\"\(n(Self.left - 8))\" y=\"\(n(y + 4))\" "
          + "text-anchor=\"end\">\(scale.text(value))</text>")
    }
    parts += months()
    for (place, series) in lines.enumerated() {
      let path = path(series, scale)
      if isFilled, place == 0, let first = series.points.first, let last = series.points.last {
        let zero = n(y(0, scale))
        parts.append(
          "<path class=\"area \(series.style)\" d=\"\(path)L\(n(x(last.at))) \(zero)"
            + "L\(n(x(first.at))) \(zero)Z\"/>")
      }
      parts.append("<path class=\"line \(series.style)\" d=\"\(path)\"/>")
    }
    for mark in marks {
      let y = y(mark.value, scale)
      parts.append(line(y, "mark"))
      parts.append(
        "<text class=\"name\" x=\"\(n(Self.width - Self.right))\" y=\"\(n(y - 5))\" "
          + "text-anchor=\"end\">\(mark.name)</text>")
    }
    return """
      <svg viewBox="0 0 \(n(Self.width)) \(n(height))" role="img" aria-label="\(title)">
      \(parts.joined(separator: "\n"))
      </svg>
      """
  }

  private var plotHeight: Double { height - Self.top - Self.bottom }

  private func x(_ moment: Timestamp) -> Double {
    let all = Double((range.upperBound - range.lowerBound).nanoseconds)
    let part = Double((moment - range.lowerBound).nanoseconds)
    return Self.left + (Self.width - Self.left - Self.right) * part / max(1, all)
  }

  private func y(_ value: Double, _ scale: Scale) -> Double {
    Self.top + plotHeight * (scale.high - value) / (scale.high - scale.low)
  }

  private func line(_ y: Double, _ style: String) -> String {
    "<line class=\"\(style)\" x1=\"\(n(Self.left))\" x2=\"\(n(Self.width - Self.right))\" "
      + "y1=\"\(n(y))\" y2=\"\(n(y))\"/>"
  }

  private func path(_ series: Line, _ scale: Scale) -> String {
    series.points.enumerated().map { place, point in
      "\(place == 0 ? "M" : "L")\(n(x(point.at))) \(n(y(point.value, scale)))"
    }
    .joined()
  }

  /// Names of months below the plot, at most about ten of them.
  private func months() -> [String] {
    let starts = Self.monthStarts(range)
    let step = [1, 2, 3, 6, 12, 24, 60].first { starts.count / $0 <= 10 } ?? 120
    return starts.filter { $0.month % step == 0 || step > 12 && $0.month % step == 0 }.map {
      start in
      let text = start.at.dayText.prefix(7)
      return "<text class=\"tick\" x=\"\(n(x(start.at)))\" y=\"\(n(height - 8))\" "
        + "text-anchor=\"middle\">\(text)</text>"
    }
  }

  /// First days of months within a range, with months counted from the year 0.
  private static func monthStarts(_ range: Range<Timestamp>) -> [(at: Timestamp, month: Int)] {
    var starts: [(at: Timestamp, month: Int)] = []
    var day = range.lowerBound.floored(to: .days(1))
    while day < range.upperBound {
      let text = day.dayText
      if text.hasSuffix("-01"), day >= range.lowerBound {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        starts.append((day, parts[0] * 12 + parts[1] - 1))
      }
      day = day + .days(1)
    }
    return starts
  }

  /// A coordinate, to a tenth.
  private func n(_ value: Double) -> String {
    let text = String(format: "%.1f", value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// The axis of values: round numbers around all that is shown.
  private struct Scale {
    let low: Double
    let high: Double
    let step: Double

    init(_ values: [Double]) {
      let least = values.min() ?? 0
      let most = values.max() ?? 0
      let span = max(most - least, 0.01)
      let power = pow(10, (log10(span / 5)).rounded(.down))
      step = [1, 2, 5, 10].map { $0 * power }.first { span / $0 <= 6 } ?? power * 10
      low = (least / step).rounded(.down) * step
      high = max((most / step).rounded(.up) * step, low + step)
    }

    var ticks: [Double] {
      (0...Int(((high - low) / step).rounded())).map { place in
        let value = low + Double(place) * step
        return abs(value) < step / 1000 ? 0 : value
      }
    }

    func text(_ value: Double) -> String {
      let places = max(0, Int((-log10(step)).rounded(.up)))
      return String(format: "%.\(places)f %%", value)
    }
  }
}
