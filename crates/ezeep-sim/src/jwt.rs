//! The signing key and the access tokens made with it: RS256 JWTs with the claims seen in the vendor's
//! (ezeep-api.md). One key per process, because making one is slow; `iss` distinguishes two clouds in one
//! process.

use std::sync::OnceLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

/// The claims of an access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub iss: String,
    pub exp: i64,
    pub iat: i64,
    pub scopes: Vec<String>,
    pub sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
    /// The same under another name ([`crate::AccessTokens::JwtOtherClaim`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    pub rol: Vec<String>,
    /// Kind of principal: `user` or `client`.
    pub pty: String,
    /// Makes two tokens of one second different.
    pub jti: String,
}

/// The key could not be made or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing key could not be made or used")]
pub(crate) struct KeyError;

pub(crate) struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// The process's key, made on the first call (about a tenth of a second: call it off the async threads).
    pub fn of_process() -> Result<&'static Self, KeyError> {
        static KEYS: OnceLock<Result<Keys, KeyError>> = OnceLock::new();
        KEYS.get_or_init(Self::generate).as_ref().map_err(|error| *error)
    }

    fn generate() -> Result<Self, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError)?;
        let private = pair.as_der().map_err(|_| KeyError)?;
        Ok(Self {
            // The DER constructor wants PKCS #1; the PEM one takes the PKCS #8 that we have.
            encoding: EncodingKey::from_rsa_pem(pem(private.as_ref()).as_bytes()).map_err(|_| KeyError)?,
            decoding: DecodingKey::from_rsa_der(pair.public_key().as_ref()),
        })
    }

    pub fn sign(&self, claims: &Claims) -> Result<String, KeyError> {
        encode(&Header::new(Algorithm::RS256), claims, &self.encoding).map_err(|_| KeyError)
    }

    /// Checks signature, algorithm and issuer. The caller checks the expiry by the cloud's own clock.
    pub fn verify(&self, token: &str, issuer: &str) -> Option<Claims> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.set_issuer(&[issuer]);
        decode::<Claims>(token, &self.decoding, &validation)
            .ok()
            .map(|data| data.claims)
    }
}

/// RFC 7468.
fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap_or_default())
        .collect();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    )
}
