//! The times of single functions.

use std::hint::black_box;

use divan::Bencher;
use nango_core::TagMapper;
use nango_core::routes::{Route, admit};
use nango_micro::{
    Receiver, User, alice, auth, connection_path, find_route, forward, owner_head, sync, webhook_head,
};

fn main() {
    divan::main();
}

#[divan::bench_group]
mod verify {
    use super::*;

    #[divan::bench]
    fn auth_delivery(bencher: Bencher<'_, '_>) {
        let signed = auth();
        bencher.bench_local(|| black_box(&signed).verified());
    }

    #[divan::bench]
    fn forward_of_16_kib(bencher: Bencher<'_, '_>) {
        let signed = forward();
        bencher.bench_local(|| black_box(&signed).verified());
    }
}

#[divan::bench_group]
mod parse {
    use super::*;

    #[divan::bench]
    fn auth_delivery(bencher: Bencher<'_, '_>) {
        let verified = auth().verified();
        bencher.bench_local(|| black_box(&verified).delivery());
    }

    #[divan::bench]
    fn sync_delivery(bencher: Bencher<'_, '_>) {
        let verified = sync().verified();
        bencher.bench_local(|| black_box(&verified).delivery());
    }

    #[divan::bench]
    fn forward_of_16_kib(bencher: Bencher<'_, '_>) {
        let verified = forward().verified();
        bencher.bench_local(|| black_box(&verified).delivery());
    }
}

/// With the look, the attribution and the write: reconciliation has no public function of its own.
#[divan::bench_group]
mod receive {
    use super::*;

    #[divan::bench]
    fn new_connection(bencher: Bencher<'_, '_>) {
        bencher.with_inputs(Receiver::new).bench_local_refs(|receiver| receiver.receive());
    }

    #[divan::bench]
    fn known_connection(bencher: Bencher<'_, '_>) {
        let receiver = Receiver::with_row();
        bencher.bench_local(|| receiver.receive());
    }
}

#[divan::bench_group]
mod owner {
    use super::*;

    #[divan::bench]
    fn to_tags(bencher: Bencher<'_, '_>) {
        let user = alice();
        bencher.bench_local(|| black_box(&user).to_tags());
    }

    #[divan::bench]
    fn id_from_tags(bencher: Bencher<'_, '_>) {
        let tags = alice().to_tags();
        bencher.bench_local(|| black_box(&tags).as_ref().map(User::id_from_tags));
    }

    #[divan::bench]
    fn connections(bencher: Bencher<'_, '_>) {
        let (receiver, user) = (Receiver::with_row(), alice());
        bencher.bench_local(|| receiver.count(black_box(&user)));
    }
}

#[divan::bench_group]
mod route {
    use super::*;

    #[divan::bench]
    fn find() -> Option<Route> {
        find_route(black_box(connection_path()))
    }

    #[divan::bench]
    fn admit_webhook(bencher: Bencher<'_, '_>) {
        let receiver = Receiver::new();
        bencher.with_inputs(webhook_head).bench_local_values(|head| {
            drop(black_box(admit(receiver.nango(), Route::Webhook, head)));
        });
    }

    #[divan::bench]
    fn admit_disconnect(bencher: Bencher<'_, '_>) {
        let receiver = Receiver::new();
        bencher.with_inputs(owner_head).bench_local_values(|head| {
            drop(black_box(admit(receiver.nango(), Route::Disconnect, head)));
        });
    }
}
