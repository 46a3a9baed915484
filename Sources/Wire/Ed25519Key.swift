import COpenSSL

/// An Ed25519 key of OpenSSL; freed with its last reference.
final class Ed25519Key {
  private let key: OpaquePointer

  /// Reads an unencrypted PKCS #8 private key.
  convenience init(privatePEM pem: Secret) throws(SignatureError) {
    try self.init(pem: pem.bytes) { PEM_read_bio_PrivateKey($0, nil, noPassphrase, nil) }
  }

  /// Reads a public key.
  convenience init(publicPEM pem: String) throws(SignatureError) {
    try self.init(pem: Array(pem.utf8)) { PEM_read_bio_PUBKEY($0, nil, noPassphrase, nil) }
  }

  private init(
    pem: [UInt8], read: (OpaquePointer) -> OpaquePointer?
  ) throws(SignatureError) {
    // What OpenSSL says about a failure may quote the key, so it is dropped.
    defer { ERR_clear_error() }
    guard let length = Int32(exactly: pem.count), length > 0 else { throw .unreadableKey }
    let key = pem.withUnsafeBytes { pem -> OpaquePointer? in
      guard let file = BIO_new_mem_buf(pem.baseAddress, length) else { return nil }
      defer { BIO_free(file) }
      return read(file)
    }
    guard let key else { throw .unreadableKey }
    guard EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 else {
      EVP_PKEY_free(key)
      throw .notEd25519
    }
    self.key = key
  }

  deinit { EVP_PKEY_free(key) }

  /// Signs bytes: 64 bytes.
  func sign(_ bytes: [UInt8]) throws(SignatureError) -> [UInt8] {
    defer { ERR_clear_error() }
    guard let context = EVP_MD_CTX_new() else { throw .failed }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1 else { throw .failed }
    let signature = [UInt8](unsafeUninitializedCapacity: 64) { signature, length in
      var written = 64
      let status = EVP_DigestSign(context, signature.baseAddress, &written, bytes, bytes.count)
      length = status == 1 ? written : 0
    }
    guard signature.count == 64 else { throw .failed }
    return signature
  }

  /// Whether the signature is this key's for the bytes.
  func verify(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
    defer { ERR_clear_error() }
    guard signature.count == 64, let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
    return EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
  }
}

/// Refuses to give a passphrase, for which OpenSSL would ask on the terminal.
private func noPassphrase(
  _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { -1 }
