//! What a search finds, and what of it is wanted.

use std::sync::atomic::{AtomicBool, Ordering};

use jackfield_gateway::{Error as Gateway, Order, Query};
use tokio::time::Instant;

use super::results::Results;
use super::sort::{self, Sort};
use super::{Plan, Records, Search, view};
use crate::Error;
use crate::error::ViewFailure;

impl Plan {
    /// Looks for the entries if that takes looking at no more than `most` records. Says whether it
    /// did; [`run`](Self::run) goes on from there.
    pub(crate) fn look_at_once(&mut self, most: usize) -> bool {
        if self.found_already.is_none() {
            self.found_already = self.look(&AtomicBool::new(false), most).transpose();
        }
        self.found_already.is_some()
    }

    /// Looks for the entries. Once `cancelled`, nobody waits for them.
    pub(crate) fn run(mut self, cancelled: &AtomicBool) -> Search {
        if let Some(unsorted) = self.sort.as_ref().and_then(Sort::failure) {
            self.found.answers.push(Sort::answer(Some(unsorted)));
            if self.sort.as_ref().is_some_and(|sort| sort.critical) {
                self.found.end = Err(Error::CannotSort);
                return self.found;
            }
        }
        let found = match self.found_already.take() {
            Some(found) => found,
            None => self
                .look(cancelled, usize::MAX)
                .map(Option::unwrap_or_default),
        };
        match found {
            Ok(results) => self.deliver(results),
            Err(error) => self.found.end = Err(error),
        }
        self.found
    }

    /// What is found, in its order; no more than the limit, but for one to tell that there are.
    /// `None` if that takes looking at more than `most` records.
    fn look(&mut self, cancelled: &AtomicBool, most: usize) -> Result<Option<Results>, Error> {
        let deadline = self.found.deadline;
        let stop = || cancelled.load(Ordering::Relaxed) || Instant::now() >= deadline;
        if stop() {
            return Err(Gateway::TimeLimit.into());
        }
        let keys = self.sort.as_ref().and_then(Sort::usable);
        let page = self.found.page.as_ref();
        let page = page.filter(|page| page.place.is_some());
        let limit = page.map_or(self.limit, |page| page.size.min(self.limit));
        // What is sorted is cut afterwards.
        let limit = keys.map_or(limit.saturating_add(1), |_| usize::MAX);
        let reader = self.found.reader.as_ref();
        let mut numbers = Vec::new();
        if let (Some(records), Some(reader)) = (&self.records, reader) {
            let left = limit.saturating_sub(self.synthetic.len());
            let found = reader.search_among(&records.query(left, &stop), most);
            match found.map_err(|_| Gateway::TimeLimit)? {
                Some(found) => numbers = found.numbers,
                None => return Ok(None),
            }
        }
        let mut synthetic = std::mem::take(&mut self.synthetic);
        synthetic.truncate(limit);
        let mut results = Results::new(synthetic, numbers);
        if let (Some(keys), Some(reader)) = (keys, reader)
            && !sort::sort(&mut results, keys, reader, &stop)
        {
            return Err(Gateway::TimeLimit.into());
        }
        Ok(Some(results))
    }

    /// Leaves of the results what is wanted of them.
    fn deliver(&mut self, results: Results) {
        let keys = self.sort.as_ref().and_then(Sort::usable);
        // RFC 2891 §2: no word about the order of nothing.
        if keys.is_some() && results.len() > 0 {
            self.found.answers.push(Sort::answer(None));
        }
        self.found.results = match &self.view {
            None => results,
            Some(view) => {
                let seen = match (&self.sort, keys, &self.found.reader) {
                    (None, ..) => Err(ViewFailure::SortMissing),
                    (Some(_), Some(keys), Some(reader)) => view.of(&results, keys, reader),
                    _ => Err(ViewFailure::NotSorted),
                };
                let context = self.found.list.as_ref().map(|list| &list.context);
                self.found.answers.push(view::answer(&seen, context));
                let part = match &seen {
                    Ok((_, range)) => results.slice(range.clone()),
                    Err(failure) => {
                        self.found.end = Err((*failure).into());
                        Results::default()
                    }
                };
                if let (Some(list), Some(reader)) = (&mut self.found.list, &self.found.reader) {
                    list.results = results;
                    list.revision = reader.revision();
                }
                part
            }
        };
        if self.found.results.len() > self.limit {
            self.found.results.truncate(self.limit);
            self.found.end = Err(Error::SizeLimit);
        }
    }
}

impl Records {
    /// In the order of names, since phones cut off first and sort after.
    pub(super) fn query<'q>(
        &'q self,
        limit: usize,
        stop: &'q (dyn Fn() -> bool + Sync),
    ) -> Query<'q> {
        Query {
            kinds: self.kinds,
            only: self.only,
            filter: &self.filter,
            order: Order::Name,
            start: self.start.clone(),
            limit,
            count: false,
            stop,
        }
    }
}
