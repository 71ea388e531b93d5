//! Counters as text: the exposition format of Prometheus 0.0.4, and OpenMetrics 1.0 for those who
//! ask for it, which names counters without their `_total` and says where the end is.

use std::fmt::{self, Display, Formatter, Write};

use jackfield_gateway::metrics::family::{Family, Kind, Value};

/// The end of a counter's name.
const TOTAL: &str = "_total";

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Prometheus,
    OpenMetrics,
}

impl Format {
    /// What a client that accepts this is sent.
    pub(super) fn accepted(accept: &str) -> Self {
        match accept.contains("application/openmetrics-text") {
            true => Self::OpenMetrics,
            false => Self::Prometheus,
        }
    }

    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// The families, one after the other; one without samples is not written.
pub(super) fn written(families: &[Family], format: Format) -> String {
    let mut out = String::with_capacity(1 << 14);
    for family in families.iter().filter(|it| !it.samples.is_empty()) {
        // Writing to a string does not fail.
        let _ = write(&mut out, family, format);
    }
    if format == Format::OpenMetrics {
        out.push_str("# EOF\n");
    }
    out
}

fn write(out: &mut String, family: &Family, format: Format) -> fmt::Result {
    let Family { name, help, .. } = family;
    let kind = match family.kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
    };
    let titled = match format {
        Format::Prometheus => name,
        Format::OpenMetrics => name.strip_suffix(TOTAL).unwrap_or(name),
    };
    writeln!(out, "# HELP {titled} {help}\n# TYPE {titled} {kind}")?;
    for sample in &family.samples {
        let labels = Labels(&sample.labels, None);
        match &sample.value {
            Value::Number(number) => writeln!(out, "{name}{labels} {number}")?,
            Value::Seconds(time) => writeln!(out, "{name}{labels} {}", time.as_secs_f64())?,
            Value::Spread(spread) => {
                for (bound, count) in &spread.bounds {
                    let bound = format!("{:?}", bound.as_secs_f64());
                    let labels = Labels(&sample.labels, Some(&bound));
                    writeln!(out, "{name}_bucket{labels} {count}")?;
                }
                let all = Labels(&sample.labels, Some("+Inf"));
                writeln!(out, "{name}_bucket{all} {}", spread.count)?;
                writeln!(out, "{name}_sum{labels} {}", spread.sum.as_secs_f64())?;
                writeln!(out, "{name}_count{labels} {}", spread.count)?;
            }
        }
    }
    Ok(())
}

/// Labels in braces, with the upper bound of a histogram's bucket; nothing, if there are none.
struct Labels<'l>(&'l [(&'static str, String)], Option<&'l str>);

impl Display for Labels<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(labels, bound) = self;
        let labels = labels.iter().map(|(name, text)| (*name, text.as_str()));
        let mut before = '{';
        for (name, text) in labels.chain(bound.map(|bound| ("le", bound))) {
            write!(f, "{before}{name}=\"")?;
            for c in text.chars() {
                match c {
                    '\\' | '"' => write!(f, "\\{c}")?,
                    '\n' => f.write_str("\\n")?,
                    c => f.write_char(c)?,
                }
            }
            f.write_char('"')?;
            before = ',';
        }
        match before {
            '{' => Ok(()),
            _ => f.write_char('}'),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jackfield_gateway::metrics::family::Spread;

    use super::*;

    fn families() -> Vec<Family> {
        vec![
            Family::counter("a_total", "What happened.")
                .with(&[("why", "a\\b\"c\nd"), ("x", "1")], 2)
                .with(&[], u64::MAX),
            Family::gauge("b_seconds", "How long.").with(&[], Duration::from_millis(1_500)),
            Family::gauge("nothing", "Not there."),
            Family::histogram("c_seconds", "How long each.").with(
                &[("x", "1")],
                Spread {
                    bounds: vec![(Duration::from_micros(10), 1), (Duration::from_secs(1), 3)],
                    count: 4,
                    sum: Duration::from_secs(7),
                },
            ),
        ]
    }

    #[test]
    fn all_is_written_as_prometheus_reads_it() {
        let text = written(
            &families(),
            Format::accepted("text/plain;version=0.0.4, */*"),
        );
        assert_eq!(
            text,
            r#"# HELP a_total What happened.
# TYPE a_total counter
a_total{why="a\\b\"c\nd",x="1"} 2
a_total 18446744073709551615
# HELP b_seconds How long.
# TYPE b_seconds gauge
b_seconds 1.5
# HELP c_seconds How long each.
# TYPE c_seconds histogram
c_seconds_bucket{x="1",le="1e-5"} 1
c_seconds_bucket{x="1",le="1.0"} 3
c_seconds_bucket{x="1",le="+Inf"} 4
c_seconds_sum{x="1"} 7
c_seconds_count{x="1"} 4
"#
        );
    }

    #[test]
    fn who_asks_for_openmetrics_gets_it() {
        let format =
            Format::accepted("application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
        let text = written(&families(), format);
        assert!(text.contains("# TYPE a counter\na_total{"), "{text}");
        assert!(text.ends_with("\n# EOF\n"), "{text}");
        assert!(
            format
                .media_type()
                .starts_with("application/openmetrics-text")
        );
    }
}
