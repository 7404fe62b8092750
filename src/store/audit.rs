//! Acts, as they are written down.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::kernel::code::Code;
use crate::kernel::ids::{ActId, RequestId};
use crate::kernel::user::User;

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Whoever has `ADMIN_TOKEN`.
    AdminToken,
    /// A user.
    User(Arc<User>),
    /// The service by itself.
    Service,
    /// Somebody of whom nothing is known.
    Stranger,
}

impl Actor {
    /// As the audit trail has it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::AdminToken => "admin_token",
            Self::User(_) => "user",
            Self::Service => "service",
            Self::Stranger => "stranger",
        }
    }

    /// The user, where it is one.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) => Some(user),
            Self::AdminToken | Self::Service | Self::Stranger => None,
        }
    }
}

/// Where an act comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Who.
    pub actor: Actor,
    /// From which address; none where that is nobody's business.
    pub address: Option<IpAddr>,
    /// By which request.
    pub request_id: Option<RequestId>,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Something was decided about a user.
    PutUser,
    /// A user was erased.
    EraseUser,
    /// A user set something for themselves; the detail says what, in names of settings.
    PutSettings,
    /// A user deleted what they had set.
    DeleteSettings,
    /// The policy file was read again.
    ReloadPolicy,
    /// A request for operators came from somebody who is none; the detail says which.
    Request,
    /// A user's key of a provider was stored.
    PutKey,
    /// A user's key of a provider was deleted.
    DeleteKey,
    /// A user's key of a provider was shown to the provider, which said something new of it.
    JudgeKey,
    /// A user's key of a provider was to be opened.
    OpenKey,
}

impl Action {
    /// As the audit trail has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PutUser => "put_user",
            Self::EraseUser => "erase_user",
            Self::PutSettings => "put_settings",
            Self::DeleteSettings => "delete_settings",
            Self::ReloadPolicy => "reload_policy",
            Self::Request => "request",
            Self::PutKey => "put_provider_key",
            Self::DeleteKey => "delete_provider_key",
            Self::JudgeKey => "judge_provider_key",
            Self::OpenKey => "open_provider_key",
        }
    }
}

/// Something that was done, or refused.
#[derive(Debug, Clone)]
pub struct Act {
    /// Names it.
    pub id: ActId,
    /// When it was done, or first refused.
    pub at: DateTime<Utc>,
    /// Where it comes from.
    pub origin: Origin,
    /// What it is.
    pub action: Action,
    /// To whom.
    pub target: Option<Arc<User>>,
    /// More about it, as a JSON object without anybody's name in it.
    pub detail: Option<String>,
    /// Why it was refused; none where it was done.
    pub refused: Option<Code>,
    /// How often.
    pub count: u32,
}

impl Act {
    /// Something that is done at this time.
    pub fn done(at: DateTime<Utc>, origin: Origin, action: Action, target: Option<Arc<User>>) -> Self {
        Self { id: ActId::new(at), at, origin, action, target, detail: None, refused: None, count: 1 }
    }

    /// The result, as the audit trail has it.
    pub fn result(&self) -> &'static str {
        self.refused.map_or("done", Code::as_str)
    }
}

/// Somebody in the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What the trail knows them by.
    pub pseudonym: Uuid,
    /// Issuer and id; none where the user was erased.
    pub name: Option<(String, String)>,
}

/// A row of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The act.
    pub id: ActId,
    /// When it was done.
    pub at: DateTime<Utc>,
    /// What kind of somebody did it, as [`Actor::as_str`] has it.
    pub actor: String,
    /// The user who did it.
    pub actor_user: Option<Named>,
    /// From which address.
    pub address: Option<String>,
    /// What was done.
    pub action: String,
    /// To whom.
    pub target: Option<Named>,
    /// More about it, as JSON.
    pub detail: Option<String>,
    /// By which request.
    pub request_id: Option<String>,
    /// `done`, or why it was refused.
    pub result: String,
    /// How often.
    pub count: i64,
}
