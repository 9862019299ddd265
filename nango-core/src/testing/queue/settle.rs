//! Guarantees 4 to 6: the ends of claims.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::claims::claim_when_free;
use super::events::{claim_one, event};
use crate::queue::{Claim, Outcome, QueueDepth, Settlement, WorkQueue};

const SHORT: Duration = Duration::from_millis(400);

/// An event that was handled is erased. Settling it again changes nothing. Guarantee 4.
pub async fn a_done_event_is_gone(queue: &Arc<dyn WorkQueue>) {
    queue.push(&event(1)).await.unwrap();
    let done = [Settlement::new(claim_one(&**queue).await, Outcome::Done)];
    queue.settle(&done).await.unwrap();
    queue.settle(&done).await.unwrap();
    queue.settle(&[]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
    sleep(queue.lease() + SHORT).await;
    assert!(queue.claim(1).await.unwrap().is_empty(), "it does not come back");
}

/// The end of a lost claim does not touch the claim that followed. Guarantee 4.
pub async fn a_late_settlement_changes_nothing(queue: &Arc<dyn WorkQueue>) {
    queue.push(&event(1)).await.unwrap();
    let late = claim_one(&**queue).await;
    let held = claim_when_free(queue).await;
    let outcomes = [
        Outcome::Done,
        Outcome::Failed { retry_after: Duration::ZERO },
        Outcome::Released { retry_after: Duration::ZERO },
        Outcome::Dead { failures: 1, reason: "late".into() },
    ];
    for outcome in outcomes {
        queue.settle(&[Settlement::new(late.clone(), outcome.clone())]).await.unwrap();
        assert!(queue.claim(1).await.unwrap().is_empty(), "{outcome:?}");
        assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(0, 1, 0), "{outcome:?}");
    }
    queue.settle(&[Settlement::new(held, Outcome::Done)]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
}

/// A failed event is claimed again after its pause, and not before. Guarantee 6.
pub async fn a_failed_event_waits_for_its_time(queue: &Arc<dyn WorkQueue>) {
    queue.push(&event(1)).await.unwrap();
    let claim = claim_one(&**queue).await;
    let pause = Duration::from_millis(1_500);
    end(queue, claim, Outcome::Failed { retry_after: pause }).await;
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0), "it waits");
    let again = claim_after(queue, pause).await;
    assert_eq!((again.failures, again.deaths), (1, 0));
}

/// A released event is claimed again after its pause, with what was counted before. Guarantee 6.
pub async fn a_released_event_counts_nothing(queue: &Arc<dyn WorkQueue>) {
    queue.push(&event(1)).await.unwrap();
    let claim = claim_one(&**queue).await;
    end(queue, claim, Outcome::Released { retry_after: SHORT }).await;
    let claim = claim_after(queue, SHORT).await;
    assert_eq!((claim.failures, claim.deaths), (0, 0));
    end(queue, claim, Outcome::Released { retry_after: Duration::ZERO }).await;
    let claim = claim_after(queue, Duration::ZERO).await;
    assert_eq!((claim.failures, claim.deaths), (0, 0));
}

/// Failures, deaths and releases do not count for one another. Guarantee 5.
pub async fn failures_and_deaths_are_counted_apart(queue: &Arc<dyn WorkQueue>) {
    queue.push(&event(1)).await.unwrap();
    let now = Duration::ZERO;
    let claim = claim_one(&**queue).await;
    end(queue, claim, Outcome::Failed { retry_after: now }).await;
    claim_after(queue, now).await;
    let claim = claim_when_free(queue).await;
    assert_eq!((claim.failures, claim.deaths), (1, 1));
    end(queue, claim, Outcome::Failed { retry_after: now }).await;
    let claim = claim_after(queue, now).await;
    assert_eq!((claim.failures, claim.deaths), (2, 1));
    end(queue, claim, Outcome::Released { retry_after: now }).await;
    let claim = claim_after(queue, now).await;
    assert_eq!((claim.failures, claim.deaths), (2, 1));
    let claim = (claim, claim_when_free(queue).await).1;
    assert_eq!((claim.failures, claim.deaths), (2, 2));
}

async fn end(queue: &Arc<dyn WorkQueue>, claim: Claim, outcome: Outcome) {
    queue.settle(&[Settlement::new(claim, outcome)]).await.unwrap();
}

/// Waits for the event that has to wait for `pause`.
async fn claim_after(queue: &Arc<dyn WorkQueue>, pause: Duration) -> Claim {
    let began = Instant::now();
    loop {
        if let Some(claim) = queue.claim(1).await.unwrap().pop() {
            let waited = began.elapsed() + Duration::from_millis(100);
            assert!(waited >= pause, "it was claimed before its time");
            return claim;
        }
        assert!(began.elapsed() < pause + Duration::from_secs(2), "it is not claimed at its time");
        sleep(Duration::from_millis(20)).await;
    }
}
