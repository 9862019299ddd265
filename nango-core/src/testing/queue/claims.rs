//! Guarantees 1 to 3, 6 and 8: pushes and claims.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::events::{claim_all, claim_one, event, event_with, push_all, signed};
use crate::queue::{Outcome, QueueDepth, QueuedEvent, Settlement, WorkQueue};

/// A pushed event is returned by one claim, and by no other while that holds. Guarantee 1.
pub async fn a_pushed_event_is_claimed_once(queue: &Arc<dyn WorkQueue>) {
    assert!(queue.claim(10).await.unwrap().is_empty(), "the queue is empty");
    let event = event(1);
    queue.push(&event).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
    let claim = claim_one(&**queue).await;
    assert_eq!((claim.key.as_str(), claim.failures, claim.deaths), (event.key(), 0, 0));
    assert!(queue.claim(10).await.unwrap().is_empty(), "it is claimed");
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(0, 1, 0));
}

/// A push that is repeated, because its answer was lost, adds no event. Guarantee 1.
pub async fn a_key_is_taken_once(queue: &Arc<dyn WorkQueue>) {
    let event = event(1);
    queue.push(&event).await.unwrap();
    queue.push(&event).await.unwrap();
    assert_eq!(claim_all(&**queue).await.len(), 1);
    queue.push(&event).await.unwrap();
    assert!(queue.claim(10).await.unwrap().is_empty(), "also while it is claimed");
}

/// Workers that claim at the same time get different events, and together all. Guarantee 2.
pub async fn concurrent_claims_share_nothing(queue: &Arc<dyn WorkQueue>) {
    let pushed: HashSet<_> = push_all(&**queue, 60).await.into_iter().collect();
    let mut workers = JoinSet::new();
    for _ in 0..6 {
        let queue = Arc::clone(queue);
        workers.spawn(async move {
            let mut claimed = Vec::new();
            // A claim may find the events of the moment locked by others.
            for _ in 0..20 {
                claimed.extend(queue.claim(4).await.unwrap());
            }
            claimed
        });
    }
    let claimed: Vec<_> = workers.join_all().await.into_iter().flatten().map(|claim| claim.key).collect();
    assert_eq!(claimed.len(), pushed.len(), "each once");
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>(), pushed);
}

/// A claim that is not renewed ends, and the next one counts a death. Guarantee 2.
pub async fn a_claim_ends_by_itself_and_counts_as_a_death(queue: &Arc<dyn WorkQueue>) {
    queue.push(&event(1)).await.unwrap();
    let first = claim_one(&**queue).await;
    let second = claim_when_free(queue).await;
    assert_eq!((second.key.as_str(), second.failures, second.deaths), (first.key.as_str(), 0, 1));
    assert_ne!(first.token, second.token);
}

/// A claim that is renewed holds for longer than a lease. Guarantee 3.
pub async fn a_renewed_claim_stays(queue: &Arc<dyn WorkQueue>) {
    queue.push(&event(1)).await.unwrap();
    let claim = claim_one(&**queue).await;
    let end = Instant::now() + queue.lease() * 2;
    while Instant::now() < end {
        sleep(queue.lease() / 4).await;
        assert_eq!(queue.renew(std::slice::from_ref(&claim)).await.unwrap(), [true]);
        assert!(queue.claim(1).await.unwrap().is_empty(), "it is held");
    }
    queue.settle(&[Settlement::new(claim, Outcome::Done)]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
}

/// Once another claim has been made, the first one cannot be renewed. Guarantee 3.
pub async fn a_lost_claim_is_not_renewed(queue: &Arc<dyn WorkQueue>) {
    queue.push(&event(1)).await.unwrap();
    let lost = claim_one(&**queue).await;
    let held = claim_when_free(queue).await;
    assert_eq!(queue.renew(&[lost.clone(), held.clone()]).await.unwrap(), [false, true]);
    queue.settle(&[Settlement::new(held, Outcome::Done)]).await.unwrap();
    assert_eq!(queue.renew(&[lost]).await.unwrap(), [false], "nor once the event is gone");
}

/// Events come in the order in which they were pushed, and no more than were asked for. Guarantee 6.
pub async fn events_are_claimed_in_order(queue: &Arc<dyn WorkQueue>) {
    let pushed = push_all(&**queue, 12).await;
    let mut claimed = Vec::new();
    for _ in 0..4 {
        let mut claims = queue.claim(3).await.unwrap();
        assert_eq!(claims.len(), 3, "as many as there are, up to the limit");
        claims.sort_by(|one, other| one.key.cmp(&other.key));
        claimed.extend(claims.into_iter().map(|claim| claim.key));
    }
    assert_eq!(claimed, pushed);
}

/// Texts come back as they were, of any script and size. Guarantee 8.
pub async fn bodies_are_kept_byte_for_byte(queue: &Arc<dyn WorkQueue>) {
    let texts = ["", "\"\\\u{0}\u{1}\u{7f}\n", "ø ä 漢字 🦀 \u{feff}", &"x".repeat(200_000)];
    let mut pushed: Vec<_> = texts.into_iter().map(event_with).collect();
    pushed.push(signed(
        b"{\"type\":\"forward\",\"from\":\"x\",\"connectionId\":\"c\",\"providerConfigKey\":\"p\", \"p\":[1.0, 1e2 ] }"
            .to_vec(),
    ));
    for event in &pushed {
        queue.push(event).await.unwrap();
    }
    let claims = claim_all(&**queue).await;
    assert_eq!(claims.len(), pushed.len());
    for event in pushed {
        let claim = claims.iter().find(|claim| claim.key == event.key()).unwrap();
        assert_eq!(&*claim.event, event.to_json());
        assert_eq!(QueuedEvent::from_json(&claim.event).unwrap().body(), event.body());
    }
}

/// Waits until the event of a claim may be claimed again.
pub(super) async fn claim_when_free(queue: &Arc<dyn WorkQueue>) -> crate::queue::Claim {
    let began = Instant::now();
    loop {
        if let Some(claim) = queue.claim(1).await.unwrap().pop() {
            let early = queue.lease() - Duration::from_millis(600);
            assert!(began.elapsed() > early, "the claim has ended before its lease");
            return claim;
        }
        assert!(began.elapsed() < queue.lease() * 4, "the claim does not end");
        sleep(Duration::from_millis(50)).await;
    }
}
