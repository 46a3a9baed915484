import Foundation
import Glibc
import Testing
import Trading
import Transport
import Venues
import Wire

/// Certificates made on the spot by the `openssl` program.
final class Certificates {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for authority in ["good", "other"] {
      try run(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
        "2", "-subj", "/CN=\(authority) authority", "-keyout", "\(authority).key", "-out",
        "\(authority).pem")
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  /// A server's certificate, signed by the good authority.
  func issue(_ name: String, subject: String, days: Int) throws {
    try "subjectAltName=\(subject)".write(
      toFile: path("\(name).ext"), atomically: true, encoding: .utf8)
    try run(
      "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
      "/CN=server",
      "-keyout", "\(name).key", "-out", "\(name).csr")
    try run(
      "x509", "-req", "-in", "\(name).csr", "-CA", "good.pem", "-CAkey", "good.key",
      "-CAcreateserial", "-days", "\(days)", "-extfile", "\(name).ext", "-out", "\(name).pem")
  }

  private func run(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "openssl \(arguments)")
  }
}

/// `openssl s_server` for one connection, whose plain side a handler speaks.
final class TLSServer {
  let port: Int
  private let process = Process()

  init(
    _ certificates: Certificates, _ name: String, options: [String] = [],
    _ handler: @escaping @Sendable (LoopbackConnection) -> Void
  ) throws {
    port = try LoopbackServer.deadPort()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments =
      [
        "s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificates.path("\(name).pem"),
        "-key", certificates.path("\(name).key"), "-quiet", "-naccept", "1",
      ] + options
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let reading = dup(output.fileHandleForReading.fileDescriptor)
    let writing = dup(input.fileHandleForWriting.fileDescriptor)
    Thread.detachNewThread {
      let connection = LoopbackConnection(
        reading: reading, writing: writing, number: 1, server: nil)
      handler(connection)
      connection.close()
    }
    try waitUntilItListens()
  }

  deinit { stop() }

  /// By force: it inherits a signal mask that may hold the gentle signal back.
  private func stop() { kill(process.processIdentifier, SIGKILL) }

  /// Looks into the kernel's table, since a trial connection would be the only one accepted.
  private func waitUntilItListens() throws {
    let entry = String(format: ":%04X 00000000:0000 0A", port)
    for _ in 0..<250 {
      if Self.kernelTable().contains(entry) { return }
      Thread.sleep(forTimeInterval: 0.02)
    }
    stop()
    throw POSIXError(.ECONNREFUSED)
  }

  /// Read to its end by hand: the file says that it is empty, and gives a page at a time.
  private static func kernelTable() -> String {
    let descriptor = open("/proc/net/tcp", O_RDONLY)
    defer { close(descriptor) }
    var text: [UInt8] = []
    var page = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &page, page.count)
      guard count > 0 else { return String(decoding: text, as: UTF8.self) }
      text += page[..<count]
    }
  }
}

@Suite(.serialized) struct TLSTests {
  private let certificates: Certificates

  init() throws { certificates = try Certificates() }

  private func request(_ server: TLSServer, trusting authority: String?) -> CallOutcome {
    var options = TransportOptions(certificates: authority.map { certificates.path("\($0).pem") })
    options.stallTimeout = .seconds(5)
    return HTTPClient(options: options).perform(
      HTTPRequest(.post, "/order"), base: "https://127.0.0.1:\(server.port)")
  }

  private static func answer(_ connection: LoopbackConnection) {
    if connection.request() != nil { connection.answer(200, [], "secure") }
    _ = connection.read()
  }

  @Test func aTrustedCertificateIsAccepted() throws {
    try certificates.issue("server", subject: "IP:127.0.0.1", days: 1)
    let outcome = request(
      try TLSServer(certificates, "server") { Self.answer($0) }, trusting: "good")
    guard case .answered(let response) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(response.body == Array("secure".utf8))
  }

  @Test(arguments: ["other", nil])
  func anotherAuthorityIsRefused(authority: String?) throws {
    try certificates.issue("server", subject: "IP:127.0.0.1", days: 1)
    let outcome = request(
      try TLSServer(certificates, "server") { Self.answer($0) }, trusting: authority)
    #expect(outcome.isNotSent, "\(outcome)")
    #expect("\(outcome)".contains("certificate"), "\(outcome)")
  }

  @Test func anExpiredCertificateIsRefused() throws {
    try certificates.issue("server", subject: "IP:127.0.0.1", days: -1)
    let outcome = request(
      try TLSServer(certificates, "server") { Self.answer($0) }, trusting: "good")
    #expect(outcome.isNotSent, "\(outcome)")
  }

  @Test func aCertificateOfAnotherNameIsRefused() throws {
    try certificates.issue("server", subject: "DNS:venue.example", days: 1)
    let outcome = request(
      try TLSServer(certificates, "server") { Self.answer($0) }, trusting: "good")
    #expect(outcome.isNotSent, "\(outcome)")
  }

  @Test func anOldProtocolIsRefused() throws {
    try certificates.issue("server", subject: "IP:127.0.0.1", days: 1)
    let server = try TLSServer(
      certificates, "server", options: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]
    ) { Self.answer($0) }
    let outcome = request(server, trusting: "good")
    #expect(outcome.isNotSent, "\(outcome)")
  }

  @Test(arguments: ["good", "other"])
  func aStreamIsVerifiedToo(authority: String) throws {
    try certificates.issue("server", subject: "IP:127.0.0.1", days: 1)
    let server = try TLSServer(certificates, "server") { connection in
      connection.upgrade(then: WebSocketFrame.encode(.text, "at once", mask: nil))
      // More than a TLS record, so that some of it waits inside TLS where poll does not see it.
      connection.send(String(repeating: "x", count: 100_000))
      guard case .text(let bytes)? = connection.message() else { return }
      connection.send("echo \(bytes.count)")
      _ = connection.read()
    }
    let listener = Listener(
      WebSocketClient(
        base: "wss://127.0.0.1:\(server.port)", target: "/",
        options: TransportOptions(certificates: certificates.path("\(authority).pem"))))
    guard authority == "good" else {
      #expect(listener.waitUntilClosed()?.contains("ertificate") == true)
      return
    }
    #expect(listener.wait { $0.heard.count == 2 })
    listener.client.send(String(repeating: "y", count: 300_000))
    #expect(listener.wait { $0.heard.count == 3 })
    #expect(listener.heard == ["text at once", "text 100000 bytes", "text echo 300000"])
  }
}
