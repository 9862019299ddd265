//! Dead letters by their keys, through the pages of a queue.

use nango_core::{DeadLetter, StoreError, WorkQueue};

/// The number of dead letters in a page. Each is held with its body.
pub(crate) const PAGE: usize = 50;

/// Returns the dead letter of a key.
pub(crate) async fn find(queue: &dyn WorkQueue, key: &str) -> Result<Option<DeadLetter>, StoreError> {
    let mut after = predecessor(key);
    loop {
        match queue.dead_letters(after.as_deref(), 1).await?.pop() {
            Some(letter) if letter.key == key => return Ok(Some(letter)),
            Some(letter) if letter.key.as_str() < key => after = Some(letter.key),
            _ => return Ok(None),
        }
    }
}

/// Returns the keys of all dead letters of this moment.
pub(crate) async fn all_keys(queue: &dyn WorkQueue) -> Result<Vec<String>, StoreError> {
    let mut keys: Vec<String> = Vec::new();
    loop {
        let page = queue.dead_letters(keys.last().map(String::as_str), PAGE).await?;
        if page.is_empty() {
            return Ok(keys);
        }
        keys.extend(page.into_iter().map(|letter| letter.key));
    }
}

/// Returns a text that sorts before the key, and after all other keys of its length that do.
fn predecessor(key: &str) -> Option<String> {
    let mut text = key.to_owned();
    let last = text.pop()?;
    // Without a character before the last one, the text without it is one that sorts before.
    text.extend(char::from_u32(u32::from(last).wrapping_sub(1)));
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use nango_core::testing::queue::{claim_all, push_all};
    use nango_core::{MemoryEventQueue, Outcome, Settlement};

    use super::*;

    #[test]
    fn no_key_is_between_a_key_and_its_predecessor() {
        for (key, before) in [
            ("5f00", Some("5f0/")),
            ("5f0a", Some("5f0`")),
            ("5f0b", Some("5f0a")),
            ("x\u{e000}", Some("x")),
            ("\u{1}", Some("\u{0}")),
            ("", None),
        ] {
            assert_eq!(predecessor(key).as_deref(), before, "{key}");
            assert!(before.is_none_or(|before| before < key));
        }
    }

    #[tokio::test]
    async fn each_dead_letter_is_found_by_its_key_alone() {
        let queue = MemoryEventQueue::new();
        let mut keys = push_all(&queue, 120).await;
        let dead = |claim| Settlement::new(claim, Outcome::Dead { failures: 1, reason: "no".to_owned() });
        let settlements: Vec<_> = claim_all(&queue).await.into_iter().map(dead).collect();
        queue.settle(&settlements).await.unwrap();
        keys.sort();
        assert_eq!(all_keys(&queue).await.unwrap(), keys, "all pages");
        for key in &keys {
            assert_eq!(find(&queue, key).await.unwrap().unwrap().key, *key);
            for other in [&key[..31], &format!("{key}0"), &key.to_uppercase().replace('0', "!")] {
                assert!(find(&queue, other).await.unwrap().is_none(), "{other}");
            }
        }
        assert!(find(&queue, "").await.unwrap().is_none());
    }
}
