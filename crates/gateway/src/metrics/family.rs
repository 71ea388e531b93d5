//! Counters as data, in the words of the Prometheus data model.

use std::time::Duration;

/// All that is told of one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// Its name, with its unit; that of a counter ends in `_total`.
    pub name: &'static str,
    /// What it is, in one line.
    pub help: &'static str,
    /// How its samples are to be understood.
    pub kind: Kind,
    /// Each with labels of its own.
    pub samples: Vec<Sample>,
}

/// How samples are to be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only goes up, until the process ends.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often something took how long.
    Histogram,
}

/// One number, or the times of one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// What it is the number of, beside the family's name.
    pub labels: Vec<(&'static str, String)>,
    /// The number.
    pub value: Value,
}

/// What a sample says.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number of things.
    Number(u64),
    /// A time in seconds.
    Seconds(Duration),
    /// Many times.
    Spread(Spread),
}

/// How often something took how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Bounds, and how often it took no longer.
    pub bounds: Vec<(Duration, u64)>,
    /// How often in all.
    pub count: u64,
    /// How long in all.
    pub sum: Duration,
}

impl Family {
    /// A counter, its samples to be added.
    pub fn counter(name: &'static str, help: &'static str) -> Self {
        Self::of(Kind::Counter, name, help)
    }

    /// A gauge, its samples to be added.
    pub fn gauge(name: &'static str, help: &'static str) -> Self {
        Self::of(Kind::Gauge, name, help)
    }

    /// A histogram, its samples to be added.
    pub fn histogram(name: &'static str, help: &'static str) -> Self {
        Self::of(Kind::Histogram, name, help)
    }

    fn of(kind: Kind, name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            help,
            kind,
            samples: Vec::new(),
        }
    }

    /// With one more sample.
    #[must_use]
    pub fn with(mut self, labels: &[(&'static str, &str)], value: impl Into<Value>) -> Self {
        self.add(labels, value);
        self
    }

    /// Adds a sample.
    pub fn add(&mut self, labels: &[(&'static str, &str)], value: impl Into<Value>) {
        let labels = labels
            .iter()
            .map(|(name, text)| (*name, (*text).to_owned()));
        self.samples.push(Sample {
            labels: labels.collect(),
            value: value.into(),
        });
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<Duration> for Value {
    fn from(seconds: Duration) -> Self {
        Self::Seconds(seconds)
    }
}

impl From<Spread> for Value {
    fn from(spread: Spread) -> Self {
        Self::Spread(spread)
    }
}
