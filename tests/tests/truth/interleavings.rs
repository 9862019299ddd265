//! Operations that overtake each other at every point where they can, while the connection changes
//! at Nango.
//!
//! Small scenarios are played in every order, larger ones in random orders.

use std::collections::BTreeSet;

use nango_core::ConnectionKey;
use nango_emulator::{Credentials, Emulator};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::harness::Harness;
use crate::operation::Operation;
use crate::random;
use crate::scenario::{Scenario, Trace, play};
use crate::store::Point;
use crate::upstream::UpstreamEvent;

/// Plays a scenario on a connection of alice's, which the app knows, then delivers everything that
/// waits.
async fn case(
    emulator: Emulator,
    scenario: &Scenario,
    choose: &mut dyn FnMut(usize) -> usize,
) -> (Emulator, Trace) {
    let mut harness = Harness::on(emulator);
    // Only OAuth can be denied.
    let (integration, credentials) = match scenario.events.contains(&UpstreamEvent::Denied) {
        true => ("slack", Credentials::oauth2()),
        false => ("openai", Credentials::api_key("sk-test")),
    };
    let tags = [
        ("end_user_id", "alice"),
        ("end_user_email", "alice@acme.example"),
        ("organization_id", "acme"),
        ("owner_kind", "user"),
    ];
    let session = harness.emulator.create_session(&tags);
    let made = harness.emulator.connect(&session, integration, credentials).await.unwrap();
    let key = ConnectionKey::new(made.integration, made.connection_id);
    harness.note_owner(&key, "alice").await;
    harness.collect();
    harness.deliver_all().await;
    // Once more: the first look that sees a change leaves a mark for another one.
    harness.receive(&harness.delivered[0]).await;
    let trace = play(&mut harness, &key, scenario, choose).await;
    // Of the changes of a sweep's pages the drain notifies.
    if !scenario.operations.iter().any(|(operation, _)| *operation == Operation::Sweep) {
        harness.check_announced().await;
    }
    harness.deliver_all().await;
    harness.drain().await;
    if scenario.events.iter().any(|event| event.is_silent()) {
        let _ = harness.nango.sweep().allow_mass_removal().run().await.unwrap();
        harness.check_now().await;
    }
    harness.check_end().await;
    (harness.emulator, trace)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Plays a scenario in every order; returns their number.
async fn every_order(mut emulator: Emulator, mut scenario: Scenario) -> (Emulator, usize) {
    // The choices of the last run, each with the number of steps that it was made from.
    let mut choices: Vec<(usize, usize)> = Vec::new();
    let mut orders = 0;
    loop {
        let mut depth = 0;
        let mut choose = |of: usize| {
            if depth == choices.len() {
                choices.push((0, of));
            }
            let (choice, known) = choices[depth];
            assert_eq!(of, known, "the same choices lead to the same state");
            depth += 1;
            choice
        };
        let trace;
        (emulator, trace) = case(emulator, &scenario, &mut choose).await;
        if !trace.mispredicted.is_empty() {
            // Orders that matter may have been left out.
            scenario.mispredicted.extend(&trace.mispredicted);
            choices.clear();
            orders = 0;
            continue;
        }
        orders += 1;
        choices.truncate(depth);
        while choices.pop_if(|(choice, of)| *choice + 1 == *of).is_some() {}
        match choices.last_mut() {
            Some((choice, _)) => *choice += 1,
            None => return (emulator, orders),
        }
    }
}

/// Plays each of the scenarios in every order, and asserts that there are as many as ever.
fn every_order_of(scenarios: impl IntoIterator<Item = Scenario>, at_least: usize) {
    let orders = runtime().block_on(async {
        let mut emulator = Harness::new().await.emulator;
        let mut orders = 0;
        for scenario in scenarios {
            let played;
            (emulator, played) = every_order(emulator, scenario).await;
            orders += played;
        }
        orders
    });
    println!("{orders} orders");
    assert!(orders >= at_least, "only {orders} orders");
}

const EVENTS: [UpstreamEvent; 8] = [
    UpstreamEvent::Revoked,
    UpstreamEvent::Reconnected,
    UpstreamEvent::ReconnectedWithoutTags,
    UpstreamEvent::Denied,
    UpstreamEvent::Deleted,
    UpstreamEvent::Recreated,
    UpstreamEvent::RecreatedForBob,
    UpstreamEvent::Retagged,
];

fn scenarios(operations: &[(Operation, usize)], events: &[&[UpstreamEvent]]) -> Vec<Scenario> {
    let scenario = |events: &&[UpstreamEvent]| Scenario {
        operations: operations.to_vec(),
        events: events.to_vec(),
        stops: Point::READS,
        mispredicted: BTreeSet::new(),
    };
    events.iter().map(scenario).collect()
}

fn each() -> Vec<&'static [UpstreamEvent]> {
    EVENTS.iter().map(std::slice::from_ref).collect()
}

#[test]
fn an_undisturbed_operation_makes_as_many_stops_as_ever() {
    use Operation::{Check, Disconnect, ReceiveNewest, ReceiveOldest, Sweep, Sync, Transfer};
    let operations = [
        (Check, 5),
        (Disconnect, 5),
        (ReceiveNewest { after: 0 }, 3),
        (ReceiveOldest, 3),
        (Sweep, 4),
        (Sync, 4),
        (Transfer, 6),
    ];
    runtime().block_on(async {
        let mut emulator = Harness::new().await.emulator;
        for (operation, at_least) in operations {
            let scenario = scenarios(&[(operation, 0)], &[&[]]).remove(0);
            let trace;
            (emulator, trace) = case(emulator, &scenario, &mut |_| 0).await;
            println!("{operation:?}: {:?}", trace.accesses);
            assert!(trace.accesses.len() >= at_least, "fewer stops leave orders out: {operation:?}");
            assert!(trace.mispredicted.is_empty(), "{operation:?}: {:?}", trace.mispredicted);
        }
    });
}

#[test]
fn a_stale_look_of_one_instance_never_overwrites_a_newer_one_of_another() {
    let operations = [(Operation::ReceiveOldest, 0), (Operation::ReceiveNewest { after: 1 }, 1)];
    every_order_of(scenarios(&operations, &each()), 100);
}

#[test]
fn a_stale_look_never_overwrites_a_newer_one_of_the_same_instance() {
    let operations = [(Operation::ReceiveOldest, 0), (Operation::ReceiveNewest { after: 1 }, 0)];
    every_order_of(scenarios(&operations, &each()), 100);
}

#[test]
fn the_later_of_two_deliveries_wins() {
    use UpstreamEvent::{Reconnected, ReconnectedWithoutTags, Recreated, RecreatedForBob, Restored, Revoked};
    let events: [&[UpstreamEvent]; 6] = [
        &[Revoked, Reconnected],
        &[Revoked, Restored],
        &[Reconnected, Revoked],
        &[ReconnectedWithoutTags, Reconnected],
        &[Revoked, Recreated],
        &[Recreated, RecreatedForBob],
    ];
    let operations = [(Operation::ReceiveNewest { after: 1 }, 0), (Operation::ReceiveNewest { after: 2 }, 1)];
    every_order_of(scenarios(&operations, &events), 100);
}

#[test]
fn a_disconnected_connection_stays_so_during_concurrent_looks() {
    let events: [&[UpstreamEvent]; 3] =
        [&[], &[UpstreamEvent::Reconnected], &[UpstreamEvent::RecreatedForBob]];
    let operations = [(Operation::ReceiveNewest { after: 1 }, 0), (Operation::Disconnect, 1)];
    every_order_of(scenarios(&operations, &events), 100);
}

/// Events that change different parts of the row.
const DISTINCT: [&[UpstreamEvent]; 3] =
    [&[UpstreamEvent::Revoked], &[UpstreamEvent::ReconnectedWithoutTags], &[UpstreamEvent::RecreatedForBob]];

#[test]
fn a_sweep_never_overwrites_a_newer_state() {
    // A repair is followed by two more looks, which makes thousands of orders: the random ones have
    // those.
    let events = [DISTINCT[0], DISTINCT[2]];
    let operations = [(Operation::Sweep, 0), (Operation::ReceiveNewest { after: 1 }, 1)];
    every_order_of(scenarios(&operations, &events), 50);
}

#[test]
fn a_sync_never_overwrites_a_newer_state() {
    let operations = [(Operation::Sync, 0), (Operation::ReceiveNewest { after: 1 }, 1)];
    every_order_of(scenarios(&operations, &DISTINCT[..2]), 100);
}

#[test]
fn a_check_never_overwrites_a_newer_state() {
    let operations = [(Operation::Check, 0), (Operation::ReceiveNewest { after: 1 }, 1)];
    every_order_of(scenarios(&operations, &DISTINCT[1..]), 100);
}

#[test]
fn a_transferred_connection_stays_so_during_concurrent_looks() {
    let events: [&[UpstreamEvent]; 3] = [&[], &[UpstreamEvent::Reconnected], &[UpstreamEvent::Recreated]];
    let operations = [(Operation::ReceiveNewest { after: 1 }, 0), (Operation::Transfer, 1)];
    every_order_of(scenarios(&operations, &events), 100);
    let operations = [(Operation::Disconnect, 0), (Operation::Transfer, 1)];
    every_order_of(scenarios(&operations, &events[..1]), 10);
}

#[test]
fn the_last_notification_is_of_the_current_state() {
    const IN_HANDLER: &[Point] = &[Point::InHandler];
    let events: [&[UpstreamEvent]; 2] = [
        &[UpstreamEvent::Revoked, UpstreamEvent::Deleted],
        &[UpstreamEvent::Revoked, UpstreamEvent::RecreatedForBob],
    ];
    let scenarios = scenarios(&[(Operation::Check, 0), (Operation::ReceiveOldest, 1)], &events);
    every_order_of(scenarios.into_iter().map(|scenario| Scenario { stops: IN_HANDLER, ..scenario }), 100);
}

#[test]
fn no_change_waits_for_the_sweeper_while_the_handler_works() {
    const AROUND_HANDLER: &[Point] = &[Point::AfterRead, Point::InHandler, Point::AfterWrite];
    let events: [&[UpstreamEvent]; 1] = [&[UpstreamEvent::Revoked, UpstreamEvent::RecreatedForBob]];
    let operations = [(Operation::ReceiveOldest, 0), (Operation::ReceiveNewest { after: 2 }, 0)];
    let scenarios = scenarios(&operations, &events);
    every_order_of(scenarios.into_iter().map(|scenario| Scenario { stops: AROUND_HANDLER, ..scenario }), 500);
}

fn any_scenario() -> impl Strategy<Value = Scenario> {
    let operations = [
        Operation::ReceiveNewest { after: 0 },
        Operation::ReceiveNewest { after: 1 },
        Operation::ReceiveNewest { after: 2 },
        Operation::ReceiveOldest,
        Operation::ReceiveFalse { signed: true },
        Operation::ReceiveFalse { signed: false },
        Operation::Check,
        Operation::Disconnect,
        Operation::Sweep,
        Operation::Sync,
        Operation::Transfer,
    ];
    let operations = prop::collection::vec((prop::sample::select(operations.to_vec()), 0_usize..2), 2..5);
    // An operation that makes further looks has an instance of its own.
    let operations = operations.prop_map(|operations| {
        let placed = |(n, (operation, instance)): (usize, (Operation, usize))| {
            (operation, if operation.queues() { instance } else { 2 + n })
        };
        operations.into_iter().enumerate().map(placed).collect()
    });
    let events = EVENTS.into_iter().chain([UpstreamEvent::Restored]).collect::<Vec<_>>();
    let events = prop::collection::vec(prop::sample::select(events), 0..4);
    (operations, events).prop_map(|(operations, events)| Scenario {
        operations,
        events,
        stops: Point::ALL,
        mispredicted: BTreeSet::new(),
    })
}

#[test]
fn larger_scenarios_agree_in_random_orders() {
    let order = prop::collection::vec(0_usize..60, 64);
    random::play((any_scenario(), order), 500, |(scenario, order)| {
        let mut order = order.into_iter().cycle();
        let mut choose = |of: usize| order.next().map_or(0, |n| n % of);
        runtime().block_on(async {
            let emulator = Harness::new().await.emulator;
            drop(case(emulator, &scenario, &mut choose).await);
        });
    });
}
