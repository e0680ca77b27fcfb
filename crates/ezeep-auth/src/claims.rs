//! Reads an access token's own claims, and the organization that the token is for. Reads a JWT's payload
//! without verifying its signature: the values may be displayed and compared with the request, but must never
//! grant anything.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ids::OrganizationId;
use serde_json::Value;

/// The organization that an access token is for, and how that is known (contract; security.md 44).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpeaksFor {
    /// The token names it.
    Token(OrganizationId),
    /// The server was asked for a token of this organization and returned one that names none. The servers'
    /// answers must be checked.
    Assumed(OrganizationId),
    /// The token names none, and no switch asked for one.
    Unknown,
}

impl SpeaksFor {
    /// What is known about a token with these claims; `asked` is the organization of the switch that returned
    /// it.
    pub(crate) fn of(claims: &Claims, asked: Option<&OrganizationId>) -> Self {
        match (&claims.org, asked) {
            (Some(named), _) => Self::Token(named.clone()),
            (None, Some(asked)) => Self::Assumed(asked.clone()),
            (None, None) => Self::Unknown,
        }
    }

    /// The organization, if it is named or assumed.
    pub fn organization(&self) -> Option<&OrganizationId> {
        match self {
            Self::Token(organization) | Self::Assumed(organization) => Some(organization),
            Self::Unknown => None,
        }
    }
}

/// The claims that the app uses; each is absent if the token is opaque or doesn't contain it (contract,
/// "Tokens").
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims {
    /// The organization that this token names. A claim that is not an organization's id counts as absent.
    pub org: Option<OrganizationId>,
    /// The user's id.
    pub sub: Option<String>,
    /// The issuer.
    pub iss: Option<String>,
    /// Expiry in seconds since 1970, by the server's clock.
    pub exp: Option<i64>,
    /// Issue time in seconds since 1970, by the server's clock.
    pub iat: Option<i64>,
}

impl Claims {
    /// Parses the claims; an opaque token has none.
    pub fn of(access_token: &str) -> Self {
        let payload = || -> Option<Value> {
            let mut parts = access_token.split('.');
            let payload = parts.nth(1)?;
            // Exactly three parts: an encrypted JWT has five, and its second one is no payload.
            parts.next().filter(|_| parts.next().is_none())?;
            let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
            serde_json::from_slice(&bytes).ok()
        };
        let Some(Value::Object(payload)) = payload() else {
            return Self::default();
        };
        let text = |name: &str| match payload.get(name) {
            Some(Value::String(text)) if !text.is_empty() && text.len() <= 256 => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        // JWT times may be fractions (RFC 7519 section 2, NumericDate).
        let seconds = |name: &str| match payload.get(name) {
            Some(Value::Number(number)) => number
                .as_i64()
                .or_else(|| number.as_f64().filter(|n| n.abs() < 1e15).map(|n| n as i64)),
            _ => None,
        };
        Self {
            org: text("org").and_then(|id| OrganizationId::try_from(id.as_str()).ok()),
            sub: text("sub"),
            iss: text("iss"),
            exp: seconds("exp"),
            iat: seconds("iat"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn jwt(payload: &str) -> String {
        format!(
            "{}.{}.sig",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#),
            URL_SAFE_NO_PAD.encode(payload)
        )
    }

    #[test]
    fn the_claims_seen_are_read_and_unknown_ones_ignored() {
        let claims = Claims::of(&jwt(
            r#"{"iss":"https://a","exp":1700003600,"iat":1700000000.5,"sub":"u","org":"o","rol":["admin"],"pty":1}"#,
        ));
        assert_eq!(claims.org, OrganizationId::try_from("o").ok());
        assert_eq!(claims.sub.as_deref(), Some("u"));
        assert_eq!(claims.iss.as_deref(), Some("https://a"));
        assert_eq!(
            (claims.exp, claims.iat),
            (Some(1_700_003_600), Some(1_700_000_000))
        );
    }

    #[test]
    fn an_opaque_or_broken_token_has_no_claims() {
        for token in [
            "",
            "opaque",
            "a.b",
            "a.b.c.d.e",
            "a.!!.c",
            &jwt("[]"),
            &jwt("nope"),
            &jwt(r#"{"org":{}}"#),
            &jwt(r#"{"org":""}"#),
            &jwt(r#"{"org":"Nordhafen Schulen"}"#),
            &jwt(r#"{"organization":"o","org_id":"o"}"#),
        ] {
            assert_eq!(Claims::of(token), Claims::default(), "{token}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_fall(token in any::<String>(), payload in any::<String>()) {
            let _ = Claims::of(&token);
            let _ = Claims::of(&jwt(&payload));
        }
    }
}
