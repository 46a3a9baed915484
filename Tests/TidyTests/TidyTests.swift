import Foundation
import Testing

/// Rules of docs/ARCHITECTURE.md that no compiler holds, read from the source files.
@Suite("The sources keep their rules")
struct TidyTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static let pure = [
    "FixedPoint", "Trading", "Accounting", "Core", "Wire", "Venues", "Simulation", "Backtest",
    "Worlds",
  ]

  private struct Source {
    let path: String
    let lines: [Substring]
  }

  private static func sources(_ folders: [String], suffix: String = ".swift") throws -> [Source] {
    try folders.flatMap { folder -> [Source] in
      let base = root.appendingPathComponent(folder)
      let names = try FileManager.default.subpathsOfDirectory(atPath: base.path)
      return try names.filter { $0.hasSuffix(suffix) }.sorted().map { name in
        let text = try String(contentsOf: base.appendingPathComponent(name), encoding: .utf8)
        return Source(
          path: "\(folder)/\(name)",
          lines: text.split(separator: "\n", omittingEmptySubsequences: false))
      }
    }
  }

  private static func code(_ line: Substring) -> Substring {
    line.range(of: "//").map { line[..<$0.lowerBound] } ?? line
  }

  @Test("Pure targets know no clock, chance, input, output or binary floating point")
  func purity() throws {
    let banned = try Regex(
      #"import Foundation|\bDate\(|\bUUID\(|\.random\(|ContinuousClock|\bTask\s*\{|\bDouble\b|\bFloat\b|\bprint\("#
    )
    for source in try Self.sources(Self.pure.map { "Sources/\($0)" }) {
      for (number, line) in source.lines.enumerated() {
        #expect(
          Self.code(line).firstMatch(of: banned) == nil, "\(source.path):\(number + 1): \(line)")
      }
    }
  }

  @Test("The simulated exchange does not see the engine")
  func exchange() throws {
    for source in try Self.sources(["Sources/Simulation"]) {
      #expect(!source.lines.contains { $0.contains("import Core") }, "\(source.path)")
    }
  }

  @Test("Files are short enough to be read at a sitting")
  func length() throws {
    for source in try Self.sources(["Sources", "Tests"]) {
      #expect(source.lines.count <= 401, "\(source.path) has \(source.lines.count) lines")
    }
  }

  @Test("Nothing is left to be done later")
  func leftovers() throws {
    let banned = try Regex(#"\b(TO"# + #"DO|FIX"# + #"ME|X"# + #"XX)\b"#)
    for source in try Self.sources(["Sources", "Tests"])
      + Self.sources(["migrations"], suffix: ".sql")
    {
      for (number, line) in source.lines.enumerated() {
        #expect(line.firstMatch(of: banned) == nil, "\(source.path):\(number + 1): \(line)")
      }
    }
  }

  @Test("Every report view that the program reads exists")
  func views() throws {
    let name = try Regex(#"report\.([a-z_]+)"#)
    let defined = try Self.sources(["migrations"], suffix: ".sql").flatMap(\.lines)
      .filter { $0.hasPrefix("CREATE VIEW report.") || $0.hasPrefix("CREATE FUNCTION report.") }
      .joined(separator: "\n")
    for source in try Self.sources(["Sources/harvester", "Sources/Store"]) {
      for line in source.lines {
        for match in line.matches(of: name) {
          guard let view = match.output[1].substring else { continue }
          #expect(defined.contains("report.\(view)"), "\(source.path): report.\(view)")
        }
      }
    }
  }

  @Test("The commands of the README exist in the Makefile")
  func readme() throws {
    let readme = try String(
      contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
    let makefile = try String(
      contentsOf: Self.root.appendingPathComponent("Makefile"), encoding: .utf8)
    let command = try Regex(#"(?m)^make ([a-z]+)"#)
    let targets = readme.matches(of: command).compactMap { $0.output[1].substring }
    #expect(targets.contains("run") && targets.contains("test"))
    for target in targets {
      #expect(makefile.contains("\n\(target): "), "make \(target)")
    }
  }
}
