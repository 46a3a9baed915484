import COpenSSL

/// Why something could not be signed.
///
/// Says nothing about key and text.
public enum SignatureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Not a private key in PEM without a passphrase.
  case unreadableKey
  /// A key for another algorithm, such as RSA.
  case notEd25519
  /// The library failed.
  case failed

  /// What is wrong.
  public var description: String {
    switch self {
    case .unreadableKey: "the key is not an unencrypted private key in PEM"
    case .notEd25519: "the key is not an Ed25519 key"
    case .failed: "signing failed"
    }
  }
}

/// Signatures of requests.
public enum Signature {
  /// HMAC-SHA256 of the UTF-8 of a text, as 64 lower-case hexadecimal digits.
  public static func hmacSHA256Hex(_ text: String, key: Secret) -> String {
    Hex.encode(hmacSHA256(Array(text.utf8), key: key))
  }

  /// HMAC-SHA256 (RFC 2104): 32 bytes.
  public static func hmacSHA256(_ bytes: [UInt8], key: Secret) -> [UInt8] {
    // An empty array may have no address, and OpenSSL takes no key at none.
    let keyBytes = key.bytes.isEmpty ? [0] : key.bytes
    guard let count = Int32(exactly: key.bytes.count) else {
      preconditionFailure("Invariant: a key is shorter than 2 GB")
    }
    let code = [UInt8](unsafeUninitializedCapacity: 32) { code, length in
      var written: UInt32 = 0
      let result = HMAC(
        EVP_sha256(), keyBytes, count, bytes, bytes.count, code.baseAddress, &written)
      length = result == nil ? 0 : Int(written)
    }
    precondition(code.count == 32, "Invariant: OpenSSL has SHA-256")
    return code
  }

  /// Ed25519 signature (RFC 8032) of the UTF-8 of a text, as base64.
  ///
  /// - Parameter pem: an unencrypted PKCS #8 private key.
  public static func ed25519Base64(
    _ text: String, privateKey pem: Secret
  ) throws(SignatureError) -> String {
    let key = try Ed25519Key(privatePEM: pem)
    return Base64.encode(try key.sign(Array(text.utf8)))
  }

  /// Whether a base64 signature of a text was made by the private half of a key.
  public static func ed25519Verify(
    _ text: String, signature: String, publicKeyPEM: String
  ) -> Bool {
    guard let signature = Base64.decode(signature),
      let key = try? Ed25519Key(publicPEM: publicKeyPEM)
    else { return false }
    return key.verify(signature, of: Array(text.utf8))
  }

  /// Whether two byte strings are equal, in a time that depends on their lengths only.
  public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return CRYPTO_memcmp(left, right, left.count) == 0
  }
}
