import Foundation
import Service
import Testing

/// The shipped files and the defaults in the program say the same.
@Suite struct ConfigurationTests {
  static let folder =
    URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path + "/config"

  private func shipped() throws -> ConfigurationLoader.Loaded {
    try ConfigurationLoader.load(
      file: "\(Self.folder)/harvester.yaml", environment: [:], overrides: [])
  }

  @Test func theFileStatesTheDefaults() throws {
    let loaded = try shipped()
    #expect(loaded.configuration == Configuration())
    for setting in Setting.all {
      #expect(setting.read(loaded.configuration) == setting.read(Configuration()))
      #expect(loaded.origins[setting.key] == "file", "\(setting.key) is not in the file")
    }
    #expect(loaded.origins.count == Setting.all.count)
  }

  /// The comment above a key tells its range, unless it shares it with the key above.
  @Test func eachCommentNamesTheRange() throws {
    let comments = try Self.comments()
    #expect(Set(comments.keys) == Set(Setting.all.map(\.key)))
    // A range with a comma says in words what kind of text it is.
    for setting in Setting.all where setting.range != "text" && !setting.range.contains(",") {
      let comment = try #require(comments[setting.key])
      let isTold =
        setting.range.contains("…")
        ? comment.contains(setting.range)
        : setting.range.components(separatedBy: " or ").allSatisfy { comment.contains($0) }
      #expect(isTold, "\(setting.key): \(setting.range) is not in \"\(comment)\"")
    }
  }

  @Test func everySettingReadsBackWhatItWrites() throws {
    for setting in Setting.all {
      let value = setting.read(Configuration())
      let loaded = try ConfigurationLoader.load(
        file: "\(Self.folder)/harvester.yaml", environment: [setting.environmentName: value],
        overrides: ["\(setting.key)=\(value)"])
      #expect(setting.read(loaded.configuration) == value)
      #expect(loaded.origins[setting.key] == "command line")
    }
  }

  @Test func namesOfVariablesAreDistinct() {
    #expect(Set(Setting.all.map(\.environmentName)).count == Setting.all.count)
    #expect(Set(Setting.all.map(\.key)).count == Setting.all.count)
  }

  /// Both ends of a range are accepted and the next value beyond them is not.
  @Test func rangesIncludeTheirEnds() throws {
    for setting in Setting.all where setting.range.contains("…") {
      for (end, beyond) in try Self.ends(of: setting) {
        #expect(Self.problems(setting, end).isEmpty, "\(setting.key) = \(end)")
        #expect(Self.problems(setting, beyond).count == 1, "\(setting.key) = \(beyond)")
      }
    }
  }

  /// Problems with one value; contradictions with other settings do not count.
  private static func problems(_ setting: Setting, _ value: String) -> [String] {
    do throws(ConfigurationError) {
      _ = try ConfigurationLoader.load(
        file: "\(folder)/harvester.yaml", environment: [:], overrides: ["\(setting.key)=\(value)"])
      return []
    } catch {
      return error.problems.filter { $0.hasPrefix("--set \(setting.key):") }
    }
  }

  private static func ends(of setting: Setting) throws -> [(end: String, beyond: String)] {
    let ends = setting.range.components(separatedBy: " … ")
    let low = try #require(Decimal(string: ends[0]))
    let high = try #require(Decimal(string: ends[1]))
    let step =
      ends.allSatisfy { !$0.contains(".") }
        && setting.read(Configuration()).allSatisfy(
          \.isNumber)
      ? Decimal(1) : Decimal(string: "0.000000000000000001") ?? 1
    return [(ends[0], "\(low - step)"), (ends[1], "\(high + step)")]
  }

  /// The comment above each key of the file as one line.
  private static func comments() throws -> [String: String] {
    let text = try String(contentsOfFile: "\(folder)/harvester.yaml", encoding: .utf8)
    var comments: [String: String] = [:]
    var section = ""
    var comment = ""
    var isFresh = true
    for line in text.components(separatedBy: "\n") {
      let content = line.trimmingCharacters(in: .whitespaces)
      if content.hasPrefix("#") {
        comment = (isFresh ? "" : comment + " ") + content.dropFirst(2)
        isFresh = false
      } else if let colon = content.firstIndex(of: ":") {
        let key = content[..<colon]
        if content.hasSuffix(":") {
          section = "\(key)."
        } else {
          comments[line.hasPrefix(" ") ? section + key : String(key)] = comment
        }
        isFresh = true
      }
    }
    return comments
  }
}
