//! Whether the test that a rule names notices when the rule is broken.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Mutex;
use std::thread;

use crate::rules::Rule;
use crate::run::{Outcome, Program, threads};

/// Runs the tests of the rules, first with none broken and then with the rule of each, many at a time,
/// and returns what is wrong.
pub(crate) fn judge(programs: &[Program], rules: &[&Rule]) -> Result<Vec<String>, Box<dyn Error>> {
    let named: BTreeSet<_> = rules.iter().map(|rule| rule.noticed_by).collect();
    let unbroken = each(named.into_iter().collect(), |test| {
        let outcome = run_one(programs, None, test)?;
        let is_one = (outcome.passed.len(), outcome.failed.len(), outcome.hung) == (1, 0, false);
        Ok((!is_one)
            .then(|| format!("`{test}` is not one test that passes while no rule is broken: {outcome:?}")))
    })?;
    if !unbroken.is_empty() {
        return Ok(unbroken);
    }
    each(rules.to_vec(), |rule| {
        let outcome = run_one(programs, Some(rule.name), rule.noticed_by)?;
        println!("{}: {} (`{}`)", rule.name, rule.text, rule.noticed_by);
        let is_noticed = outcome.failed.len() == 1;
        Ok((!is_noticed)
            .then(|| format!("`{}` does not notice that `{}` is broken", rule.noticed_by, rule.name)))
    })
}

/// Runs a test in the program that has it.
fn run_one(programs: &[Program], rule: Option<&str>, test: &str) -> Result<Outcome, String> {
    let mut outcome = Outcome::default();
    for program in programs {
        outcome.add(program.run(rule, Some(test)).map_err(|error| error.to_string())?);
    }
    Ok(outcome)
}

/// Calls a function for each item, as many at a time as there may be tests, and returns what it finds wrong.
fn each<T: Send>(
    items: Vec<T>,
    find: impl Fn(T) -> Result<Option<String>, String> + Sync,
) -> Result<Vec<String>, Box<dyn Error>> {
    let queue = Mutex::new(items.into_iter());
    let (queue, find) = (&queue, &find);
    let next = || queue.lock().ok()?.next();
    thread::scope(|scope| {
        let work = || {
            std::iter::from_fn(next).filter_map(|item| find(item).transpose()).collect::<Result<Vec<_>, _>>()
        };
        let workers: Vec<_> = (0..threads()).map(|_| scope.spawn(work)).collect();
        let mut wrong = Vec::new();
        for worker in workers {
            wrong.extend(worker.join().map_err(|_| "a thread has panicked")??);
        }
        Ok(wrong)
    })
}
