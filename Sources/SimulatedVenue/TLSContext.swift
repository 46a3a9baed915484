import COpenSSL
import Glibc

/// A certificate with its key, for ports that speak TLS 1.2 or later.
public final class TLSContext {
  private let context: OpaquePointer

  /// Reads both from PEM files.
  public init(certificate: String, key: String) throws(ServerError) {
    guard let context = SSL_CTX_new(TLS_server_method()) else {
      throw ServerError("TLS is not available")
    }
    self.context = context
    // These are macros of the C headers: least version TLS 1.2; writes may be partial and retried
    // from another address.
    _ = SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
    _ = SSL_CTX_ctrl(context, SSL_CTRL_MODE, 1 | 2, nil)
    guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
      throw ServerError("cannot read the certificate (\(certificate)); give a PEM file")
    }
    guard SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1,
      SSL_CTX_check_private_key(context) == 1
    else { throw ServerError("cannot use the key (\(key)); give the certificate's own PEM file") }
  }

  deinit { SSL_CTX_free(context) }

  /// Starts a session on a connection that was accepted; nil when there is no memory.
  func session(on descriptor: Int32) -> TLSSession? {
    guard let session = SSL_new(context) else { return nil }
    SSL_set_fd(session, descriptor)
    SSL_set_accept_state(session)
    return TLSSession(session)
  }
}

/// One TLS session of the server's side; the handshake happens with the first reads.
final class TLSSession {
  private let session: OpaquePointer

  fileprivate init(_ session: OpaquePointer) { self.session = session }

  deinit { SSL_free(session) }

  /// Reads; nil when nothing is there yet, 0 at the end, below zero after an error.
  func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
    ERR_clear_error()
    return result(SSL_read(session, buffer.baseAddress, Int32(clamping: buffer.count)))
  }

  /// Writes; nil when nothing can be taken now, below zero after an error.
  func write(_ buffer: UnsafeRawBufferPointer) -> Int? {
    ERR_clear_error()
    return result(SSL_write(session, buffer.baseAddress, Int32(clamping: buffer.count)))
  }

  /// Bytes that were decrypted and not read yet.
  var pending: Int { Int(SSL_pending(session)) }

  private func result(_ count: Int32) -> Int? {
    if count > 0 { return Int(count) }
    switch SSL_get_error(session, count) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return nil
    case SSL_ERROR_ZERO_RETURN: return 0
    default: return -1
    }
  }
}
