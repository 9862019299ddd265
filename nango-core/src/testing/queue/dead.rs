//! Guarantee 7: dead letters.

use std::sync::Arc;

use nango_client::Timestamp;

use super::events::{claim_all, claim_one, push_all};
use crate::queue::{Outcome, QueueDepth, Settlement, WorkQueue};

/// Dead letters are not claimed. They are listed by key, in pages, until they are replayed or discarded.
/// Guarantee 7.
pub async fn dead_letters_are_listed_replayed_and_discarded(queue: &Arc<dyn WorkQueue>) {
    let mut keys = push_all(&**queue, 5).await;
    keys.sort();
    let before = Timestamp::now();
    let dead = |claim| Settlement::new(claim, Outcome::Dead { failures: 7, reason: "no ø".into() });
    let claims = claim_all(&**queue).await;
    let texts: Vec<_> = claims.iter().map(|claim| claim.event.clone()).collect();
    let settlements: Vec<_> = claims.into_iter().map(dead).collect();
    queue.settle(&settlements).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(0, 0, 5));
    assert!(queue.claim(10).await.unwrap().is_empty());

    let first = queue.dead_letters(None, 3).await.unwrap();
    let rest = queue.dead_letters(Some(&keys[2]), 10).await.unwrap();
    let listed: Vec<_> = first.iter().chain(&rest).collect();
    assert_eq!(listed.iter().map(|letter| &letter.key).collect::<Vec<_>>(), keys.iter().collect::<Vec<_>>());
    for letter in listed {
        assert_eq!((letter.failures, letter.deaths, letter.reason.as_str()), (7, 0, "no ø"));
        assert!(texts.contains(&letter.event));
        let age = letter.since.since(before).as_secs();
        assert!(age < 60 && before.since(letter.since).as_secs() < 60, "the time at which it was given up");
    }

    assert!(queue.replay(&keys[1]).await.unwrap());
    assert!(!queue.replay(&keys[1]).await.unwrap(), "it waits already");
    assert!(!queue.discard(&keys[1]).await.unwrap(), "it is no dead letter any more");
    assert!(queue.discard(&keys[0]).await.unwrap());
    assert!(!queue.discard(&keys[0]).await.unwrap() && !queue.replay(&keys[0]).await.unwrap());
    assert!(!queue.replay("of no event").await.unwrap());
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 3));
    let again = claim_one(&**queue).await;
    assert_eq!((&again.key, again.failures, again.deaths), (&keys[1], 0, 0), "as if it were new");
}
