import Foundation
import Glibc
import TestKit
import Wire

/// The control port of a simulator: one request per connection.
struct ControlPort {
  let number: UInt16

  func get(_ path: String) throws -> JSON { try exchange("GET", path, "") }

  @discardableResult
  func post(_ path: String, _ body: JSON) throws -> JSON {
    try exchange("POST", path, body.description)
  }

  func delete(_ path: String) throws { _ = try exchange("DELETE", path, "") }

  private func exchange(_ method: String, _ path: String, _ body: String) throws -> JSON {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = number.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
    }
    guard connected == 0 else { throw TestFailure("the control port does not answer") }
    let request =
      "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    let bytes = Array(request.utf8)
    guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw TestFailure("the control port does not listen")
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      answer += buffer[..<count]
    }
    let text = String(decoding: answer, as: UTF8.self)
    guard let head = text.range(of: "\r\n\r\n") else { throw TestFailure("\(path): no answer") }
    let content = Array(text[head.upperBound...].utf8)
    guard text.hasPrefix("HTTP/1.1 200"), let json = try? JSON(content) else {
      throw TestFailure("\(method) \(path) \(body): \(text)")
    }
    return json
  }
}
