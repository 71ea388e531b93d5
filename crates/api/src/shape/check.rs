//! Questions about what users may do.

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// One question, or many at once.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Questions {
    /// Many, answered at one revision.
    Many(Batch),
    /// One.
    One(Question),
}

/// By the member that only the one form has, so that mistakes are told as what they are.
impl<'de> Deserialize<'de> for Questions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = serde_json::Value::deserialize(deserializer)?;
        let read = match json.get("questions") {
            Some(_) => Batch::deserialize(json).map(Self::Many),
            None => Question::deserialize(json).map(Self::One),
        };
        read.map_err(D::Error::custom)
    }
}

/// Many questions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Batch {
    /// The questions, 1,000 at the most.
    #[schemars(length(max = 1000))]
    pub(crate) questions: Vec<Question>,
}

/// May this user do this?
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// The user: an id, a user name, an extension, or another name by which people log in.
    pub(crate) user: String,
    /// A permission of the role system, such as `extensions:edit`. Where the target is the user,
    /// `reports:view:own` is enough for `reports:view`.
    #[serde(default)]
    pub(crate) permission: Option<String>,
    /// Something that is done to another user, in place of a permission.
    #[serde(default)]
    pub(crate) action: Option<Action>,
    /// Whose data it is about, or to whom it is done; named as `user` is.
    #[serde(default)]
    pub(crate) target: Option<String>,
    /// The key of the role: for `create` the one that the new user is to have, for `assign-role` and
    /// `unassign-role` the one that is given or taken.
    #[serde(default)]
    pub(crate) role: Option<String>,
}

/// Something that is done to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// See the user, beyond what the phone book shows.
    View,
    /// Create a user with a role.
    Create,
    /// Edit the user.
    Edit,
    /// Let the user in again.
    Activate,
    /// Let the user in no longer.
    Deactivate,
    /// Delete the user.
    Delete,
    /// Set a new password.
    ResetPassword,
    /// Give the user a role.
    AssignRole,
    /// Take a role from the user.
    UnassignRole,
}

/// The answers, in the form of the questions.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Answers {
    /// To many questions.
    Many {
        /// The tenant's revision at which all of them hold.
        revision: u64,
        /// One for each question, in their order.
        answers: Vec<Answer>,
    },
    /// To one.
    One(Answer),
}

/// Whether the user may.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// Whether.
    pub(crate) allowed: bool,
    /// The user's id; absent if there is no such user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    /// The rule that says so; stable.
    pub(crate) rule: &'static str,
    /// Why, in a sentence.
    pub(crate) reason: String,
    /// The keys of the roles of which each would be enough.
    pub(crate) roles: Vec<String>,
}
