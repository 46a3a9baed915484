import Foundation
import Testing

@testable import planted_bugs

/// The planted bugs keep up with the code that they are planted in.
@Suite("Planted bugs")
struct PlantedBugsTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test("The place of each bug is there, once")
  func places() throws {
    #expect(PlantedBug.all.count >= 20)
    for bug in PlantedBug.all {
      let path = Self.root.appendingPathComponent("Sources/\(bug.file)")
      let text = try String(contentsOf: path, encoding: .utf8)
      #expect(text.components(separatedBy: bug.right).count == 2, "\(bug.name): \(bug.file)")
      #expect(bug.wrong.contains("PLANTED"), "\(bug.name)")
    }
  }
}
