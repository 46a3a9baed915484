import Glibc

/// A whole process from its start to its end, as the system accounts for it.
struct MeasuredProcess {
  let output: String
  let errors: String
  let succeeded: Bool
  let wallSeconds: Double
  /// User and system time.
  let cpuSeconds: Double
  let peakMebibytes: Double

  /// Runs a program of the search path and waits for it; nil when it cannot be started.
  init?(_ words: [String]) {
    guard let output = Channel(), let errors = Channel() else { return nil }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, output.writer, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors.writer, STDERR_FILENO)

    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process = pid_t()
    let begin = ContinuousClock.now
    let failure = posix_spawnp(&process, words[0], &actions, nil, &arguments, environ)
    output.closeWriter()
    errors.closeWriter()
    // What is written on standard error is short enough to wait in its channel.
    self.output = output.readAll()
    self.errors = errors.readAll()
    if failure != 0 { return nil }

    var status: Int32 = 0
    var usage = rusage()
    while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
    wallSeconds = (ContinuousClock.now - begin).seconds
    cpuSeconds = usage.ru_utime.seconds + usage.ru_stime.seconds
    peakMebibytes = Double(usage.ru_maxrss) / 1024
    succeeded = status == 0
  }
}

/// One direction of bytes from a child to us.
private struct Channel {
  private let reader: Int32
  let writer: Int32

  init?() {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    (reader, writer) = (ends[0], ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  }

  func closeWriter() { close(writer) }

  func readAll() -> String {
    defer { close(reader) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(reader, &block, block.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      bytes += block[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension timeval {
  fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) * 1e-6 }
}
