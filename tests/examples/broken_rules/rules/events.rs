//! Rules about events that wait in a queue.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "queued-before-answer",
        text: "a delivery is acknowledged once its event is in the queue",
        breaks: &["if BROKEN {
                let _ = queue.push(&event).await;
                return Ok(());
            }"],
        noticed_by: "worker::tests::a_queue_that_is_unavailable_costs_nothing_but_time",
    },
    Rule {
        name: "crash-loop",
        text: "an event at which workers end is given up",
        breaks: &["deaths if BROKEN && deaths > 0 => self.aside.push_back((claim, hold)),"],
        noticed_by: "worker::tests::an_event_at_which_workers_end_is_handled_alone_and_then_given_up",
    },
    Rule {
        name: "suspects-alone",
        text: "an event at which a worker has ended is handled alone",
        breaks: &["_ if BROKEN => {
                    self.running.spawn(self.jobs.clone().run(claim, hold));
                }"],
        noticed_by: "worker::tests::an_event_at_which_workers_end_is_handled_alone_and_then_given_up",
    },
];
