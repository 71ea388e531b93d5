//! Rows that one statement takes together.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::mem::discriminant;

use jackfield_model::TenantId;

use super::row::Row;
use super::{Arg, Placeholders};
use crate::{Error, Result};

/// How many rows a statement takes. Few sizes, so that few statements need to be prepared.
const SIZES: [usize; 7] = [64, 32, 16, 8, 4, 2, 1];

/// Neighbouring rows of one shape, no two of them in one place.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'r, 'a>(&'r [Row<'a>]);

/// Cuts the rows into batches of at most `largest` rows, in their order.
pub fn batches<'r, 'a>(rows: &'r [Row<'a>], largest: usize) -> impl Iterator<Item = Batch<'r, 'a>> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let (batch, after) = rest.split_at_checked(size(rest, largest)?)?;
        rest = after;
        Some(Batch(batch))
    })
}

impl Batch<'_, '_> {
    /// The statement with placeholders for all rows.
    pub fn sql(&self, placeholders: Placeholders) -> String {
        let Some(shape) = self.0.first().map(Row::shape) else {
            return String::new();
        };
        let mut sql = String::with_capacity(512);
        sql.push_str(shape.before);
        for row in 0..self.0.len() {
            sql.push_str(if row == 0 { " (" } else { ", (" });
            for column in 1..=shape.columns {
                let comma = if column == 1 { "" } else { ", " };
                // Writing to a string does not fail.
                let _ = match placeholders {
                    Placeholders::Plain => write!(sql, "{comma}?"),
                    Placeholders::Numbered => {
                        write!(sql, "{comma}${}", row * shape.columns + column)
                    }
                };
            }
            sql.push(')');
        }
        sql.push(' ');
        sql.push_str(shape.after);
        sql
    }

    /// The values of all rows.
    pub fn args(&self, tenant: TenantId) -> Result<Vec<Arg>> {
        let columns = self.0.first().map_or(0, |row| row.shape().columns);
        let mut args = Vec::with_capacity(columns * self.0.len());
        for row in self.0 {
            row.push_args(tenant, &mut args)?;
        }
        Ok(args)
    }

    /// What is said when a key is taken; only a batch of one row knows which.
    pub fn duplicate(&self) -> Option<Error> {
        match self.0 {
            [row] => Some(row.duplicate()),
            _ => None,
        }
    }
}

fn size(rows: &[Row<'_>], largest: usize) -> Option<usize> {
    let first = discriminant(rows.first()?);
    let mut keys = HashSet::new();
    let fits = rows
        .iter()
        .take(largest)
        .take_while(|row| discriminant(*row) == first && keys.insert(row.key()))
        .count();
    SIZES.into_iter().find(|size| *size <= fits)
}

#[cfg(test)]
mod tests {
    use jackfield_model::{Edge, EdgeKind, Id};
    use uuid::Uuid;

    use super::*;

    fn edge(to: u128) -> Edge {
        let id = |n| Id(Uuid::from_u128(n));
        Edge {
            kind: EdgeKind::Member,
            from: id(0),
            to: id(to),
            primary: false,
        }
    }

    fn sizes(rows: &[Row<'_>], largest: usize) -> Vec<usize> {
        batches(rows, largest).map(|batch| batch.0.len()).collect()
    }

    #[test]
    fn a_run_is_cut_into_few_sizes() {
        let edges: Vec<_> = (0..150).map(edge).collect();
        let rows: Vec<_> = edges.iter().map(Row::Edge).collect();
        assert_eq!(sizes(&rows, 64), [64, 64, 16, 4, 2]);
        assert_eq!(sizes(&rows[..3], 1), [1, 1, 1]);
        assert!(sizes(&[], 64).is_empty());
    }

    #[test]
    fn order_is_kept_where_it_matters() {
        let edges: Vec<_> = (0..8).map(edge).collect();
        let mut rows: Vec<_> = edges.iter().map(Row::Edge).collect();
        rows[4] = Row::NoEdge(&edges[0]);
        assert_eq!(sizes(&rows, 64), [4, 1, 2, 1], "another statement");
        rows[4] = Row::Edge(&edges[0]);
        assert_eq!(sizes(&rows, 64), [4, 4], "the same place again");
    }

    #[test]
    fn a_statement_has_a_placeholder_for_every_value() {
        let edges = [edge(1), edge(2)];
        let rows: Vec<_> = edges.iter().map(Row::NoEdge).collect();
        let batch = Batch(&rows);
        assert_eq!(
            batch.sql(Placeholders::Numbered),
            "DELETE FROM edge WHERE (tenant, kind, from_id, to_id) IN (SELECT * FROM (VALUES \
             ($1, $2, $3, $4), ($5, $6, $7, $8) ) AS v)"
        );
        let plain = batch.sql(Placeholders::Plain);
        assert!(
            plain.contains("(VALUES (?, ?, ?, ?), (?, ?, ?, ?) )"),
            "{plain}"
        );
        assert_eq!(batch.args(TenantId(Uuid::nil())).unwrap().len(), 8);
    }
}
