//! Guarantee 5: identity and order are those of the bytes.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::rows::{again, assert_same, fill, find, insert, keys, one, record, record_of, update};
use crate::owner::Owner;
use crate::record::{Applied, Record};
use crate::store::ConnectionStore;
use nango_client::ConnectionKey;

/// Texts of which a collation, somewhere, takes two for one.
const ALIKE: &[&str] = &[
    "cafe", "Cafe", "CAFE", "café", "cafe\u{301}", "cafe ", " cafe", "cafe  ", "cafe\t", "cafe\n",
    "ca\u{ad}fe", "ca\u{200b}fe", "ｃａｆｅ", "strasse", "straße", "\u{131}", "i", "I", "\u{130}", "Å",
    "\u{212b}", "1", "01", "1.0", "+1", "1e0", "%", "_", "ca%", "a\\", "a\\\\", "'", "''",
];

/// Texts in the order of their bytes, which is not the order of any language.
const SORTED: &[&str] = &[
    " ", "-", "A", "A-", "A0", "AA", "Z", "_", "a", "a ", "a b", "a-b", "aB", "ab", "z", "~", "\u{7f}", "ß",
    "ä", "é", "ſ", "\u{ff5e}", "\u{1F980}",
];

/// Keys that differ in one byte are different keys.
pub async fn keys_compare_byte_by_byte(store: &Arc<dyn ConnectionStore>) {
    let by_id = ALIKE.iter().map(|text| ConnectionKey::new("slack", *text));
    let by_integration = ALIKE.iter().map(|text| ConnectionKey::new(*text, "c"));
    // The same two texts, cut in other places.
    let cut = [("ab", "c"), ("a", "bc"), ("", "abc"), ("abc", "")];
    let cut = cut.map(|(integration, id)| ConnectionKey::new(integration, id));
    let all: Vec<_> = by_id.chain(by_integration).chain(cut).collect();
    let records: Vec<_> = all.iter().cloned().map(record_of).collect();
    let (first, rest) = records.split_at(records.len() / 2);
    for record in first {
        assert_eq!(one(store, insert(record)).await, Applied::Done, "{:?}", record.key.connection_id());
    }
    fill(store, rest).await;

    for (record, found) in records.iter().zip(store.get(&all).await.unwrap()) {
        assert_same(found.as_ref(), record);
        assert_same(find(store, &record.key).await.as_ref(), record);
    }
    // One is changed, and no other.
    let next = again(&records[0]);
    assert_eq!(one(store, update(&records[0], &next)).await, Applied::Done);
    for record in &records[1..] {
        assert_same(find(store, &record.key).await.as_ref(), record);
    }
}

/// Owners that differ in one byte are different owners.
pub async fn owners_compare_byte_by_byte(store: &Arc<dyn ConnectionStore>) {
    let ids = ALIKE.iter().map(|text| Owner::new("user", text));
    let kinds = ALIKE.iter().map(|text| Owner::new(*text, "1"));
    let scopes = ALIKE.iter().map(|text| Owner::new("user", "1").with_scope(Some(text)));
    let owners: Vec<_> = ids.chain(kinds).chain(scopes).collect();
    let owned = |(n, owner): (usize, &Owner)| Record { owner: Some(owner.clone()), ..record(n) };
    let records: Vec<_> = owners.iter().enumerate().map(owned).collect();
    fill(store, &records).await;
    for record in &records {
        let Some(owner) = &record.owner else { continue };
        // The owner `user 1` is in there twice.
        let theirs = store.list(owner).await.unwrap();
        let expected: Vec<_> = records.iter().filter(|other| other.owner == record.owner).collect();
        assert_eq!(theirs.iter().collect::<Vec<_>>(), expected, "{:?}", owner.id());
    }
}

/// `page` and `list` are in the order of the bytes: of the integration first, then of the
/// connection id.
pub async fn keys_sort_byte_by_byte(store: &Arc<dyn ConnectionStore>) {
    assert!(SORTED.is_sorted(), "the suite's own list");
    let pair = |integration: &'static str| SORTED.iter().map(move |id| ConnectionKey::new(integration, *id));
    let sorted: Vec<_> = SORTED.iter().flat_map(|integration| pair(integration)).collect();
    let records: Vec<_> = sorted.iter().rev().cloned().map(record_of).collect();
    fill(store, &records).await;

    assert_eq!(keys(&store.list(&Owner::new("user", 1)).await.unwrap()), sorted);
    assert_eq!(keys(&store.page(None, sorted.len()).await.unwrap()), sorted);
    for (n, key) in sorted.iter().enumerate() {
        let next = store.page(Some(key), 1).await.unwrap();
        assert_eq!(next.first().map(|row| &row.key), sorted.get(n + 1), "after {n}");
    }
}

/// Ids, integrations, owners and scopes of 255 characters, up to four bytes each.
pub async fn takes_255_characters_of_any_script(store: &Arc<dyn ConnectionStore>) {
    for (n, character) in ["x", "ß", "字", "\u{1F980}"].into_iter().enumerate() {
        let long = character.repeat(255);
        let longest = Record {
            owner: Some(Owner::new("user", &long).with_scope(Some(&long))),
            ..record_of(ConnectionKey::new(long.clone(), long.clone()))
        };
        let almost = record_of(ConnectionKey::new(long.clone(), format!("{}y", character.repeat(254))));
        fill(store, std::slice::from_ref(&longest)).await;
        fill(store, &[almost, record(n)]).await;
        assert_same(find(store, &longest.key).await.as_ref(), &longest);
        let theirs = store.list(&Owner::new("user", &long).with_scope(Some(&long))).await.unwrap();
        assert_eq!(theirs.len(), 1);
        assert_same(theirs.first(), &longest);
    }
    assert_eq!(store.page(None, 100).await.unwrap().len(), 12);
}

/// Every character of ASCII but U+0000, which no tag and no name has, and every byte that UTF-8
/// has, in every text.
pub async fn takes_every_character(store: &Arc<dyn ConnectionStore>) {
    let low = 1..=0xbf;
    // One of each first byte: of two, three and four.
    let firsts = (0x3..=0x1f).map(|first| first << 6);
    let firsts = firsts.chain((0..=0xf).map(|first: u32| (first << 12).max(0x800)));
    let firsts = firsts.chain((0..=4).map(|first: u32| (first << 18).max(0x1_0000)));
    let odd = [0x300, 0x61c, 0x200b, 0x200f, 0x2028, 0xd7ff, 0xfeff, 0xfffd, 0xffff, 0x10_ffff];
    let characters: BTreeSet<_> = low.chain(firsts).chain(odd).filter_map(char::from_u32).collect();
    let text: String = characters.iter().collect();
    let legal = |byte: &u8| matches!(byte, 1..=0xbf | 0xc2..=0xf4);
    assert_eq!(
        text.bytes().collect::<BTreeSet<_>>(),
        (0..=255).filter(legal).collect(),
        "the suite's own list"
    );
    let of = |character: &char| Record {
        owner: Some(Owner::new("user", character).with_scope(Some(character))),
        ..record_of(ConnectionKey::new(character.to_string(), format!("a{character}b")))
    };
    let records: Vec<_> = characters.iter().map(of).collect();
    let (first, rest) = records.split_at(records.len() / 2);
    for record in first {
        fill(store, std::slice::from_ref(record)).await;
    }
    fill(store, rest).await;
    for (character, record) in characters.iter().zip(&records) {
        assert_same(find(store, &record.key).await.as_ref(), record);
        let owner = Owner::new("user", character).with_scope(Some(character));
        assert_eq!(store.list(&owner).await.unwrap().len(), 1, "{character:?}");
    }
}
