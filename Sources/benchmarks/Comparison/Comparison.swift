import Glibc

/// This engine and its peers on the same files, whole processes in alternation.
struct Comparison {
  /// Folder of `WORKLOAD.md`.
  let workload: String
  /// Folder of the peers written for this project.
  let peers: String
  let rounds: Int
  /// Symbols of the run with many.
  let count: Int

  /// Prints what was measured.
  ///
  /// - Returns: whether every figure is what the workload says.
  func run() throws(WorkloadError) -> Bool {
    let (data, limit) = try prepare()
    let contenders = [
      Contender("C loop, gcc -O3", limit),
      Contender("harvester, event-driven", .success([own, "workload", data])),
      Contender("numpy, vectorised", numpy(data)),
    ]
    let arePeersExact = try race(contenders)
    print()
    let areOursExact = try check(data)
    return arePeersExact && areOursExact
  }

  // MARK: - The race

  /// A program and what its rounds gave; a reason where it cannot run.
  private struct Contender {
    let name: String
    let command: Result<[String], WorkloadError>
    var results: [MeasuredProcess] = []

    init(_ name: String, _ command: Result<[String], WorkloadError>) {
      self.name = name
      self.command = command
    }

    var wall: Double { median(results.map(\.wallSeconds)) }
  }

  private func race(_ field: [Contender]) throws(WorkloadError) -> Bool {
    var field = field
    let expected = try lines("symbols_050.jsonl", 1)
    for _ in 0..<rounds {
      for place in field.indices {
        guard case .success(let words) = field[place].command else { continue }
        field[place].results.append(try measured(words))
      }
    }
    let ours = field.first { (try? $0.command.get().first) == own }?.wall ?? 1
    var table = Table(["implementation", "wall s", "CPU s", "peak MiB", "to ours", "exact"])
    var isExact = true
    for contender in field {
      if case .failure(let reason) = contender.command {
        table.add([contender.name, reason.description])
        continue
      }
      let results = contender.results
      let isRight = results.allSatisfy { $0.succeeded && $0.output == expected }
      isExact = isExact && isRight
      table.add([
        contender.name, contender.wall.text(places: 3),
        median(results.map(\.cpuSeconds)).text(places: 3),
        (results.map(\.peakMebibytes).max() ?? 0).text(places: 1),
        (contender.wall / ours).text(places: 2), isRight ? "yes" : "no",
      ])
    }
    print("One symbol, whole processes, median of \(rounds) alternating rounds")
    print(table.text)
    return isExact
  }

  // MARK: - Our own runs

  private func check(_ data: String) throws(WorkloadError) -> Bool {
    let runs: [(name: String, words: [String], expected: String)] = [
      ("one symbol, every digit", ["workload", data, "--exact"], try text("symbol_000.json")),
      ("one symbol, every fill and payment", ["ledger", data], try text("ledger_000.csv")),
      ("100 combinations on \(processors) cores", ["sweep", data], try text("sweep_000.csv")),
      (
        "\(count) symbols in one engine", ["symbols", data, "--count", String(count)],
        try lines("symbols_050.jsonl", count)
      ),
    ]
    var table = Table(["run", "wall s", "CPU s", "peak MiB", "M bars/s in the loop", "exact"])
    var isExact = true
    for run in runs {
      let result = try measured([own] + run.words)
      let isRight = result.succeeded && result.output == run.expected
      isExact = isExact && isRight
      table.add([
        run.name, result.wallSeconds.text(places: 3), result.cpuSeconds.text(places: 3),
        result.peakMebibytes.text(places: 1), result.barsPerSecond, isRight ? "yes" : "no",
      ])
    }
    print(table.text)
    return isExact
  }

  // MARK: - Preparation

  /// The data, written where they are missing, and the C loop, where it can be compiled.
  private func prepare() throws(WorkloadError) -> (
    data: String, limit: Result<[String], WorkloadError>
  ) {
    let root = environment("TMPDIR") ?? "/tmp"
    let data = "\(root)/harvester-workload"
    let last = "\(data)/funding_\(padded(max(count, 1) - 1, width: 3)).csv"
    if access(last, R_OK) != 0 {
      note("writing the data of \(count) symbols to \(data); this takes a while, once")
      let part = "\(data).\(getpid())"
      let words = ["python3", "\(workload)/gen_data.py", part, "--symbols", String(max(count, 1))]
      guard let generator = MeasuredProcess(words), generator.succeeded else {
        throw WorkloadError("python3 is missing or failed, so there are no data to run on")
      }
      // What an earlier run with fewer symbols left behind gives way.
      _ = MeasuredProcess(["rm", "-rf", data])
      guard rename(part, data) == 0 else { throw WorkloadError("\(data) cannot be made") }
    }
    let limit = "\(data)/limit"
    let compiler = MeasuredProcess([
      "gcc", "-O3", "-march=native", "-o", limit, "\(workload)/limit.c",
    ])
    guard let compiler else { return (data, .failure(WorkloadError("gcc is missing"))) }
    guard compiler.succeeded else { throw WorkloadError("gcc: \(compiler.errors)") }
    return (data, .success([limit, data]))
  }

  private func numpy(_ data: String) -> Result<[String], WorkloadError> {
    guard let python = MeasuredProcess(["python3", "-c", "import numpy"]) else {
      return .failure(WorkloadError("python3 is missing"))
    }
    return python.succeeded
      ? .success(["python3", "\(peers)/numpy_carry.py", data])
      : .failure(WorkloadError("numpy is missing"))
  }

  private func measured(_ words: [String]) throws(WorkloadError) -> MeasuredProcess {
    guard let result = MeasuredProcess(words) else {
      throw WorkloadError("\(words[0]) cannot be started")
    }
    if !result.succeeded { note("\(words.joined(separator: " ")): \(result.errors)") }
    return result
  }

  private func text(_ name: String) throws(WorkloadError) -> String {
    try MappedFile("\(workload)/expected/\(name)").text
  }

  /// The first lines of a file.
  private func lines(_ name: String, _ count: Int) throws(WorkloadError) -> String {
    try text(name).split(separator: "\n").prefix(count).map { $0 + "\n" }.joined()
  }

  /// This program.
  private var own: String { CommandLine.arguments[0] }
}

/// Processors that work now.
var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

private func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

private func median(_ values: [Double]) -> Double {
  values.isEmpty ? 0 : values.sorted()[values.count / 2]
}

extension MeasuredProcess {
  /// What the run says of itself on standard error, in millions.
  fileprivate var barsPerSecond: String {
    let words = errors.split(whereSeparator: \.isWhitespace)
    guard words.last == "bars/s", let rate = words.dropLast().last.flatMap({ Double($0) }) else {
      return "-"
    }
    return (rate / 1_000_000).text(places: 1)
  }
}
