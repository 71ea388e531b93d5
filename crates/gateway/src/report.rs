//! What somebody should look at who answers for a tenant's access.

use jackfield_directory::Snapshot;
use jackfield_model::schema::attr;
use jackfield_model::{EdgeKind, Id, Kind, Record, Timestamp, Value};

use crate::error::Error;
use crate::session::Session;

/// One thing to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub kind: FindingKind,
    /// The role's or user's record.
    pub id: Id,
    /// The role's title or the user's name.
    pub subject: String,
    /// What there is to say, in a sentence.
    pub text: String,
}

/// The kinds of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// A role that must keep a holder has one only: whoever is ill locks everybody out.
    TooFewHolders,
    /// A role that must keep a holder has more than three.
    TooManyHolders,
    /// A grant is kept only for want of another holder.
    Retained,
    /// Nobody has looked at who holds a role for a quarter.
    NotReviewed,
    /// A role above the baseline, held by somebody who has not logged in for a quarter.
    UnusedRole,
    /// An account that nobody has used for a quarter.
    Dormant,
    /// An account with neither extension nor desk nor group nor role.
    WithoutNeed,
}

impl FindingKind {
    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooFewHolders => "too_few_holders",
            Self::TooManyHolders => "too_many_holders",
            Self::Retained => "retained",
            Self::NotReviewed => "not_reviewed",
            Self::UnusedRole => "unused_role",
            Self::Dormant => "dormant",
            Self::WithoutNeed => "without_need",
        }
    }
}

/// A quarter of a year.
const QUARTER_DAYS: i64 = 91;

/// Roles that must keep a holder should have so many: two or three, never one.
const FEWEST: usize = 2;
const MOST: usize = 3;

impl Session {
    /// Everything that deserves a look, the gravest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] to people who may not view users.
    pub fn access_report(&self) -> Result<Vec<Finding>, Error> {
        self.read()?;
        let snapshot = self.snapshot();
        self.ask_to_view_users(&snapshot)?;
        let quarter_ago = self.gateway().now().plus_seconds(-QUARTER_DAYS * 86_400);
        let mut findings = of_roles(&snapshot, quarter_ago);
        for user in snapshot.all_of(Kind::User).filter(|user| user.is_active()) {
            findings.extend(of_user(&snapshot, user, quarter_ago));
        }
        findings.sort_by_key(|finding| finding.kind);
        Ok(findings)
    }
}

fn of_roles(snapshot: &Snapshot, quarter_ago: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    for role in snapshot.roles().iter() {
        let Some(record) = snapshot.role_record(role.key().as_str()) else {
            continue;
        };
        let holders = snapshot.holder_count(record);
        if snapshot.roles().is_kept(role.key()) {
            findings.extend(of_kept(record, holders));
        }
        let reviewed = match record.attributes.first(attr::REVIEWED) {
            Some(Value::Time(at)) => Some(*at),
            _ => None,
        };
        let since = reviewed.unwrap_or(record.created);
        if holders > 0 && since < quarter_ago {
            let text = match reviewed {
                Some(at) => format!("was last reviewed at {}.", at.to_rfc3339()),
                None => "was never reviewed.".to_owned(),
            };
            findings.push(finding(FindingKind::NotReviewed, record, text));
        }
    }
    findings
}

fn of_kept(role: &Record, holders: usize) -> Option<Finding> {
    let advice = "two or three are advised.";
    if holders < FEWEST {
        let text = format!(
            "has {holders} active holder{}: {advice}",
            if holders == 1 { "" } else { "s" }
        );
        return Some(finding(FindingKind::TooFewHolders, role, text));
    }
    let text = format!("has {holders} active holders: {advice}");
    (holders > MOST).then(|| finding(FindingKind::TooManyHolders, role, text))
}

fn of_user(snapshot: &Snapshot, user: &Record, quarter_ago: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    let effective = snapshot.effective_of(user);
    let titles: Vec<&str> = effective
        .granted()
        .map(jackfield_access::Role::title)
        .collect();
    let is_retained = snapshot.grants_of(user).any(|(_, sources)| {
        let mut sources = sources.iter();
        sources.any(|source| matches!(source, jackfield_model::GrantSource::Retained(_)))
    });
    if is_retained {
        let text = format!("is {} only because nobody else is.", titles.join(", "));
        findings.push(finding(FindingKind::Retained, user, text));
    }
    let last = snapshot.last_use().get(user.id);
    if user.created < quarter_ago && last.is_none_or(|last| last < quarter_ago) {
        let seen = match last {
            Some(last) => format!("has not logged in since {}", last.to_rfc3339()),
            None => "has never logged in".to_owned(),
        };
        let (kind, text) = match titles.is_empty() {
            true => (FindingKind::Dormant, format!("{seen}.")),
            false => (
                FindingKind::UnusedRole,
                format!("{seen}, and has {}.", titles.join(", ")),
            ),
        };
        findings.push(finding(kind, user, text));
    }
    let has = |kind| !snapshot.origins(kind, user).is_empty();
    let is_needed = !titles.is_empty()
        || [EdgeKind::Extension, EdgeKind::Desk, EdgeKind::Member]
            .into_iter()
            .any(has);
    if !is_needed {
        let text = "has neither extension nor desk, group or role.".to_owned();
        findings.push(finding(FindingKind::WithoutNeed, user, text));
    }
    findings
}

fn finding(kind: FindingKind, record: &Record, text: String) -> Finding {
    let subject = match record.kind {
        Kind::Role => record.common_name().to_string(),
        _ => record.login().unwrap_or_default().to_owned(),
    };
    Finding {
        kind,
        id: record.id,
        subject,
        text,
    }
}
