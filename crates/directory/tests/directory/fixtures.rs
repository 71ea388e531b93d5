//! Directory semantics as text: a few entries, a search, the expected lines.
//!
//! ```text
//! user anna                     a record with its label, which is also its name
//!     displayName: Anna Berg    its attributes, one value a line
//!     emails: value=anna@acme.example; type=work
//! view kinds=user reads=displayName as=anna
//! search user by -title take 2: displayName pr
//!     anna                      the labels of what is found, in order
//! judge: active pr
//!     anna Undefined            what the filter says of each record that the view shows
//! show anna emails
//!     value=anna@acme.example; type=work
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use jackfield_directory::{AccessView, AttrSet, Entry, Order, Query, Start};
use jackfield_model::schema::{Type, attr};
use jackfield_model::{
    AttrId, Attributes, Filter, Id, Kind, KindSet, Principal, Registry, Timestamp, Value,
};

use crate::notation;
use crate::world::{OPBX, World, search};

#[test]
fn every_fixture_says_what_it_expects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut problems = String::new();
    let mut files = 0;
    for file in std::fs::read_dir(folder).expect("the fixtures") {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("text");
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        problems.push_str(&Fixture::new(&name).run(&text));
        let mut crowded = Fixture::new(&format!("{name} in a crowd"));
        crowded.world.crowd(40);
        problems.push_str(&crowded.run(&text));
        files += 1;
    }
    assert!(files >= 8, "only {files} fixtures were found");
    assert!(problems.is_empty(), "\n{problems}");
}

struct Fixture {
    name: String,
    world: World,
    labels: Vec<(String, Id)>,
    view: AccessView,
    checks: usize,
    problems: String,
}

impl Fixture {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            world: World::new(OPBX),
            labels: Vec::new(),
            view: AccessView::everything(Principal::System),
            checks: 0,
            problems: String::new(),
        }
    }

    fn run(mut self, text: &str) -> String {
        let mut lines = text.lines().enumerate().peekable();
        while let Some((at, line)) = lines.next() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let mut body = Vec::new();
            while let Some((_, inner)) = lines.next_if(|(_, next)| next.starts_with(' ')) {
                body.push(inner.trim());
            }
            if let Err(problem) = self.step(line, &body) {
                let _ = writeln!(self.problems, "{}:{}: {line}\n{problem}", self.name, at + 1);
            }
        }
        if self.checks == 0 {
            let _ = writeln!(self.problems, "{}: nothing is checked", self.name);
        }
        self.problems
    }

    fn step(&mut self, line: &str, body: &[&str]) -> Result<(), String> {
        let (word, rest) = line
            .split_once(' ')
            .unwrap_or((line.trim_end_matches(':'), ""));
        match word.trim_end_matches(':') {
            "view" => self.set_view(rest),
            "search" => {
                let (how, filter) = rest.split_once(':').ok_or("a colon is missing")?;
                let found = self.search(how, filter)?;
                self.expect(body, &found)
            }
            "judge" => {
                let judged = self.judge(rest)?;
                self.expect(body, &judged)
            }
            "show" => {
                let shown = self.show(rest)?;
                self.expect(body, &shown)
            }
            kind => {
                let kind = Kind::from_name(kind).ok_or(format!("{kind} is no step"))?;
                self.make(kind, rest, body)
            }
        }
    }

    fn expect(&mut self, expected: &[&str], actual: &[String]) -> Result<(), String> {
        self.checks += 1;
        if expected.iter().eq(actual) {
            return Ok(());
        }
        let block = |lines: &[String]| {
            lines
                .iter()
                .fold(String::new(), |t, l| t + "    " + l + "\n")
        };
        let expected: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
        Err(format!(
            "  expected\n{}  but it is\n{}",
            block(&expected),
            block(actual)
        ))
    }

    fn make(&mut self, kind: Kind, rest: &str, body: &[&str]) -> Result<(), String> {
        let (label, by) = rest.split_once(" by ").unwrap_or((rest, ""));
        let actor = match by {
            "" => Principal::Operator,
            by => Principal::Connection(self.id(by)?),
        };
        let name = match kind {
            Kind::User => attr::USER_NAME,
            Kind::Extension => attr::EXTENSION_NUMBER,
            Kind::Service | Kind::Device | Kind::Connection => attr::LOGIN,
            _ => attr::DISPLAY_NAME,
        };
        let mut bag = Attributes::new();
        for line in body {
            let (path, value) = line.split_once(':').ok_or(format!("no colon: {line}"))?;
            let attr = notation::attribute(None, path)?;
            bag = bag.with(attr, self.value(attr, value.trim())?);
        }
        if bag.values(name).is_empty() && kind != Kind::Contact {
            bag.put(name, label);
        }
        let id = self.world.create(actor, kind, bag);
        self.labels.push((label.to_owned(), id));
        Ok(())
    }

    /// A value as its line has it: for a complex one `sub=value; sub=value`, or its `value` alone.
    fn value(&self, attr: AttrId, text: &str) -> Result<Value, String> {
        let registry = Registry::core();
        let ty = registry.get(attr).map_or(Type::String, |def| def.ty);
        Ok(match (ty, text.strip_prefix('&')) {
            (_, Some(label)) => self.id(label)?.to_string().as_str().into(),
            (Type::Boolean, _) => Value::Bool(text == "true"),
            (Type::Integer, _) => Value::Int(text.parse().map_err(|_| "no number")?),
            (Type::DateTime, _) => Value::Time(Timestamp::parse_rfc3339(text).ok_or("no time")?),
            (Type::Complex, _) => {
                let mut element = Attributes::new();
                for part in text.split("; ") {
                    let (sub, value) = part.split_once('=').unwrap_or(("value", part));
                    let sub = notation::attribute(Some(attr), sub)?;
                    element.put(sub, self.value(sub, value)?);
                }
                element.into()
            }
            _ => text.into(),
        })
    }

    fn set_view(&mut self, text: &str) -> Result<(), String> {
        self.view = AccessView::everything(Principal::System);
        for part in text.split(' ').filter(|part| *part != "everything") {
            let (what, value) = part.split_once('=').ok_or(format!("{part} is no view"))?;
            match what {
                "kinds" => self.view.kinds = kinds(value)?,
                "reads" => self.view.attributes = attributes(value)?,
                "own" => self.view.own = attributes(value)?,
                "as" => {
                    let id = self.id(value)?;
                    self.view.principal = match self.world.record(id).kind {
                        Kind::Connection => Principal::Connection(id),
                        _ => Principal::Person(id),
                    };
                }
                other => return Err(format!("{other} is no part of a view")),
            }
        }
        Ok(())
    }

    fn search(&self, how: &str, filter: &str) -> Result<Vec<String>, String> {
        let mut words = how.split_whitespace();
        let kinds = kinds(words.next().unwrap_or("all"))?;
        let (mut order, mut offset, mut limit) = (Order::Number, 0, usize::MAX);
        while let (Some(word), Some(value)) = (words.next(), words.next()) {
            let number = || {
                value
                    .parse::<usize>()
                    .map_err(|_| format!("{value} is no number"))
            };
            match word {
                "by" if value == "name" => order = Order::Name,
                "by" => {
                    order = Order::By {
                        attr: notation::attribute(None, value.trim_start_matches('-'))?,
                        descending: value.starts_with('-'),
                    }
                }
                "from" => offset = number()?,
                "take" => limit = number()?,
                other => return Err(format!("{other} is nothing to search by")),
            }
        }
        let filter = self.filter(filter)?;
        let query = Query {
            kinds,
            only: None,
            filter: &filter,
            order,
            start: Start::At(offset),
            limit,
            count: true,
            stop: &|| false,
        };
        let found = self.world.now.search(&self.view, &query);
        let found = found.map_err(|stopped| stopped.to_string())?;
        let mut lines: Vec<String> = found.numbers.iter().map(|n| self.label(*n)).collect();
        if found.total > lines.len() {
            lines.push(format!("of {}", found.total));
        }
        Ok(lines)
    }

    /// What a filter says of each record: what neither it nor its negation matches is Undefined.
    fn judge(&self, filter: &str) -> Result<Vec<String>, String> {
        let filter = self.filter(filter)?;
        let negated = Filter::Not(Box::new(filter.clone()));
        let holds = |filter, id| {
            !search(&self.world.now, &self.view, KindSet::ALL, filter, Some(id)).is_empty()
        };
        let visible = self
            .labels
            .iter()
            .filter(|(_, id)| self.view.sees(self.world.record(*id)));
        Ok(visible
            .map(|(label, id)| {
                let truth = match (holds(&filter, *id), holds(&negated, *id)) {
                    (true, false) => "True",
                    (false, true) => "False",
                    (false, false) => "Undefined",
                    (true, true) => "both",
                };
                format!("{label} {truth}")
            })
            .collect())
    }

    fn show(&self, text: &str) -> Result<Vec<String>, String> {
        let (label, path) = text.split_once(' ').ok_or("an attribute is missing")?;
        let attr = notation::attribute(None, path)?;
        let record = self.world.now.record(self.id(label)?).ok_or("no record")?;
        let entry = Entry::new(&self.world.now, &self.view, record);
        Ok(entry.attribute(attr).iter().map(|v| self.text(v)).collect())
    }

    fn text(&self, value: &Value) -> String {
        let registry = Registry::core();
        match value {
            Value::Str(text) => match Id::parse(text).and_then(|id| self.label_of(id)) {
                Some(label) => format!("&{label}"),
                None => text.to_string(),
            },
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Time(at) => at.to_rfc3339(),
            Value::Bytes(bytes) => format!("{bytes:?}"),
            Value::Complex(element) => {
                let named: BTreeMap<AttrId, String> = element
                    .iter()
                    .map(|(sub, values)| {
                        let name = registry.get(sub).map_or("?", |def| def.name.as_str());
                        let texts: Vec<String> = values.iter().map(|v| self.text(v)).collect();
                        (sub, format!("{name}={}", texts.join(",")))
                    })
                    .collect();
                named.into_values().collect::<Vec<_>>().join("; ")
            }
        }
    }

    fn filter(&self, text: &str) -> Result<Filter, String> {
        notation::read(None, text, &|label| self.id(label).ok())
    }

    fn id(&self, label: &str) -> Result<Id, String> {
        let known = self.labels.iter().find(|(own, _)| own == label);
        known
            .map(|(_, id)| *id)
            .or_else(|| Some(self.world.now.role_record(label)?.id))
            .ok_or(format!("nobody is called {label}"))
    }

    fn label(&self, number: u32) -> String {
        let record = self.world.now.numbered(number);
        record
            .and_then(|record| self.label_of(record.id))
            .unwrap_or_else(|| number.to_string())
    }

    fn label_of(&self, id: Id) -> Option<String> {
        let known = self.labels.iter().find(|(_, own)| *own == id);
        known.map(|(label, _)| label.clone()).or_else(|| {
            let role = self.world.now.record(id).filter(|r| r.kind == Kind::Role)?;
            role.login().map(str::to_owned)
        })
    }
}

fn kinds(text: &str) -> Result<KindSet, String> {
    let mut all = KindSet::NONE;
    for word in text.split(',') {
        all = match (word, Kind::from_name(word)) {
            ("all", _) => KindSet::ALL,
            (_, Some(kind)) => all.union(KindSet::of(&[kind])),
            _ => return Err(format!("{word} is no kind")),
        };
    }
    Ok(all)
}

fn attributes(text: &str) -> Result<AttrSet, String> {
    match text {
        "all" => Ok(AttrSet::ALL),
        "nothing" => Ok(AttrSet::NONE),
        names => {
            let all: Result<Vec<AttrId>, String> = names
                .split(',')
                .map(|name| notation::attribute(None, name))
                .collect();
            Ok(AttrSet::of(&all?))
        }
    }
}
