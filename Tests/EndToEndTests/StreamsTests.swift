import Testing

extension EndToEnd {
  /// The two streams, and what stands behind them.
  @Suite struct Streams {
    @Test func aFullDiskBehindStandardErrorChangesNoEnding() throws {
      let script = "\"$0\" backtest --from x 2>/dev/full; echo \"code $?\""
      let ending = try Program(["-c", script, Program.binary], of: "/bin/sh").wait()
      #expect(ending.output.contains("code 64"), "\(ending)")
    }

    @Test func theSameSeedsAreTheSameWorldsInAnotherProcess() throws {
      func digest(_ seed: String) throws -> Substring {
        let ending = try Program.run("simulate", "--seed", seed, "--seeds", "4")
        #expect(ending.code == 0, "\(ending.errors.suffix(2000))")
        return try #require(
          ending.output.split(separator: "\n").first { $0.contains("digest") })
      }
      let first = try digest("70")
      #expect(try digest("70") == first)
      #expect(try digest("71") != first)
    }
  }
}
