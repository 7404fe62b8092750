//! Where in a token's claims something stands.

use std::str::FromStr;

use serde_json::Value;

/// The way to a claim: dotted (`app_metadata.role`), or a JSON Pointer where it begins with `/`, for names that have
/// dots in them (`/https:~1~1example.com~1roles`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPath {
    pointer: String,
}

/// Objects of a token whose content users choose: Supabase and Auth0 have the first, Clerk the second.
const USERS_OWN: [&str; 2] = ["user_metadata", "unsafe_metadata"];

/// A path that leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a path to a claim")]
pub struct BadClaimPath;

impl FromStr for ClaimPath {
    type Err = BadClaimPath;

    fn from_str(written: &str) -> Result<Self, BadClaimPath> {
        let pointer = if written.starts_with('/') { written.to_owned() } else { dotted(written)? };
        if pointer == "/" {
            return Err(BadClaimPath);
        }
        Ok(Self { pointer })
    }
}

fn dotted(written: &str) -> Result<String, BadClaimPath> {
    if written.split('.').any(str::is_empty) {
        return Err(BadClaimPath);
    }
    let escaped = written.replace('~', "~0").replace('/', "~1");
    Ok(format!("/{}", escaped.replace('.', "/")))
}

impl ClaimPath {
    /// Whether it leads into what users write themselves, under the names that sign-in services give to that.
    pub fn is_users_own(&self) -> bool {
        self.pointer.split('/').any(|step| USERS_OWN.contains(&step))
    }

    /// The claim's value, if it is there.
    pub fn find<'a>(&self, claims: &'a Value) -> Option<&'a Value> {
        claims.pointer(&self.pointer)
    }

    /// The claim as text, if it is there and is text that says something.
    pub fn text(&self, claims: &Value) -> Option<String> {
        self.find(claims).and_then(Value::as_str).filter(|text| !text.trim().is_empty()).map(str::to_owned)
    }

    /// The claim as a list of texts: one text counts as a list of one, anything but text is passed over.
    pub fn texts(&self, claims: &Value) -> Vec<String> {
        match self.find(claims) {
            Some(Value::String(text)) => vec![text.clone()],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    /// Puts a text where the path leads, making the objects on the way.
    pub fn put(&self, claims: &mut Value, text: &str) {
        let mut place = claims;
        for step in self.pointer.split('/').skip(1) {
            if !place.is_object() {
                *place = Value::Object(serde_json::Map::new());
            }
            place = &mut place[step.replace("~1", "/").replace("~0", "~")];
        }
        *place = Value::String(text.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_found_by_dots_or_by_pointer() {
        let claims = json!({"app_metadata": {"role": "teacher"}, "https://example.com/roles": ["a", 7, "b"]});
        let path = |text: &str| text.parse::<ClaimPath>().unwrap();
        assert_eq!(path("app_metadata.role").text(&claims).as_deref(), Some("teacher"));
        assert_eq!(path("/app_metadata/role").texts(&claims), ["teacher"]);
        assert_eq!(path("/https:~1~1example.com~1roles").texts(&claims), ["a", "b"]);
        assert_eq!(path("app_metadata.missing").text(&claims), None);
        assert_eq!(path("app_metadata").texts(&claims), Vec::<String>::new());
    }

    #[test]
    fn what_was_put_is_found() {
        let mut claims = json!({"sub": "ana", "a": 7});
        for written in ["app_metadata.role", "/https:~1~1example.com~1roles", "a.b"] {
            let path = written.parse::<ClaimPath>().unwrap();
            path.put(&mut claims, "teacher");
            assert_eq!(path.text(&claims).as_deref(), Some("teacher"), "{written}");
        }
        assert_eq!(claims["sub"], "ana");
    }

    #[test]
    fn what_users_write_themselves_is_known() {
        for (written, own) in [
            ("user_metadata.role", true),
            ("/user_metadata/role", true),
            ("a.unsafe_metadata.role", true),
            ("user_metadata", true),
            ("app_metadata.role", false),
            ("user_metadata_role", false),
        ] {
            assert_eq!(written.parse::<ClaimPath>().unwrap().is_users_own(), own, "{written}");
        }
    }

    #[test]
    fn paths_that_lead_nowhere_are_refused() {
        for bad in ["", "/", "a..b", ".a", "a."] {
            assert_eq!(bad.parse::<ClaimPath>(), Err(BadClaimPath), "{bad:?}");
        }
    }
}
