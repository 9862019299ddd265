//! Handlers that overtake each other at every point where they can, while the connection changes at Nango.
//!
//! Small scenes are played in every order, larger ones in random orders: see [`cases`](crate::cases).

use nango_core::ConnectionRef;
use nango_emulator::{Credentials, Emulator};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::acts::Act;
use crate::moves::Move;
use crate::schedule::{Scene, play};
use crate::store::Point;
use crate::world::World;

/// A connection of alice's, which the app knows, and one scene. Then everything is delivered that was not.
async fn case(emulator: Emulator, scene: &Scene, choose: &mut dyn FnMut(usize) -> usize) -> Emulator {
    let mut world = World::on(emulator);
    // Only OAuth can be denied.
    let (integration, credentials) = match scene.moves.contains(&Move::Denied) {
        true => ("slack", Credentials::oauth2()),
        false => ("openai", Credentials::api_key("sk-test")),
    };
    let tags = [
        ("end_user_id", "alice"),
        ("end_user_email", "alice@acme.example"),
        ("organization_id", "acme"),
        ("owner_kind", "user"),
    ];
    let session = world.emulator.create_session(&tags);
    let made = world.emulator.connect(&session, integration, credentials).await.unwrap();
    let key = ConnectionRef::new(made.integration, made.connection_id);
    world.note_maker(&key, "alice").await;
    world.collect();
    world.deliver_all().await;
    // Once more: the first look that sees something new asks for another one.
    world.receive(&world.delivered[0]).await;
    let _trace = play(&mut world, &key, scene, choose).await;
    world.deliver_all().await;
    world.drain().await;
    if scene.moves.iter().any(|a_move| a_move.is_silent()) {
        world.nango.sweep().allow_mass_removal().run().await.unwrap();
        world.check_now().await;
    }
    world.check_end().await;
    world.emulator
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Plays a scene in every order; says in how many.
async fn every_order(mut emulator: Emulator, scene: &Scene) -> (Emulator, usize) {
    // The choices of the last run: which, of how many.
    let mut choices: Vec<(usize, usize)> = Vec::new();
    for run in 1.. {
        let mut depth = 0;
        let mut choose = |of: usize| {
            if depth == choices.len() {
                choices.push((0, of));
            }
            let (choice, known) = choices[depth];
            assert_eq!(of, known, "the same choices lead to the same place");
            depth += 1;
            choice
        };
        emulator = case(emulator, scene, &mut choose).await;
        choices.truncate(depth);
        while choices.pop_if(|(choice, of)| *choice + 1 == *of).is_some() {}
        match choices.last_mut() {
            Some((choice, _)) => *choice += 1,
            None => return (emulator, run),
        }
    }
    unreachable!("a scene has an end")
}

/// Plays each of the scenes in every order.
fn every_order_of(scenes: impl IntoIterator<Item = Scene>, at_least: usize) {
    let orders = runtime().block_on(async {
        let mut emulator = World::new().await.emulator;
        let mut orders = 0;
        for scene in scenes {
            let played;
            (emulator, played) = every_order(emulator, &scene).await;
            orders += played;
        }
        orders
    });
    println!("{orders} orders");
    assert!(orders >= at_least, "only {orders} orders");
}

const MOVES: [Move; 8] = [
    Move::Revoked,
    Move::ReconnectedByUs,
    Move::ReconnectedByOthers,
    Move::Denied,
    Move::Deleted,
    Move::MadeAgain,
    Move::MadeAgainForBob,
    Move::Retagged,
];

fn scenes(acts: &[(Act, usize)], moves: &[&[Move]]) -> Vec<Scene> {
    let scene = |moves: &&[Move]| Scene { acts: acts.to_vec(), moves: moves.to_vec(), stops: Point::READING };
    moves.iter().map(scene).collect()
}

fn each() -> Vec<&'static [Move]> {
    MOVES.iter().map(std::slice::from_ref).collect()
}

#[test]
fn an_old_look_never_wins_over_a_newer_one_of_another_instance() {
    every_order_of(scenes(&[(Act::Oldest, 0), (Act::Newest { after: 1 }, 1)], &each()), 100);
}

#[test]
fn an_old_look_never_wins_over_a_newer_one_of_the_same_instance() {
    every_order_of(scenes(&[(Act::Oldest, 0), (Act::Newest { after: 1 }, 0)], &each()), 100);
}

#[test]
fn of_two_pieces_of_news_the_later_one_wins() {
    let moves: [&[Move]; 6] = [
        &[Move::Revoked, Move::ReconnectedByUs],
        &[Move::Revoked, Move::Restored],
        &[Move::ReconnectedByUs, Move::Revoked],
        &[Move::ReconnectedByOthers, Move::ReconnectedByUs],
        &[Move::Revoked, Move::MadeAgain],
        &[Move::MadeAgain, Move::MadeAgainForBob],
    ];
    every_order_of(scenes(&[(Act::Newest { after: 1 }, 0), (Act::Newest { after: 2 }, 1)], &moves), 100);
}

#[test]
fn what_is_disconnected_stays_so_whoever_looks_meanwhile() {
    let moves: [&[Move]; 3] = [&[], &[Move::ReconnectedByUs], &[Move::MadeAgainForBob]];
    every_order_of(scenes(&[(Act::Newest { after: 1 }, 0), (Act::Disconnect, 1)], &moves), 100);
}

/// What leaves other traces in the row, each in its own way.
const TELLING: [&[Move]; 3] = [&[Move::Revoked], &[Move::ReconnectedByOthers], &[Move::MadeAgainForBob]];

#[test]
fn a_sweep_writes_no_old_truth_over_a_new_one() {
    // What it gives back is looked at twice more, which makes thousands of orders: the random ones have those.
    let moves = [TELLING[0], TELLING[2]];
    every_order_of(scenes(&[(Act::Sweep, 0), (Act::Newest { after: 1 }, 1)], &moves), 50);
}

#[test]
fn looking_for_an_owner_writes_no_old_truth_over_a_new_one() {
    every_order_of(scenes(&[(Act::Sync, 0), (Act::Newest { after: 1 }, 1)], &TELLING[..2]), 100);
}

#[test]
fn a_check_writes_no_old_truth_over_a_new_one() {
    every_order_of(scenes(&[(Act::Check, 0), (Act::Newest { after: 1 }, 1)], &TELLING[1..]), 100);
}

#[test]
fn what_is_given_to_somebody_else_stays_theirs_whoever_looks_meanwhile() {
    let moves: [&[Move]; 3] = [&[], &[Move::ReconnectedByUs], &[Move::MadeAgain]];
    every_order_of(scenes(&[(Act::Newest { after: 1 }, 0), (Act::Transfer, 1)], &moves), 100);
    every_order_of(scenes(&[(Act::Disconnect, 0), (Act::Transfer, 1)], &moves[..1]), 10);
}

#[test]
fn what_the_app_hears_last_is_how_it_is() {
    const HEARING: &[Point] = &[Point::Hearing];
    let moves: [&[Move]; 2] = [&[Move::Revoked, Move::Deleted], &[Move::Revoked, Move::MadeAgainForBob]];
    let scenes = scenes(&[(Act::Check, 0), (Act::Oldest, 1)], &moves);
    every_order_of(scenes.into_iter().map(|scene| Scene { stops: HEARING, ..scene }), 100);
}

fn any_scene() -> impl Strategy<Value = Scene> {
    let acts = [
        Act::Newest { after: 0 },
        Act::Newest { after: 1 },
        Act::Newest { after: 2 },
        Act::Oldest,
        Act::Lie { genuine: true },
        Act::Lie { genuine: false },
        Act::Check,
        Act::Disconnect,
        Act::Sweep,
        Act::Sync,
        Act::Transfer,
    ];
    let acts = prop::collection::vec((prop::sample::select(acts.to_vec()), 0_usize..2), 2..5);
    // Who looks for more than a delivery calls for has an instance of their own.
    let acts = acts.prop_map(|acts| {
        let placed = |(n, (act, instance)): (usize, (Act, usize))| match act {
            Act::Newest { .. } | Act::Oldest | Act::Lie { .. } => (act, instance),
            Act::Check | Act::Disconnect | Act::Sweep | Act::Sync | Act::Transfer => (act, 2 + n),
        };
        acts.into_iter().enumerate().map(placed).collect()
    });
    let moves = MOVES.into_iter().chain([Move::Restored]).collect::<Vec<_>>();
    let moves = prop::collection::vec(prop::sample::select(moves), 0..4);
    (acts, moves).prop_map(|(acts, moves)| Scene { acts, moves, stops: Point::ALL })
}

proptest! {
    #![proptest_config(crate::cases(500))]

    #[test]
    fn more_at_work_and_more_moves(scene in any_scene(), order in prop::collection::vec(0_usize..60, 64)) {
        let mut order = order.into_iter().cycle();
        let mut choose = |of: usize| order.next().map_or(0, |n| n % of);
        runtime().block_on(async {
            let emulator = World::new().await.emulator;
            drop(case(emulator, &scene, &mut choose).await);
        });
    }
}
