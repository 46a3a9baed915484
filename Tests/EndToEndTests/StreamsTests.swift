import Testing

extension EndToEnd {
  /// The two streams, and what stands behind them.
  @Suite struct Streams {
    /// A disk that is full, and a pipe that nobody reads: neither is a reason to end another way.
    @Test(arguments: ["2>/dev/full", "2>&1 >/dev/null | true"])
    func nothingBehindStandardErrorEndsTheProgram(redirection: String) throws {
      let market = try RecordedMarket.shared.get()
      let script = """
        { "$0" backtest --data "$1" --from x; echo "code $?" >&3; } 3>&1 \(redirection)
        """
      let ending = try Program(
        ["-c", script, Program.binary, market.path], of: "/bin/sh"
      ).wait()
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
