//! Compares the derived implementation with one by hand: `cargo bench -p nango-ui-tests`.
//!
//! The two take turns in rounds too short to be interrupted often, and the fastest round of each
//! counts, so that load on the machine affects both alike. Fails when the derived one costs more.

use std::hint::black_box;
use std::time::{Duration, Instant};

use nango_core::{Owner, TagError, TagMapper, Tags};

const ROUNDS: u32 = 20_000;
const RUNS: u32 = 100;

#[derive(TagMapper)]
#[nango(kind = "user")]
struct Derived {
    #[nango(id)]
    id: u64,
    #[nango(tag = "end_user_email")]
    email: String,
    #[nango(tag = "organization_id", scope)]
    organization: Option<u64>,
    #[nango(tag)]
    plan: &'static str,
}

struct ByHand {
    id: u64,
    email: String,
    organization: Option<u64>,
    plan: &'static str,
}

impl TagMapper for ByHand {
    type Id = u64;
    const KIND: &'static str = "user";
    const ID_TAG: &'static str = "end_user_id";
    const SCOPE_TAG: Option<&'static str> = Some("organization_id");
    const TAGS: &'static [&'static str] = &["end_user_id", "end_user_email", "organization_id", "plan"];

    fn owner(&self) -> Owner {
        Owner::new("user", self.id).with_scope(self.organization)
    }

    fn to_tags(&self) -> Result<Tags, TagError> {
        let mut tags = Tags::new();
        tags.insert("end_user_id", self.id.to_string())?;
        tags.insert("end_user_email", self.email.as_str())?;
        if let Some(organization) = self.organization {
            tags.insert("organization_id", organization.to_string())?;
        }
        tags.insert("plan", self.plan)?;
        Ok(tags)
    }
}

fn main() {
    let email = "alice@example.com";
    let derived = Derived { id: 7, email: email.into(), organization: Some(3), plan: "pro" };
    let by_hand = ByHand { id: 7, email: email.into(), organization: Some(3), plan: "pro" };
    assert_eq!(derived.to_tags(), by_hand.to_tags());
    assert_eq!(derived.owner(), by_hand.owner());
    assert_eq!(<Derived as TagMapper>::TAGS, ByHand::TAGS);

    let tags = compare(|| derived.to_tags(), || by_hand.to_tags());
    let owner = compare(|| derived.owner(), || by_hand.owner());
    // A session needs both.
    let both = [tags[0] + owner[0], tags[1] + owner[1]];
    for (method, [derived, by_hand]) in [("to_tags", tags), ("owner", owner), ("both", both)] {
        println!(
            "{method:8} derived {:6.1} ns, by hand {:6.1} ns, ratio {:.3}",
            nanos(derived),
            nanos(by_hand),
            ratio([derived, by_hand])
        );
    }
    assert!(ratio(both) <= 1.0, "the derived implementation costs more than one by hand");
}

fn ratio([derived, by_hand]: [Duration; 2]) -> f64 {
    derived.as_secs_f64() / by_hand.as_secs_f64()
}

fn compare<A, B>(a: impl Fn() -> A, b: impl Fn() -> B) -> [Duration; 2] {
    let mut fastest = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        fastest[0] = fastest[0].min(time(&a));
        fastest[1] = fastest[1].min(time(&b));
    }
    fastest
}

fn time<T>(run: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..RUNS {
        black_box(run());
    }
    start.elapsed()
}

fn nanos(total: Duration) -> f64 {
    total.as_secs_f64() * 1e9 / f64::from(RUNS)
}
