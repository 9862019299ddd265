//! Random histories, with deliveries in any order, repeated, lost, forged, and handled two at a
//! time.

use std::time::Duration;

use nango_core::ConnectionKey;
use nango_emulator::CallFaults;
use nango_tests::User;
use proptest::prelude::*;

use crate::harness::Harness;
use crate::random;
use crate::upstream::UpstreamEvent;

/// What happens next. Numbers pick one of what there is.
#[derive(Debug, Clone)]
enum Event {
    Connect {
        user: bool,
        oauth: bool,
    },
    Upstream(UpstreamEvent, usize),
    Check(usize),
    Disconnect(usize),
    Deliver(usize),
    /// Two deliveries at once, with Nango's answers delayed by so many milliseconds.
    DeliverTwo(usize, usize, u8),
    DeliverAgain(usize),
    /// A signed delivery about a connection that never existed.
    Invented,
    /// A signed delivery about a connection, with another owner's tags.
    Stolen(usize),
    /// A delivery with another key's signature.
    Forged(usize),
}

fn event(silent: bool) -> impl Strategy<Value = Event> {
    let pick = || 0_usize..100;
    let upstream = |events: &[UpstreamEvent]| {
        (prop::sample::select(events.to_vec()), pick()).prop_map(|(event, n)| Event::Upstream(event, n))
    };
    use UpstreamEvent::{
        Deleted, Denied, Reconnected, ReconnectedWithoutTags, Recreated, RecreatedForBob, Restored, Retagged,
        Revoked,
    };
    let delivered = prop_oneof![
        4 => any::<(bool, bool)>().prop_map(|(user, oauth)| Event::Connect { user, oauth }),
        6 => upstream(&[Reconnected, ReconnectedWithoutTags, Revoked]),
        3 => upstream(&[Recreated, RecreatedForBob, Denied]),
        1 => pick().prop_map(Event::Check),
        2 => pick().prop_map(Event::Disconnect),
        4 => pick().prop_map(Event::Deliver),
        2 => (pick(), pick(), 0_u8..4).prop_map(|(a, b, delay)| Event::DeliverTwo(a, b, delay)),
        2 => pick().prop_map(Event::DeliverAgain),
        1 => Just(Event::Invented),
        1 => pick().prop_map(Event::Stolen),
        1 => pick().prop_map(Event::Forged),
        // Needs no delivery: the store is right without one.
        1 => upstream(&[Retagged]),
    ];
    prop_oneof![
        8 => delivered,
        2 * u32::from(silent) => upstream(&[Deleted, Restored]),
    ]
}

impl Harness {
    async fn play(&mut self, event: &Event) {
        match *event {
            Event::Connect { user, oauth } => {
                let user = User::named(if user { "alice" } else { "bob" }).unwrap();
                let session = self.nango.connect_session(&user).create().await.unwrap();
                let integration = if oauth { "slack" } else { "openai" };
                self.connect(session.token.expose(), integration, &user.id).await;
            }
            Event::Upstream(event, n) => {
                let Some(key) = self.pick(n).await else { return };
                self.cause(&key, event).await;
            }
            Event::Check(n) => {
                let Some(key) = self.pick(n).await else { return };
                if let Some((_, connection)) = self.owned(&key).await {
                    connection.check().await.unwrap();
                }
            }
            Event::Disconnect(n) => {
                let Some(key) = self.pick(n).await else { return };
                let Some((_, connection)) = self.owned(&key).await else { return };
                let was = self.now(&key).await.unwrap();
                connection.disconnect().await.unwrap();
                self.store.oracle().disconnected.insert((was.key, was.incarnation));
            }
            Event::Deliver(n) => {
                if let Some(one) = take(&mut self.waiting, n) {
                    self.receive(&one).await;
                    self.delivered.push(one);
                }
            }
            Event::DeliverTwo(a, b, delay) => {
                if self.waiting.len() < 2 {
                    return;
                }
                let (one, other) = (take(&mut self.waiting, a), take(&mut self.waiting, b));
                let (Some(one), Some(other)) = (one, other) else { return };
                let delay = Duration::from_millis(u64::from(delay));
                self.emulator.fail_calls(CallFaults::delay("/connections*", delay, 1));
                tokio::join!(self.receive(&one), self.receive(&other), self.receive(&one));
                self.emulator.clear_faults();
                self.emulator.drop_next(1_000);
                self.delivered.extend([one, other]);
            }
            Event::DeliverAgain(n) => {
                if !self.delivered.is_empty() {
                    self.receive(&self.delivered[n % self.delivered.len()]).await;
                }
            }
            Event::Invented => {
                let key = ConnectionKey::new("openai", "00000000-0000-4000-8000-000000000000");
                self.receive_false(&key, "alice", true).await;
            }
            Event::Stolen(n) => {
                let Some(key) = self.pick(n).await else { return };
                self.receive_false(&key, "carol", true).await;
            }
            Event::Forged(n) => {
                let Some(key) = self.pick(n).await else { return };
                self.receive_false(&key, "carol", false).await;
            }
        }
    }
}

fn take<T>(from: &mut Vec<T>, n: usize) -> Option<T> {
    if from.is_empty() { None } else { Some(from.remove(n % from.len())) }
}

fn run(history: &[Event], order: &[usize], dropped: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut harness = Harness::new().await;
        for event in history {
            harness.play(event).await;
            harness.collect();
            harness.check_now().await;
        }
        for n in order.iter().chain(std::iter::repeat(&0)) {
            let Some(one) = take(&mut harness.waiting, *n) else { break };
            if !(dropped && n % 2 == 0) {
                harness.receive(&one).await;
                harness.check_now().await;
            }
        }
        if dropped {
            let _ = harness.nango.sweep().allow_mass_removal().run().await.unwrap();
        }
        harness.drain().await;
        harness.check_end().await;
    });
}

fn history(silent: bool) -> impl Strategy<Value = (Vec<Event>, Vec<usize>)> {
    (prop::collection::vec(event(silent), 1..16), prop::collection::vec(0_usize..100, 16))
}

#[test]
fn deliveries_are_enough_where_none_is_lost() {
    random::play(history(false), 200, |(history, order)| run(&history, &order, false));
}

#[test]
fn one_sweep_is_enough_where_deliveries_are_lost() {
    random::play(history(true), 200, |(history, order)| run(&history, &order, true));
}
