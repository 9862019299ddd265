//! Random histories, with deliveries in any order, repeated, lost, forged and handled two at a time.
//!
//! How many there are, says [`cases`](crate::cases).

use std::time::Duration;

use nango_core::ConnectionRef;
use nango_emulator::CallFaults;
use nango_tests::User;
use proptest::prelude::*;

use crate::moves::Move;
use crate::world::World;

/// What can happen. Numbers pick one of what there is.
#[derive(Debug, Clone)]
enum Event {
    Connect {
        user: bool,
        oauth: bool,
    },
    Move(Move, usize),
    Check(usize),
    DisconnectByUs(usize),
    Deliver(usize),
    /// Two deliveries at once, with Nango's answers held back for so many milliseconds.
    DeliverTwo(usize, usize, u8),
    DeliverAgain(usize),
    /// Genuine, and about a connection that never was.
    Invented,
    /// About a connection that is there, and with tags of somebody else.
    Stolen(usize),
    /// Signed by somebody else.
    Forged(usize),
}

fn event(silent: bool) -> impl Strategy<Value = Event> {
    let pick = || 0_usize..100;
    let moves = |moves: &[Move]| {
        (prop::sample::select(moves.to_vec()), pick()).prop_map(|(a_move, n)| Event::Move(a_move, n))
    };
    let heard = prop_oneof![
        4 => any::<(bool, bool)>().prop_map(|(user, oauth)| Event::Connect { user, oauth }),
        6 => moves(&[Move::ReconnectedByUs, Move::ReconnectedByOthers, Move::Revoked]),
        3 => moves(&[Move::MadeAgain, Move::MadeAgainForBob, Move::Denied]),
        1 => pick().prop_map(Event::Check),
        2 => pick().prop_map(Event::DisconnectByUs),
        4 => pick().prop_map(Event::Deliver),
        2 => (pick(), pick(), 0_u8..4).prop_map(|(a, b, held)| Event::DeliverTwo(a, b, held)),
        2 => pick().prop_map(Event::DeliverAgain),
        1 => Just(Event::Invented),
        1 => pick().prop_map(Event::Stolen),
        1 => pick().prop_map(Event::Forged),
        // Nobody has to hear of it: what was there before is right.
        1 => moves(&[Move::Retagged]),
    ];
    prop_oneof![
        8 => heard,
        2 * u32::from(silent) => moves(&[Move::Deleted, Move::Restored]),
    ]
}

impl World {
    async fn happen(&mut self, event: &Event) {
        match *event {
            Event::Connect { user, oauth } => {
                let user = User::named(if user { "alice" } else { "bob" }).unwrap();
                let session = self.nango.connect_session(&user).create().await.unwrap();
                let integration = if oauth { "slack" } else { "openai" };
                self.connect(session.token.expose(), integration, &user.id).await;
            }
            Event::Move(a_move, n) => {
                let Some(key) = self.pick(n).await else { return };
                self.make(&key, a_move).await;
            }
            Event::Check(n) => {
                let Some(key) = self.pick(n).await else { return };
                if let Some((_, connection)) = self.owned(&key).await {
                    connection.check().await.unwrap();
                }
            }
            Event::DisconnectByUs(n) => {
                let Some(key) = self.pick(n).await else { return };
                let Some((_, connection)) = self.owned(&key).await else { return };
                let was = self.now(&key).await.unwrap();
                connection.disconnect().await.unwrap();
                self.store.facts().disconnected.insert((was.key, was.incarnation));
            }
            Event::Deliver(n) => {
                if let Some(one) = take(&mut self.waiting, n) {
                    self.receive(&one).await;
                    self.delivered.push(one);
                }
            }
            Event::DeliverTwo(a, b, held) => {
                if self.waiting.len() < 2 {
                    return;
                }
                let (one, other) = (take(&mut self.waiting, a), take(&mut self.waiting, b));
                let (Some(one), Some(other)) = (one, other) else { return };
                let held = Duration::from_millis(u64::from(held));
                self.emulator.fail_calls(CallFaults::delay("/connections*", held, 1));
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
                let key = ConnectionRef::new("openai", "00000000-0000-4000-8000-000000000000");
                self.hear_lie(&key, "alice", true).await;
            }
            Event::Stolen(n) => {
                let Some(key) = self.pick(n).await else { return };
                self.hear_lie(&key, "carol", true).await;
            }
            Event::Forged(n) => {
                let Some(key) = self.pick(n).await else { return };
                self.hear_lie(&key, "carol", false).await;
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
        let mut world = World::new().await;
        for event in history {
            world.happen(event).await;
            world.collect();
            world.check_now().await;
        }
        for n in order.iter().chain(std::iter::repeat(&0)) {
            let Some(one) = take(&mut world.waiting, *n) else { break };
            if !(dropped && n % 2 == 0) {
                world.receive(&one).await;
                world.check_now().await;
            }
        }
        if dropped {
            world.nango.sweep().allow_mass_removal().run().await.unwrap();
        }
        world.drain().await;
        world.check_end().await;
    });
}

fn history(silent: bool) -> impl Strategy<Value = (Vec<Event>, Vec<usize>)> {
    (prop::collection::vec(event(silent), 1..16), prop::collection::vec(0_usize..100, 16))
}

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn where_nothing_is_lost_deliveries_are_enough((history, order) in history(false)) {
        run(&history, &order, false);
    }

    #[test]
    fn where_deliveries_are_lost_one_sweep_is_enough((history, order) in history(true)) {
        run(&history, &order, true);
    }
}
