//! The instructions of single functions, as callgrind counts them. `cargo checks instructions` compares them with
//! `instructions.json`.

#![expect(missing_docs, reason = "a benchmark is not a library")]
#![expect(unused_qualifications, reason = "written by the harness")]

use std::hint::black_box;

use gungraun::prelude::*;
use gungraun::{Callgrind, EntryPoint};
use http::request::Parts;
use nango_core::routes::{Admitted, Route, admit};
use nango_core::{Delivery, TagError, TagMapper, Tags, Verified};
use nango_micro::{
    Receiver, Signed, User, alice, auth, connection_path, copy_and_compare, find_route, forward, owner_head,
    sync, texts, webhook_head,
};

/// The C library has a `memcpy` and a `memcmp` for each generation of processors. With this it takes those that
/// every processor has.
const BASELINE: &str =
    "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX_Fast_Unaligned_Load,-BMI2,-ERMS,-FSRM,-MOVBE,-SSE4_1,-SSE4_2,-SSSE3";

fn callgrind() -> Callgrind {
    Callgrind::with_args(["--cache-sim=no"])
}

fn config() -> LibraryBenchmarkConfig {
    let mut config = LibraryBenchmarkConfig::default();
    config.env("GLIBC_TUNABLES", BASELINE).tool(callgrind());
    config
}

/// Collects only what a private function of nango-core executes, wherever it is called. Where the compiler has
/// inlined it, or its name has changed, nothing is collected, which the check takes for a failure.
fn within(function: &str) -> LibraryBenchmarkConfig {
    let mut config = config();
    config.tool(callgrind().entry_point(EntryPoint::Custom(format!("nango_core::{function}"))));
    config
}

#[library_benchmark]
fn calibration() -> usize {
    let texts = texts();
    copy_and_compare(black_box(&texts))
}

#[library_benchmark]
#[bench::auth(auth())]
#[bench::forward(forward())]
fn verify(signed: Signed) -> (Signed, Verified) {
    let verified = signed.verified();
    (signed, verified)
}

#[library_benchmark]
#[bench::auth(auth().verified())]
#[bench::forward(forward().verified())]
#[bench::sync(sync().verified())]
fn parse(verified: Verified) -> (Verified, Delivery) {
    let delivery = verified.delivery();
    (verified, delivery)
}

// A delivery with its look, from the call to the row in memory.
#[library_benchmark]
#[bench::known(Receiver::with_row())]
#[bench::new(Receiver::new())]
fn receive(receiver: Receiver) -> Receiver {
    receiver.receive();
    receiver
}

#[library_benchmark]
#[bench::known(args = (Receiver::with_row()), config = within("reconcile::looks::*::reconcile_known"))]
#[bench::new(args = (Receiver::new()), config = within("reconcile::looks::*::reconcile_new"))]
fn reconcile(receiver: Receiver) -> Receiver {
    receiver.receive();
    receiver
}

#[library_benchmark(config = within("owner::kinds::OwnerKinds::attribute"))]
fn attribute() -> Receiver {
    let receiver = Receiver::new();
    receiver.receive();
    receiver
}

#[library_benchmark]
#[bench::user(alice())]
fn to_tags(user: User) -> (User, Result<Tags, TagError>) {
    let tags = user.to_tags();
    (user, tags)
}

#[library_benchmark]
fn route() -> Option<Route> {
    find_route(black_box(connection_path()))
}

#[library_benchmark]
#[bench::disconnect(Receiver::new(), Route::Disconnect, owner_head())]
#[bench::webhook(Receiver::new(), Route::Webhook, webhook_head())]
fn admission(receiver: Receiver, route: Route, head: Parts) -> (Receiver, Option<Admitted>) {
    let admitted = admit(receiver.nango(), route, head).ok();
    (receiver, admitted)
}

// The store look-up of an owner's request.
#[library_benchmark]
#[bench::one(Receiver::with_row(), alice())]
fn connections(receiver: Receiver, user: User) -> (Receiver, User, usize) {
    let count = receiver.count(&user);
    (receiver, user, count)
}

library_benchmark_group!(
    name = micro;
    config = config();
    benchmarks = calibration, verify, parse, receive, reconcile, attribute, to_tags, route, admission, connections
);
main!(library_benchmark_groups = micro);
