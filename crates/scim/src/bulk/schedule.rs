//! In which order the operations of a bulk are done: as they stand, but for those that others
//! refer to before they stand, and circles, whose references are added when all of it is there.

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Does an operation; without the references to those that are not done by then.
    Do(usize),
    /// Adds the references that an operation was done without.
    Complete(usize),
}

/// Puts operations in order, `needs` being the operations that each refers to.
pub(super) fn schedule(needs: &[Vec<usize>]) -> Vec<Step> {
    let mut schedule = Schedule {
        needs,
        state: vec![State::New; needs.len()],
        missing: vec![0; needs.len()],
        awaited: vec![Vec::new(); needs.len()],
        steps: Vec::with_capacity(needs.len()),
    };
    for at in 0..needs.len() {
        schedule.visit(at);
    }
    schedule.steps
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// Waits for those that it refers to.
    Open,
    Done,
}

struct Schedule<'n> {
    needs: &'n [Vec<usize>],
    state: Vec<State>,
    /// How many of those that an operation was done without are still to come.
    missing: Vec<usize>,
    /// Who was done without this one.
    awaited: Vec<Vec<usize>>,
    steps: Vec<Step>,
}

impl Schedule<'_> {
    /// Does `first` and before it whatever it refers to, however far; with a stack of its own.
    fn visit(&mut self, first: usize) {
        let mut open = vec![(first, 0)];
        while let Some((at, next)) = open.pop() {
            if next == 0 {
                match self.state.get_mut(at) {
                    Some(state @ State::New) => *state = State::Open,
                    _ => continue,
                }
            }
            let Some(need) = self.needs.get(at).and_then(|needs| needs.get(next)) else {
                self.finish(at);
                continue;
            };
            open.push((at, next + 1));
            match self.state.get(*need) {
                Some(State::New) => open.push((*need, 0)),
                Some(State::Open) => self.put_off(at, *need),
                Some(State::Done) | None => {}
            }
        }
    }

    fn put_off(&mut self, at: usize, need: usize) {
        if let (Some(missing), Some(awaited)) =
            (self.missing.get_mut(at), self.awaited.get_mut(need))
        {
            *missing += 1;
            awaited.push(at);
        }
    }

    fn finish(&mut self, at: usize) {
        if let Some(state) = self.state.get_mut(at) {
            *state = State::Done;
        }
        self.steps.push(Step::Do(at));
        let awaiting = self.awaited.get_mut(at).map(std::mem::take);
        for waiting in awaiting.into_iter().flatten() {
            let Some(missing) = self.missing.get_mut(waiting) else {
                continue;
            };
            *missing -= 1;
            if *missing == 0 {
                self.steps.push(Step::Complete(waiting));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Step::{Complete, Do};
    use super::*;

    #[test]
    fn operations_stay_in_order_unless_references_demand_another() {
        for (needs, expected) in [
            (vec![], vec![]),
            (vec![vec![], vec![0], vec![]], vec![Do(0), Do(1), Do(2)]),
            // Forward.
            (vec![vec![2], vec![], vec![]], vec![Do(2), Do(0), Do(1)]),
            (vec![vec![1], vec![2], vec![]], vec![Do(2), Do(1), Do(0)]),
            // Circles: of one, of two, of three, and one beside another.
            (vec![vec![0]], vec![Do(0), Complete(0)]),
            (vec![vec![1], vec![0]], vec![Do(1), Do(0), Complete(1)]),
            (
                vec![vec![1], vec![2], vec![0]],
                vec![Do(2), Do(1), Do(0), Complete(2)],
            ),
            (
                vec![vec![1, 2], vec![0, 0], vec![1, 0]],
                vec![Do(1), Do(2), Do(0), Complete(1), Complete(2)],
            ),
        ] {
            assert_eq!(schedule(&needs), expected, "{needs:?}");
        }
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let needs: Vec<Vec<usize>> = (1..=100_000).map(|next| vec![next % 100_000]).collect();
        let steps = schedule(&needs);
        assert_eq!(steps.len(), 100_001);
        assert_eq!(steps[0], Do(99_999));
        assert_eq!(steps[100_000], Complete(99_999));
    }
}
