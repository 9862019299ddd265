//! The works, and what each shall reach.

use crate::figures::{Bound, CPU_US, MEMORY_MIB, P50_US, PER_SECOND, Target, Value, WAKE_UPS};
use crate::idle::Idle;
use crate::plan::Rows;
use crate::plan::{By, Fill, Framework};
use crate::proxied::Proxied;
use crate::requests::Requests;
use crate::served::Served;

/// The sides of most works.
const FLOOR: usize = 0;
const OURS: usize = 1;

/// A work, which is played in rounds.
pub(crate) struct Work {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) play: Play,
    pub(crate) targets: Vec<Target>,
}

pub(crate) enum Play {
    /// Sides that are apps, under a load.
    Served(Vec<Served>),
    Proxied(Proxied),
    Idle(Idle),
}

/// Returns all works; of a `quick` run with few rows.
pub(crate) fn all(quick: bool) -> Vec<Work> {
    let size = |rows: usize| if quick { (rows / 100).clamp(100, 1_000) } else { rows };
    let frameworks = [(Framework::Axum, "axum"), (Framework::Actix, "actix")];
    let mut works = Vec::new();
    for (framework, name) in frameworks {
        works.push(look(framework, name, size(10_000)));
    }
    for (rows, connections, bound) in [
        (Rows::Memory, 32, Bound::None),
        (Rows::Sqlite, 32, Bound::AtLeast(3.0)),
        (Rows::Sqlite, 1, Bound::AtLeast(0.95)),
        (Rows::Postgres, 32, Bound::AtLeast(0.9)),
    ] {
        works.push(mark(rows, connections, bound, size(10_000)));
    }
    for (framework, name) in frameworks {
        works.push(token(framework, name, size(10_000)));
    }
    for (framework, name) in frameworks {
        works.push(list_in_memory(framework, name, size(1_000)));
    }
    for rows in [Rows::Sqlite, Rows::Postgres] {
        works.push(list(rows, size(1_000), size(1_000_000)));
    }
    for rows in [Rows::Memory, Rows::Sqlite] {
        works.push(proxied(rows, size(1_000)));
    }
    works.push(idle(size(100_000)));
    works
}

fn look(framework: Framework, name: &str, deliveries: usize) -> Work {
    let side = |by| Served {
        looks: true,
        framework,
        connections_at_nango: deliveries,
        ..Served::new(by, Rows::Memory, 32, Requests::Deliveries(deliveries))
    };
    let bound = Bound::AtLeast(0.95);
    pair(format!("look-{name}"), "delivery, within the budget of looks: a look, a row in memory", side, bound)
}

fn mark(rows: Rows, connections: usize, bound: Bound, deliveries: usize) -> Work {
    let side = |by| Served {
        fill: Some(Fill { rows: deliveries, of_each_owner: 1 }),
        ..Served::new(by, rows, connections, Requests::Deliveries(deliveries))
    };
    let about = "delivery, beyond the budget: a mark, beside an upsert";
    pair(format!("mark-{}-{connections}", rows.name()), about, side, bound)
}

fn token(framework: Framework, name: &str, users: usize) -> Work {
    let side = |by| Served { framework, ..Served::new(by, Rows::Memory, 32, Requests::Tokens(users)) };
    pair(format!("token-{name}"), "a session token", side, Bound::AtLeast(0.98))
}

fn list_in_memory(framework: Framework, name: &str, rows: usize) -> Work {
    let fill = Fill { rows, of_each_owner: 5 };
    let side = |by| Served {
        framework,
        fill: Some(fill),
        ..Served::new(by, Rows::Memory, 32, Requests::Lists(rows / 5))
    };
    pair(format!("list-memory-{name}"), "the list of an owner with 5 of 1,000 rows", side, Bound::None)
}

/// Four sides: those of a small table, and those of a large one.
fn list(rows: Rows, small: usize, large: usize) -> Work {
    let side = |by, count| Served {
        fill: Some(Fill { rows: count, of_each_owner: 5 }),
        ..Served::new(by, rows, 32, Requests::Lists(count / 5))
    };
    let sides =
        vec![side(By::Floor, small), side(By::Ours, small), side(By::Floor, large), side(By::Ours, large)];
    let target = |name: &str, value, bound| Target { name: name.to_owned(), value, bound };
    Work {
        name: format!("list-{}", rows.name()),
        about: "the list of an owner with 5 of 1,000 rows, and of 1,000,000".to_owned(),
        play: Play::Served(sides),
        targets: vec![
            target("ours / floor, 1,000 rows", Value::Ratio(PER_SECOND, 1, 0), Bound::AtLeast(0.98)),
            target("ours / floor, 1,000,000 rows", Value::Ratio(PER_SECOND, 3, 2), Bound::AtLeast(0.98)),
            target("floor, 1,000,000 / 1,000 rows", Value::Ratio(PER_SECOND, 2, 0), Bound::None),
            target("ours, 1,000,000 / 1,000 rows", Value::Ratio(PER_SECOND, 3, 1), Bound::AtLeast(0.95)),
        ],
    }
}

fn proxied(rows: Rows, count: usize) -> Work {
    let target = |name: &str, value, bound| Target { name: name.to_owned(), value, bound };
    Work {
        name: format!("proxied-{}", rows.name()),
        about: "a call to a provider after a look-up; one of the two is enough".to_owned(),
        play: Play::Proxied(Proxied { rows, fill: Fill { rows: count, of_each_owner: 1 } }),
        targets: vec![
            target("ours / floor, time", Value::Ratio(P50_US, OURS, FLOOR), Bound::AtMost(1.05)),
            target("ours - floor, us", Value::Over(P50_US, OURS, FLOOR), Bound::AtMost(100.0)),
        ],
    }
}

fn idle(connections: usize) -> Work {
    let target = |name: &str, value, bound| Target { name: name.to_owned(), value, bound };
    Work {
        name: "idle".to_owned(),
        about: "an app that waits, with 100,000 connections on SQLite: ours with a sweeper, and without one"
            .to_owned(),
        play: Play::Idle(Idle { connections }),
        targets: vec![
            target("memory with a sweeper, MiB", Value::Figure(MEMORY_MIB, OURS), Bound::AtMost(20.0)),
            target("wake-ups/s with a sweeper", Value::Figure(WAKE_UPS, OURS), Bound::None),
            target("wake-ups/s without one", Value::Figure(WAKE_UPS, 2), Bound::AtMost(0.1)),
        ],
    }
}

/// Creates a work of two sides, ours beside a floor.
fn pair(name: String, about: &str, side: impl Fn(By) -> Served, bound: Bound) -> Work {
    let target = |name: &str, value, bound| Target { name: name.to_owned(), value, bound };
    Work {
        name,
        about: about.to_owned(),
        play: Play::Served(vec![side(By::Floor), side(By::Ours)]),
        targets: vec![
            target("ours / floor", Value::Ratio(PER_SECOND, OURS, FLOOR), bound),
            target("ours / floor, CPU of the app", Value::Ratio(CPU_US, OURS, FLOOR), Bound::None),
        ],
    }
}
