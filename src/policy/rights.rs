//! Who somebody is to the policy: the role that holds, from what is known about them.

use super::Policy;
use super::name::one_line;
use super::role::Role;

/// What is known about a user's role, and what they ask for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rights<'a> {
    /// The role that the users table assigns.
    pub assigned: Option<&'a str>,
    /// The roles that the verified token claims, in its order.
    pub claimed: &'a [String],
    /// The role that the request asks for.
    pub requested: Option<&'a str>,
}

/// No role for this user and request. The sentence is fit for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoleNotAllowed {
    /// The users table assigns a role that the policy does not have.
    #[error(
        "your assigned role `{assigned}` is not in this service's policy; only its operator can change that"
    )]
    NotInPolicy {
        /// The role assigned.
        assigned: String,
    },
    /// The user has a role and asked for another.
    #[error("role `{asked}` is not yours; your role is `{held}`, which needs no asking")]
    NotYours {
        /// The role asked for.
        asked: String,
        /// The role that the user has.
        held: String,
    },
    /// The user has no role and asked for one that nobody can just ask for, or that does not exist.
    #[error("role `{asked}` can't be had by asking; you may ask for: {}", free.join(", "))]
    NotForTheAsking {
        /// The role asked for.
        asked: String,
        /// The roles that may be asked for.
        free: Vec<String>,
    },
}

/// The role that holds: assigned, else claimed, else asked for where that is free, else the default.
pub(super) fn role<'p>(policy: &'p Policy, rights: &Rights<'_>) -> Result<&'p Role, RoleNotAllowed> {
    let Some(held) = held(policy, rights)? else {
        return free_role(policy, rights.requested);
    };
    match rights.requested {
        Some(asked) if asked != held.name() => {
            Err(RoleNotAllowed::NotYours { asked: shown(asked), held: held.name().to_owned() })
        }
        _ => Ok(held),
    }
}

/// The role that the user has, whatever they ask for. A claim may name roles of other systems: those are passed over.
/// An assignment may not.
pub(super) fn held<'p>(policy: &'p Policy, rights: &Rights<'_>) -> Result<Option<&'p Role>, RoleNotAllowed> {
    let Some(assigned) = rights.assigned else {
        return Ok(rights.claimed.iter().find_map(|claimed| policy.find(claimed)));
    };
    policy.find(assigned).map(Some).ok_or_else(|| RoleNotAllowed::NotInPolicy { assigned: shown(assigned) })
}

/// The role of somebody who has none.
fn free_role<'p>(policy: &'p Policy, requested: Option<&str>) -> Result<&'p Role, RoleNotAllowed> {
    let Some(asked) = requested else {
        return Ok(policy.default_role());
    };
    let free = |role: &&Role| role.self_assignable() || role.name() == policy.default_role().name();
    policy.find(asked).filter(free).ok_or_else(|| RoleNotAllowed::NotForTheAsking {
        asked: shown(asked),
        free: policy.roles().filter(free).map(|role| role.name().to_owned()).collect(),
    })
}

/// A role's name as it came, made fit for a sentence.
fn shown(name: &str) -> String {
    one_line(name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (assigned, claimed, requested) and the role, or how the refusal begins.
    type Case = (
        Option<&'static str>,
        &'static [&'static str],
        Option<&'static str>,
        Result<&'static str, &'static str>,
    );

    const CASES: &[Case] = &[
        // Nothing known: the default, or what is free for the asking.
        (None, &[], None, Ok("guest")),
        (None, &[], Some("student"), Ok("student")),
        (None, &[], Some("guest"), Ok("guest")),
        (
            None,
            &[],
            Some("teacher"),
            Err("role `teacher` can't be had by asking; you may ask for: guest, student"),
        ),
        (None, &[], Some("king"), Err("role `king` can't be had by asking")),
        (None, &[], Some(""), Err("role `` can't be had by asking")),
        (None, &[], Some("a\n\"b\u{202E}"), Err("role `a b` can't be had by asking")),
        // A claim, among roles of other systems.
        (None, &["authenticated"], None, Ok("guest")),
        (None, &["authenticated"], Some("student"), Ok("student")),
        (None, &["authenticated"], Some("authenticated"), Err("role `authenticated` can't be had by asking")),
        (None, &["authenticated", "teacher", "student"], None, Ok("teacher")),
        (None, &["teacher"], Some("teacher"), Ok("teacher")),
        (
            None,
            &["teacher", "student"],
            Some("student"),
            Err("role `student` is not yours; your role is `teacher`"),
        ),
        (None, &["teacher"], Some("guest"), Err("role `guest` is not yours")),
        (None, &["student"], Some("king"), Err("role `king` is not yours")),
        (None, &["Teacher"], None, Ok("guest")),
        // The users table outranks the claim, and fails closed.
        (Some("student"), &["teacher"], None, Ok("student")),
        (
            Some("student"),
            &["teacher"],
            Some("teacher"),
            Err("role `teacher` is not yours; your role is `student`"),
        ),
        (Some("teacher"), &[], Some("teacher"), Ok("teacher")),
        (Some("king"), &["teacher"], None, Err("your assigned role `king` is not in this service's policy")),
        (
            Some("king"),
            &[],
            Some("student"),
            Err("your assigned role `king` is not in this service's policy"),
        ),
    ];

    #[test]
    fn the_table_of_rights() {
        let policy = Policy::load(
            "defaults.default_role = 'guest'
             defaults.instructions.en = 'Speak.'
             roles.guest = {}
             roles.student.self_assignable = true
             roles.teacher = {}",
        )
        .unwrap();
        for (assigned, claimed, requested, expected) in CASES {
            let claimed: Vec<String> = claimed.iter().map(|&claim| claim.to_owned()).collect();
            let rights = Rights { assigned: *assigned, claimed: &claimed, requested: *requested };
            match (policy.role(&rights), expected) {
                (Ok(role), Ok(name)) => assert_eq!(role.name(), *name, "{rights:?}"),
                (Err(refusal), Err(start)) => {
                    assert!(refusal.to_string().starts_with(start), "{rights:?}: {refusal}");
                }
                (result, _) => panic!("{rights:?}: {:?}", result.map(Role::name)),
            }
        }
    }
}
