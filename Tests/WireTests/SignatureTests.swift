import Testing

@testable import Wire

@Suite("Signatures")
struct SignatureTests {
  @Test("The venues' HMAC signatures, byte for byte")
  func venues() throws {
    let lines = SigningVectors.hmac.split(separator: "\n")
    #expect(lines.count == 33)
    for line in lines {
      let vector = try JSON(parsing: String(line))
      let secret = try #require(vector["secret"]?.text)
      let text = try #require(vector["text"]?.text)
      let signature = Signature.hmacSHA256Hex(text, key: Secret(secret))
      #expect(signature == vector["signature"]?.text, "\(vector["id"]?.text ?? "")")
    }
  }

  @Test(
    "HMAC-SHA256 of RFC 4231",
    arguments: [
      (
        [UInt8](repeating: 0x0B, count: 20), [UInt8]("Hi There"),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        [UInt8]("Jefe"), [UInt8]("what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
      ),
      (
        [UInt8](repeating: 0xAA, count: 131),
        [UInt8]("Test Using Larger Than Block-Size Key - Hash Key First"),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
      ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
  func rfc4231(key: [UInt8], data: [UInt8], expected: String) {
    #expect(Hex.encode(Signature.hmacSHA256(data, key: Secret(key))) == expected)
  }

  /// PKCS #8 of an Ed25519 seed (RFC 8410).
  private func privatePEM(seed: String) -> Secret {
    let der = [UInt8](hex: "302e020100300506032b657004220420\(seed)")
    return Secret(
      "-----BEGIN PRIVATE KEY-----\n\(Base64.encode(der))\n-----END PRIVATE KEY-----\n")
  }

  private func publicPEM(_ key: String) -> String {
    let der = [UInt8](hex: "302a300506032b6570032100\(key)")
    return "-----BEGIN PUBLIC KEY-----\n\(Base64.encode(der))\n-----END PUBLIC KEY-----\n"
  }

  @Test("Ed25519 of RFC 8032, of an empty text")
  func rfc8032() throws {
    let signature = try Signature.ed25519Base64(
      "",
      privateKey: privatePEM(
        seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    #expect(
      Base64.decode(signature)
        == [UInt8](
          hex: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"))
  }

  @Test(
    "Ed25519 of requests, byte for byte",
    arguments: [
      (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000"
          + "&timestamp=1591702613943",
        "ATEuJPvzWUFs0d1x9FwudUJsSfMMWR+bkdrxtbOYgFkZj36Ol/vwKDGm9UWtKuq0mtnSTOQruQAwFvR128PaDg==",
        "ATEuJPvzWUFs0d1x9FwudUJsSfMMWR%2BbkdrxtbOYgFkZj36Ol%2FvwKDGm9UWtKuq0mtnSTOQruQAwFvR128Pa"
          + "Dg%3D%3D"
      ),
      (
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
        "timestamp=1735689600123&symbol=BTCUSDT&side=BUY&newClientOrderId=harv-0001"
          + "&newOrderRespType=FULL&type=LIMIT&quantity=0.01&price=50000&timeInForce=GTC"
          + "&recvWindow=10000",
        "j+lgBkRB++clOfwHJ2nT0ViOTsT5kiHL3KT4gKZ1nbmEeoiONCSe7nrkdkOrU8I43x2H6TmlSKrFYJoThmH8DA==",
        "j%2BlgBkRB%2B%2BclOfwHJ2nT0ViOTsT5kiHL3KT4gKZ1nbmEeoiONCSe7nrkdkOrU8I43x2H6TmlSKrFYJoThmH"
          + "8DA%3D%3D"
      ),
    ])
  func ed25519(
    seed: String, publicKey: String, text: String, expected: String, encoded: String
  ) throws {
    let signature = try Signature.ed25519Base64(text, privateKey: privatePEM(seed: seed))
    #expect(signature == expected)
    #expect(FormText.encode(signature) == encoded)
    let key = publicPEM(publicKey)
    #expect(Signature.ed25519Verify(text, signature: signature, publicKeyPEM: key))
    #expect(!Signature.ed25519Verify(text + " ", signature: signature, publicKeyPEM: key))
    #expect(!Signature.ed25519Verify(text, signature: "", publicKeyPEM: key))
    #expect(!Signature.ed25519Verify(text, signature: "%", publicKeyPEM: key))
    #expect(!Signature.ed25519Verify(text, signature: signature, publicKeyPEM: "no key"))
    var wrong = try #require(Base64.decode(signature))
    for place in [0, 31, 32, 63] {
      wrong[place] ^= 1
      let signature = Base64.encode(wrong)
      #expect(!Signature.ed25519Verify(text, signature: signature, publicKeyPEM: key))
      wrong[place] ^= 1
    }
  }

  @Test("What is not an Ed25519 key is refused without a word of it")
  func wrongKeys() {
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    let pem = String(decoding: privatePEM(seed: seed).bytes, as: UTF8.self)
    for text in ["", "secret", String(pem.prefix(60)), pem.replacing("MC4C", with: "MC4D")] {
      #expect(throws: SignatureError.unreadableKey) {
        try Signature.ed25519Base64("x", privateKey: Secret(text))
      }
    }
    // An X25519 key: the same form under another name.
    let other = Base64.encode([UInt8](hex: "302e020100300506032b656e04220420\(seed)"))
    #expect(throws: SignatureError.notEd25519) {
      try Signature.ed25519Base64(
        "x",
        privateKey: Secret(
          "-----BEGIN PRIVATE KEY-----\n\(other)\n-----END PRIVATE KEY-----\n"))
    }
  }

  @Test("A key behind a passphrase is refused instead of asked for")
  func encryptedKey() {
    let pem = """
      -----BEGIN RSA PRIVATE KEY-----
      Proc-Type: 4,ENCRYPTED
      DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF

      AAAAAAAAAAAAAAAAAAAAAA==
      -----END RSA PRIVATE KEY-----

      """
    #expect(throws: SignatureError.unreadableKey) {
      try Signature.ed25519Base64("x", privateKey: Secret(pem))
    }
  }

  @Test("Comparison is by content")
  func comparison() {
    #expect(Signature.areEqual([], []))
    #expect(Signature.areEqual([1, 2, 3], [1, 2, 3]))
    #expect(!Signature.areEqual([1, 2, 3], [1, 2, 4]))
    #expect(!Signature.areEqual([0, 2, 3], [1, 2, 3]))
    #expect(!Signature.areEqual([1, 2], [1, 2, 3]))
  }

  @Test("A secret never shows itself, not inside other values either")
  func secrecy() {
    struct Holder { let name = "venue", key = Secret("hunter2") }
    enum Choice { case key(Secret) }
    let secret = Secret("hunter2")
    var texts = [
      secret.description, secret.debugDescription, "\(secret)", String(describing: secret),
      String(reflecting: secret), "\(Holder())", String(reflecting: Holder()), "\([secret])",
      "\(Optional(secret) as Any)", "\(Choice.key(secret))", "\(["k": secret])",
    ]
    for value: Any in [secret, Holder(), [secret], Choice.key(secret), (1, secret)] {
      var dumped = ""
      dump(value, to: &dumped)
      texts.append(dumped)
    }
    let hidden = ["hunter2", "104", "[UInt8]", Hex.encode([UInt8]("hunter2"))]
    for text in texts {
      #expect(text.contains("(secret)"))
      for word in hidden { #expect(!text.contains(word)) }
    }
    #expect(Mirror(reflecting: secret).children.isEmpty)
    #expect(Secret("").isEmpty)
    #expect(!secret.isEmpty)
  }
}
