//! Where in a token something stands.

use crate::auth::ClaimPath;
use crate::config::reader::Reader;

pub(super) const PATH_MEND: &str =
    "write names with dots between them (app_metadata.role), or a JSON Pointer (/app_metadata/role)";
pub(super) const USERS_OWN: &str = "users write that themselves, and would choose their own role";
pub(super) const USERS_OWN_MEND: &str =
    "put the role where only you can write it (docs/identity.md), such as app_metadata.role";

/// `JWT_…_CLAIM`: for every issuer that doesn't say otherwise.
pub(in crate::config) struct Claims {
    pub(super) role: ClaimPath,
    pub(super) name: ClaimPath,
    pub(super) language: Option<ClaimPath>,
}

impl Claims {
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let role: Option<Option<ClaimPath>> = reader.parsed("JWT_ROLE_CLAIM", PATH_MEND);
        let name = reader.parsed("JWT_NAME_CLAIM", PATH_MEND);
        let language = reader.parsed("JWT_LANGUAGE_CLAIM", PATH_MEND);
        if role.iter().flatten().any(ClaimPath::is_users_own) {
            return reader.wrong("JWT_ROLE_CLAIM", USERS_OWN, USERS_OWN_MEND);
        }
        Some(Self {
            role: role?.or_else(|| "app_metadata.role".parse().ok())?,
            name: name?.or_else(|| "user_metadata.full_name".parse().ok())?,
            language: language?,
        })
    }
}
