//! `jackfield role`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::TenantOnly;

#[derive(Debug, Subcommand)]
pub(crate) enum RoleCommand {
    /// List the roles of a tenant
    List(TenantOnly),
    /// List the custom roles that people often make
    Templates(TenantOnly),
    /// List the active holders of a role
    Members(OneRole),
    /// Show for which reasons a user has roles
    Why(OneUser),
    /// List what a user may do in the phone system, and by which roles
    Permissions(OneUser),
    /// Show who would gain and lose which roles by the tenant's file as it is now, or by another
    Preview(Preview),
    /// Make a custom role
    Create(NewRole),
    /// Change a custom role, for everybody who holds it
    Edit(EditRole),
    /// Delete a custom role; its holders keep their other roles
    Delete(OneRole),
    /// Give a user a role
    Assign(UserAndRole),
    /// Take a role from a user
    Unassign(UserAndRole),
}

#[derive(Debug, Args)]
pub(crate) struct OneRole {
    /// The role's key
    pub(crate) role: String,
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
}

#[derive(Debug, Args)]
pub(crate) struct OneUser {
    /// The user: user name, mail address or id
    pub(crate) user: String,
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
}

#[derive(Debug, Args)]
pub(crate) struct UserAndRole {
    /// The user: user name, mail address or id
    pub(crate) user: String,
    /// The role's key
    pub(crate) role: String,
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
}

#[derive(Debug, Args)]
pub(crate) struct Preview {
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// A file in place of the tenant's own
    #[arg(long)]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct NewRole {
    /// The role's key [default: the template's]
    #[arg(required_unless_present = "template")]
    pub(crate) role: Option<String>,
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// A template of the tenant's catalogue to begin with
    #[arg(long)]
    pub(crate) template: Option<String>,
    #[command(flatten)]
    pub(crate) definition: Definition,
}

#[derive(Debug, Args)]
pub(crate) struct EditRole {
    /// The role's key
    pub(crate) role: String,
    /// The tenant
    #[arg(long)]
    pub(crate) tenant: String,
    #[command(flatten)]
    pub(crate) definition: Definition,
}

/// What a role is, as far as it is said; lists take the place of those that were there.
#[derive(Debug, Args)]
pub(crate) struct Definition {
    /// A TOML file with the whole role, as in a catalogue but without the table's head
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Its title
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// One line that says what it is for
    #[arg(long)]
    pub(crate) description: Option<String>,
    /// Its rank
    #[arg(long)]
    pub(crate) rank: Option<u16>,
    /// What it permits, such as extensions:edit or "*:view"; several may be given
    #[arg(long = "permission", value_name = "PERMISSION", value_delimiter = ',')]
    pub(crate) permissions: Vec<String>,
    /// Its level in an area, as AREA=LEVEL; several may be given
    #[arg(long = "level", value_name = "AREA=LEVEL", value_delimiter = ',')]
    pub(crate) levels: Vec<String>,
    /// A special permission; several may be given
    #[arg(long = "special", value_name = "SPECIAL", value_delimiter = ',')]
    pub(crate) specials: Vec<String>,
    /// The roles whose holders it looks after; none with ""
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    pub(crate) manages: Option<Vec<String>>,
}
