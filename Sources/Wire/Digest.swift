import COpenSSL

/// Fingerprints of bytes.
public enum Digest {
  /// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits.
  public static func sha256Hex(_ bytes: [UInt8]) -> String {
    let digest = [UInt8](unsafeUninitializedCapacity: 32) { digest, length in
      var written: UInt32 = 0
      let result = bytes.withUnsafeBytes {
        EVP_Digest($0.baseAddress, $0.count, digest.baseAddress, &written, EVP_sha256(), nil)
      }
      length = result == 1 ? Int(written) : 0
    }
    precondition(digest.count == 32, "Invariant: OpenSSL has SHA-256")
    return Hex.encode(digest)
  }
}
