import Glibc

/// Runs a program to its end, without a shell.
enum ChildProcess {
  /// The exit code, 128 + n after signal n, and what the program wrote to either stream.
  struct Ending {
    let code: Int32
    let output: String
  }

  /// Runs with nothing on standard input and with only the given environment; nil when the program
  /// cannot be started.
  static func run(_ arguments: [String], environment: [String]) -> Ending? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    var child = pid_t()
    let failure = withCStrings(arguments) { argv in
      withCStrings(environment) { posix_spawn(&child, arguments[0], &actions, nil, argv, $0) }
    }
    close(ends[1])
    guard failure == 0 else { return nil }
    let output = readAll(ends[0])
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7F
    return Ending(code: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: output)
  }

  private static func readAll(_ descriptor: Int32) -> String {
    var output: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &block, block.count)
      if count > 0 {
        output += block[..<count]
      } else if count == 0 || errno != EINTR {
        return String(decoding: output, as: UTF8.self)
      }
    }
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return body(copies)
  }
}
