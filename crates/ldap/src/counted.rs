//! What is counted of each operation (RFC 4511 §4): how it ended, and after how long.

use std::sync::Arc;

use jackfield_gateway::Metrics;
use jackfield_gateway::metrics::Operation;
use tokio::time::Instant;

use crate::wire::RequestOp;
use crate::wire::response::Outcome;

/// Result codes below this are told apart; those above are of other protocols (RFC 4511 §4.1.9).
const CODES: u16 = 128;

/// The place of each operation's counters.
pub(crate) struct Counted {
    bind: Arc<Operation>,
    unbind: Arc<Operation>,
    search: Arc<Operation>,
    modify: Arc<Operation>,
    add: Arc<Operation>,
    delete: Arc<Operation>,
    modify_dn: Arc<Operation>,
    compare: Arc<Operation>,
    abandon: Arc<Operation>,
    extended: Arc<Operation>,
    disconnection: Arc<Operation>,
}

impl Counted {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let operation = |name| metrics.operation("ldap", name, 0..CODES);
        Self {
            bind: operation("bind"),
            unbind: operation("unbind"),
            search: operation("search"),
            modify: operation("modify"),
            add: operation("add"),
            delete: operation("delete"),
            modify_dn: operation("modify_dn"),
            compare: operation("compare"),
            abandon: operation("abandon"),
            extended: operation("extended"),
            disconnection: operation("notice_of_disconnection"),
        }
    }

    /// An operation that began at this moment ends. One without a response ends with success.
    pub(crate) fn ended(&self, op: RequestOp, outcome: &Outcome<'_>, since: Instant) {
        let operation = match op {
            RequestOp::Bind => &self.bind,
            RequestOp::Unbind => &self.unbind,
            RequestOp::Search => &self.search,
            RequestOp::Modify => &self.modify,
            RequestOp::Add => &self.add,
            RequestOp::Delete => &self.delete,
            RequestOp::ModifyDn => &self.modify_dn,
            RequestOp::Compare => &self.compare,
            RequestOp::Abandon => &self.abandon,
            RequestOp::Extended => &self.extended,
        };
        operation.count(code(outcome), since.elapsed());
    }

    /// The session is ended for this reason (RFC 4511 §4.4.1).
    pub(crate) fn disconnected(&self, outcome: &Outcome<'_>, since: Instant) {
        self.disconnection.count(code(outcome), since.elapsed());
    }
}

fn code(outcome: &Outcome<'_>) -> u16 {
    u16::try_from(outcome.code.clone() as i64).unwrap_or(u16::MAX)
}
