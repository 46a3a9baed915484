public import Wire

/// What the venue knows a client by.
public struct BinanceCredentials: Sendable {
  /// How requests are signed.
  public enum Kind: String, Hashable, Sendable {
    /// HMAC-SHA256 with a shared secret.
    case hmac
    /// Ed25519; the secret is an unencrypted PKCS #8 private key in PEM.
    case ed25519
  }

  /// Sent in the clear with every private request.
  public let apiKey: String
  /// Signs; never sent.
  public let secret: Secret
  /// How.
  public let kind: Kind

  /// States credentials.
  public init(apiKey: String, secret: Secret, kind: Kind = .hmac) {
    self.apiKey = apiKey
    self.secret = secret
    self.kind = kind
  }

  /// Whether the secret can sign at all; an unreadable private key cannot.
  public var canSign: Bool { !signature(of: "").isEmpty }

  /// The signature of a text, not yet percent-encoded; empty when the key cannot sign, which the
  /// venue refuses.
  func signature(of text: String) -> String {
    switch kind {
    case .hmac: Signature.hmacSHA256Hex(text, key: secret)
    case .ed25519: (try? Signature.ed25519Base64(text, privateKey: secret)) ?? ""
    }
  }

  /// A query or form text with its signature as the last pair.
  func signed(_ text: String) -> String {
    let pair = "signature=\(FormText.encode(signature(of: text)))"
    return text.isEmpty ? pair : "\(text)&\(pair)"
  }
}
