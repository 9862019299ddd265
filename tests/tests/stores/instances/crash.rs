//! A process that is killed while the app's handler runs.

use std::time::Duration;

use nango_core::ConnectionStore as _;
use nango_emulator::{Credentials, Emulator};
use nango_sqlx::PostgresStore;
use nango_tests::eventually;

use super::instance::Instance;
use super::lease::SweepDatabase;

/// The longest time until the handler is called, by a sweeper at worst.
const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn a_handler_that_dies_with_its_process_is_called_again_for_the_same_change() {
    let database = SweepDatabase::create().await;
    let emulator = Emulator::builder().listen("127.0.0.1:0").start().await.unwrap();
    let killed = Instance::with_handler(database.url(), &emulator, Duration::from_secs(4));
    emulator.set_webhook_url(format!("{}/nango/webhook", killed.url()));
    let session = emulator.create_session(&[("end_user_id", "alice"), ("owner_kind", "user")]);
    emulator.connect(&session, "openai", Credentials::api_key("sk-test")).await.unwrap();
    let is_begun = async || !killed.logged("the handler begins with ").is_empty();
    eventually(SOON, "the handler is called", is_begun).await;
    killed.kill();
    assert!(killed.logged("the handler returns from ").is_empty(), "it was not killed in the middle");
    let store = PostgresStore::connect(database.url()).await.unwrap();
    let is_announced = async || store.page(None, 1).await.unwrap()[0].announced;
    assert!(!is_announced().await);

    let next = Instance::with_handler(database.url(), &emulator, Duration::ZERO);
    eventually(SOON, "the handler is called again", is_announced).await;
    assert_eq!(next.logged("the handler returns from "), killed.logged("the handler begins with "));
}
