use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jackfield_model::TrustedKeys;
use serde_json::{Value as Json, json};

use super::*;

const NOW: Timestamp = Timestamp(1_795_305_600_000_000);
const NOW_SECONDS: i64 = 1_795_305_600;

/// A pair of keys for one kind of signature.
enum Pair {
    Rsa(&'static str, RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Pair {
    fn rsa(algorithm: &'static str) -> Self {
        Self::Rsa(algorithm, RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    fn ec() -> Self {
        Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn ed() -> Self {
        Self::Ed(Ed25519KeyPair::generate().unwrap())
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(algorithm, _) => algorithm,
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
        }
    }

    /// The public key, under this name.
    fn jwk(&self, kid: &str) -> Json {
        let mut key = match self {
            Self::Rsa(_, pair) => {
                let public = pair.public_key();
                let (n, e) = (public.modulus(), public.exponent());
                json!({
                    "kty": "RSA",
                    "n": BASE64.encode(n.big_endian_without_leading_zero()),
                    "e": BASE64.encode(e.big_endian_without_leading_zero()),
                })
            }
            Self::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({
                    "kty": "EC", "crv": "P-256",
                    "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..]),
                })
            }
            Self::Ed(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64.encode(pair.public_key())})
            }
        };
        key["kid"] = kid.into();
        key["use"] = "sig".into();
        key
    }

    fn sign(&self, header: &Json, claims: &Json) -> String {
        let part = |json: &Json| BASE64.encode(json.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let random = SystemRandom::new();
        let signature = match self {
            Self::Rsa(algorithm, pair) => {
                let padding: &dyn signature::RsaEncoding = match *algorithm {
                    "PS256" => &signature::RSA_PSS_SHA256,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message.as_bytes(), &mut signature)
                    .unwrap();
                signature
            }
            Self::Ec(pair) => {
                let signature = pair.sign(&random, message.as_bytes()).unwrap();
                signature.as_ref().to_vec()
            }
            Self::Ed(pair) => pair.sign(message.as_bytes()).as_ref().to_vec(),
        };
        format!("{message}.{}", BASE64.encode(signature))
    }

    fn header(&self, kid: &str) -> Json {
        json!({"typ": "JWT", "alg": self.algorithm(), "kid": kid})
    }
}

fn set(keys: &[Json]) -> JwkSet {
    crate::keys::parse(json!({"keys": keys}).to_string().as_bytes()).unwrap()
}

fn claims() -> Json {
    json!({
        "iss": "https://login.example/v2.0", "sub": "4711", "aud": "https://pbx.example",
        "exp": NOW_SECONDS + 300, "nbf": NOW_SECONDS, "iat": NOW_SECONDS, "jti": "one",
    })
}

fn trust(audiences: &[&str]) -> Trust {
    Trust {
        issuer: "https://login.example/v2.0".into(),
        subject: "4711".into(),
        audiences: audiences.iter().map(|own| (*own).into()).collect(),
        keys: TrustedKeys::Document(String::new()),
    }
}

fn check(text: &str, keys: &JwkSet) -> Result<Assertion, Doubt> {
    let own = ["https://pbx.example/oauth2/token", "https://pbx.example"];
    Assertion::check(text, &trust(&[]), keys, &own, NOW)
}

#[test]
fn each_kind_of_signature_is_checked_with_the_key_that_is_named() {
    for pair in [
        Pair::rsa("RS256"),
        Pair::rsa("PS256"),
        Pair::ec(),
        Pair::ed(),
    ] {
        let other = Pair::ec();
        let keys = set(&[other.jwk("other"), pair.jwk("own")]);
        let kind = pair.algorithm();
        let text = pair.sign(&pair.header("own"), &claims());
        let taken = check(&text, &keys).unwrap_or_else(|doubt| panic!("{kind}: {doubt}"));
        assert_eq!(taken.id.as_deref(), Some("one"), "{kind}");
        assert_eq!(taken.until, NOW.plus_seconds(360), "{kind}");
        assert!(!names_other_key(&text, &keys), "{kind}");

        let misnamed = pair.sign(&pair.header("other"), &claims());
        assert!(check(&misnamed, &keys).is_err(), "{kind}");
        let unknown = pair.sign(&pair.header("new"), &claims());
        assert_eq!(check(&unknown, &keys), Err(Doubt::Key), "{kind}");
        assert!(names_other_key(&unknown, &keys), "{kind}");
        let unnamed = pair.sign(&json!({"alg": kind}), &claims());
        assert_eq!(
            check(&unnamed, &keys),
            Err(Doubt::Key),
            "{kind}: of two keys"
        );
        check(&unnamed, &set(&[pair.jwk("own")])).expect("the only key");

        let (message, signature) = text.rsplit_once('.').unwrap();
        let mut forged = BASE64.decode(signature).unwrap();
        forged[10] ^= 1;
        let forged = format!("{message}.{}", BASE64.encode(forged));
        assert_eq!(check(&forged, &keys), Err(Doubt::Signature), "{kind}");
        let (header, _) = message.split_once('.').unwrap();
        let mut raised = claims();
        raised["exp"] = (NOW_SECONDS + 600).into();
        let raised = format!("{header}.{}.{signature}", BASE64.encode(raised.to_string()));
        assert_eq!(check(&raised, &keys), Err(Doubt::Signature), "{kind}");
    }
}

#[test]
fn what_anybody_can_sign_is_not_taken() {
    let pair = Pair::rsa("RS256");
    let keys = set(&[pair.jwk("own")]);
    let payload = BASE64.encode(claims().to_string());
    // Not signed at all; and signed with the public key as if it were a shared one.
    for algorithm in ["none", "None", "HS256", "HS512", "RS512", "ES384", "XX"] {
        let header = BASE64.encode(json!({"alg": algorithm, "kid": "own"}).to_string());
        let message = format!("{header}.{payload}");
        let public = BASE64
            .decode(pair.jwk("own")["n"].as_str().unwrap())
            .unwrap();
        let mac = crate::secret::SecretKey::new(public[..32].try_into().unwrap());
        for signature in [String::new(), BASE64.encode(mac.hash(message.as_bytes()))] {
            let outcome = check(&format!("{message}.{signature}"), &keys);
            assert!(
                matches!(outcome, Err(Doubt::Algorithm | Doubt::Unreadable)),
                "{algorithm}: {outcome:?}"
            );
        }
    }
    let shared = json!({"kty": "oct", "kid": "own", "k": BASE64.encode([7; 32])});
    let text = pair.sign(&pair.header("own"), &claims());
    assert!(check(&text, &set(&[shared])).is_err());
}

#[test]
fn a_key_signs_only_what_it_says_that_it_signs() {
    let pair = Pair::rsa("RS256");
    let text = pair.sign(&pair.header("own"), &claims());
    for (name, value, taken) in [
        ("use", "sig", true),
        ("use", "enc", false),
        ("alg", "RS256", true),
        ("alg", "PS256", false),
    ] {
        let mut key = pair.jwk("own");
        key[name] = value.into();
        assert_eq!(check(&text, &set(&[key])).is_ok(), taken, "{name} {value}");
    }
}

#[test]
fn each_claim_is_checked() {
    let pair = Pair::ec();
    let keys = set(&[pair.jwk("own")]);
    let at = |seconds: i64| json!(NOW_SECONDS + seconds);
    for (name, value, doubt) in [
        ("iss", json!("https://login.example/"), Some(Doubt::Issuer)),
        ("sub", json!("4712"), Some(Doubt::Subject)),
        ("sub", Json::Null, Some(Doubt::Signature)),
        (
            "aud",
            json!("https://elsewhere.example"),
            Some(Doubt::Audience),
        ),
        ("aud", json!([]), Some(Doubt::Audience)),
        (
            "aud",
            json!(["x", "https://pbx.example/oauth2/token"]),
            None,
        ),
        ("exp", at(-59), None),
        ("exp", at(-60), Some(Doubt::Time)),
        ("exp", at(24 * 3_600), None),
        ("exp", at(24 * 3_600 + 61), Some(Doubt::Time)),
        ("exp", json!(1e300), Some(Doubt::Time)),
        ("exp", json!(-1), Some(Doubt::Time)),
        ("exp", Json::Null, Some(Doubt::Signature)),
        ("nbf", at(60), None),
        ("nbf", at(61), Some(Doubt::Time)),
        ("nbf", Json::Null, None),
        ("iat", at(61), Some(Doubt::Time)),
        ("jti", Json::Null, None),
    ] {
        let mut changed = claims();
        changed[name] = value.clone();
        let outcome = check(&pair.sign(&pair.header("own"), &changed), &keys);
        assert_eq!(outcome.err(), doubt, "{name}: {value}");
    }
    let federated = pair.sign(&pair.header("own"), &claims());
    let said = trust(&["api://exchange"]);
    let outcome = Assertion::check(&federated, &said, &keys, &["https://pbx.example"], NOW);
    assert_eq!(outcome, Err(Doubt::Audience), "the operator said for whom");
}

#[test]
fn what_is_no_assertion_is_told_apart() {
    let keys = set(&[Pair::ec().jwk("own")]);
    for text in ["", ".", "..", "a.b.c", "jfa_x", &"x".repeat(MAX_BYTES + 1)] {
        assert!(check(text, &keys).is_err(), "{text:.20}");
        assert!(claimed_subject(text).is_none(), "{text:.20}");
        assert!(!names_other_key(text, &keys), "{text:.20}");
    }
}
