//! A key set (RFC 7517), of which only what is fit to check a signature is kept.

use std::sync::Arc;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use serde::Deserialize;
use serde_json::Value;

use crate::auth::error::TokenError;

/// The most keys that a set may have. Issuers have a handful.
const MAX_KEYS: usize = 100;

/// RSA keys with a shorter modulus can be broken; longer ones take more time than a token is worth.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

const RSA: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// The keys of an issuer.
#[derive(Default)]
pub(in crate::auth) struct KeySet(Vec<Key>);

struct Key {
    id: Option<String>,
    /// What it may be used with: its own `alg`, or what its type allows, and in any case what the issuer may use.
    algorithms: Vec<Algorithm>,
    key: Arc<DecodingKey>,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

/// A document that is no key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadKeySet {
    #[error("the answer is not a key set")]
    NotASet,
    #[error("the key set has more than {MAX_KEYS} keys")]
    TooManyKeys,
}

impl KeySet {
    /// Reads a set. Keys that can't be used are passed over: a set may have keys for other purposes.
    pub(super) fn parse(text: &[u8], allowed: &[Algorithm]) -> Result<Self, BadKeySet> {
        let document: Document = serde_json::from_slice(text).map_err(|_| BadKeySet::NotASet)?;
        if document.keys.len() > MAX_KEYS {
            return Err(BadKeySet::TooManyKeys);
        }
        Ok(Self(document.keys.into_iter().filter_map(|key| Key::read(key, allowed)).collect()))
    }

    /// How many keys it has that can be used.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The key of this name, for this algorithm. A token that names no key is taken where only one could be meant.
    pub(super) fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Arc<DecodingKey>, TokenError> {
        let named: Vec<_> = self.0.iter().filter(|key| id.is_none() || key.id.as_deref() == id).collect();
        if named.is_empty() {
            return Err(TokenError::UnknownKey);
        }
        let mut fit = named.iter().filter(|key| key.algorithms.contains(&algorithm));
        let first = fit.next().ok_or(TokenError::Algorithm)?;
        match fit.next() {
            Some(_) if id.is_none() => Err(TokenError::UnknownKey),
            _ => Ok(first.key.clone()),
        }
    }
}

impl Key {
    fn read(value: Value, allowed: &[Algorithm]) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        if !is_for_signatures(&jwk) {
            return None;
        }
        let by_type = by_type(&jwk.algorithm);
        let algorithms: Vec<_> = match jwk.common.key_algorithm {
            None => by_type.to_vec(),
            Some(own) => {
                let own = Algorithm::try_from(own).ok()?;
                by_type.iter().copied().filter(|algorithm| *algorithm == own).collect()
            }
        };
        let algorithms: Vec<_> =
            algorithms.into_iter().filter(|algorithm| allowed.contains(algorithm)).collect();
        let key = DecodingKey::from_jwk(&jwk).ok().filter(is_strong)?;
        (!algorithms.is_empty()).then(|| Self { id: jwk.common.key_id, algorithms, key: Arc::new(key) })
    }
}

fn is_for_signatures(jwk: &Jwk) -> bool {
    let by_use = jwk.common.public_key_use.as_ref().is_none_or(|own| *own == PublicKeyUse::Signature);
    let operations = jwk.common.key_operations.as_ref();
    by_use && operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify))
}

/// What a key of this type may be used with. Never with HMAC: a secret that is published is none.
fn by_type(parameters: &AlgorithmParameters) -> &'static [Algorithm] {
    match parameters {
        AlgorithmParameters::RSA(_) => &RSA,
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => &[Algorithm::ES256],
            EllipticCurve::P384 => &[Algorithm::ES384],
            _ => &[],
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
        _ => &[],
    }
}

fn is_strong(key: &DecodingKey) -> bool {
    match key.kind() {
        DecodingKeyKind::SecretOrDer(_) => true,
        DecodingKeyKind::RsaModulusExponent { n, .. } => RSA_BITS.contains(&bits(n)),
    }
}

/// The length of a number in bits, leading zeros left out.
fn bits(number: &[u8]) -> usize {
    let mut significant = number.iter().skip_while(|byte| **byte == 0);
    let first = significant.next().map_or(0, |byte| 8 - byte.leading_zeros() as usize);
    first + 8 * significant.count()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::auth::asymmetric;

    /// A key whose modulus has so many bits, of which the first two are set.
    fn rsa(bits: usize, more: Value) -> Value {
        assert_eq!(bits % 24, 8, "or it takes more work to write it in base64");
        let n = format!("wAAA{}AA", "AAAA".repeat(bits / 24 - 1));
        let mut key = json!({"kty": "RSA", "kid": "k", "n": n, "e": "AQAB"});
        for (name, value) in more.as_object().unwrap() {
            key[name] = value.clone();
        }
        key
    }

    fn algorithms(key: Value, allowed: &[Algorithm]) -> Vec<Algorithm> {
        let set = KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes(), allowed).unwrap();
        set.0.first().map(|key| key.algorithms.clone()).unwrap_or_default()
    }

    #[test]
    fn a_key_is_pinned_to_its_algorithm() {
        let all = asymmetric();
        assert_eq!(algorithms(rsa(2048, json!({})), &all), RSA);
        assert_eq!(algorithms(rsa(2048, json!({"alg": "PS384"})), &all), [Algorithm::PS384]);
        assert_eq!(algorithms(rsa(2048, json!({})), &[Algorithm::RS256]), [Algorithm::RS256]);
        let curve = |name: &str| json!({"kty": "EC", "crv": name, "x": "AA", "y": "AA"});
        assert_eq!(algorithms(curve("P-256"), &all), [Algorithm::ES256]);
        assert_eq!(algorithms(curve("P-384"), &all), [Algorithm::ES384]);
        assert_eq!(algorithms(json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"}), &all), [Algorithm::EdDSA]);
    }

    #[test]
    fn keys_that_can_not_be_used_are_passed_over() {
        let mut hmac = asymmetric();
        hmac.push(Algorithm::HS256);
        for key in [
            json!({"kty": "oct", "k": "c2VjcmV0"}),
            json!({"kty": "oct", "k": "c2VjcmV0", "alg": "RS256"}),
            rsa(1016, json!({})),
            rsa(8216, json!({})),
            rsa(2048, json!({"use": "enc"})),
            rsa(2048, json!({"use": "tls"})),
            rsa(2048, json!({"key_ops": ["encrypt"]})),
            rsa(2048, json!({"alg": "HS256"})),
            rsa(2048, json!({"alg": "ES256"})),
            rsa(2048, json!({"alg": "RSA-OAEP"})),
            rsa(2048, json!({"alg": "none"})),
            json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}),
            json!({"kty": "EC", "crv": "P-256", "x": "AA"}),
            json!({"kty": "OKP", "crv": "X25519", "x": "AA"}),
            json!({"kty": "RSA", "n": "not base64!", "e": "AQAB"}),
            json!({"kty": 7}),
            json!("key"),
            Value::Null,
        ] {
            assert_eq!(algorithms(key.clone(), &hmac), [], "{key}");
        }
    }

    #[test]
    fn a_document_has_bounds() {
        let parse = |value: Value| KeySet::parse(value.to_string().as_bytes(), &asymmetric());
        assert_eq!(parse(json!({"keys": []})).ok().map(|set| set.len()), Some(0));
        assert_eq!(parse(json!({ "keys": vec![0; 101] })).err(), Some(BadKeySet::TooManyKeys));
        for bad in [json!([]), json!({}), json!({"keys": {}}), json!("keys"), Value::Null] {
            assert_eq!(parse(bad).err(), Some(BadKeySet::NotASet));
        }
        assert_eq!(KeySet::parse(b"<html>", &[]).err(), Some(BadKeySet::NotASet));
    }

    #[test]
    fn a_token_without_a_key_id_is_for_the_only_key_that_fits() {
        let set = |keys: Value| {
            KeySet::parse(json!({ "keys": keys }).to_string().as_bytes(), &asymmetric()).unwrap()
        };
        let one = set(json!([rsa(2048, json!({})), {"kty": "OKP", "crv": "Ed25519", "x": "AA"}]));
        assert!(one.find(None, Algorithm::RS256).is_ok() && one.find(None, Algorithm::EdDSA).is_ok());
        assert_eq!(one.find(None, Algorithm::ES256).err(), Some(TokenError::Algorithm));
        assert_eq!(one.find(Some("k"), Algorithm::EdDSA).err(), Some(TokenError::Algorithm));
        assert_eq!(one.find(Some("other"), Algorithm::RS256).err(), Some(TokenError::UnknownKey));
        let two = set(json!([rsa(2048, json!({})), rsa(2048, json!({"kid": "l"}))]));
        assert_eq!(two.find(None, Algorithm::RS256).err(), Some(TokenError::UnknownKey));
        assert!(two.find(Some("l"), Algorithm::RS256).is_ok());
    }
}
