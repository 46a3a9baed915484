/// The words after the program's name.
struct Arguments {
  static let usage = """
    usage: benchmarks all --workload FOLDER [--peers FOLDER] [--rounds N] [--count N]
           benchmarks workload FOLDER [--symbol K] [--exact]
           benchmarks ledger FOLDER
           benchmarks sweep FOLDER
           benchmarks symbols FOLDER [--count N]
           benchmarks scan [--count N]
           benchmarks live [decoding|sockets|latency|rest] [--orders N] [--root FOLDER]
             [--peers FOLDER]
    """

  let command: String
  private var positional: [String] = []
  private var options: [String: String] = [:]
  private var flags: Set<String> = []

  init(_ words: [String]) throws(WorkloadError) {
    guard let first = words.first else { throw WorkloadError(Self.usage) }
    command = first
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      if word == "--exact" {
        flags.insert(word)
      } else if word.hasPrefix("--") {
        guard let value = rest.popFirst() else { throw WorkloadError("\(word) needs a value") }
        options[word] = value
      } else {
        positional.append(word)
      }
    }
  }

  func has(_ flag: String) -> Bool { flags.contains(flag) }

  func text(_ option: String) -> String? { options[option] }

  func required(_ option: String) throws(WorkloadError) -> String {
    guard let text = options[option] else { throw WorkloadError(Self.usage) }
    return text
  }

  func number(_ option: String, default standard: Int) throws(WorkloadError) -> Int {
    guard let text = options[option] else { return standard }
    guard let number = Int(text), number >= 0 else {
      throw WorkloadError("\(option) \(text) is not a count")
    }
    return number
  }

  /// The one word besides the command; nil when there is none.
  func word() throws(WorkloadError) -> String? {
    guard positional.count <= 1 else { throw WorkloadError(Self.usage) }
    return positional.first
  }

  /// Where the data files are.
  func folder() throws(WorkloadError) -> String {
    guard positional.count == 1 else { throw WorkloadError(Self.usage) }
    return positional[0]
  }
}
