//! Nango's tag rules (wire reference 2.2 and 2.3; observed on Nango 0.71.4).

use serde_json::{Map, Value};

use crate::{
    end_users::EndUser,
    http::{
        check::{Pattern, Text, entries, is_email, record, wrong_type},
        envelope::Issue,
    },
};

pub(crate) const MAX_TAGS: usize = 10;
const MAX_VALUE: usize = 255;

/// Keys in lower case; values as given.
pub(crate) type Tags = Map<String, Value>;

const KEY: Text = Text {
    min: 1,
    max: Some(64),
    email: false,
    pattern: Some(Pattern { source: "", accepts: |c| c.is_ascii_alphanumeric() || "_-./".contains(c) }),
};

fn key_ok(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic()) && KEY.check(key, &[]).is_empty()
}

/// Whether values may be empty: only those of `end_user.tags` may.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Values {
    NonEmpty,
    MayBeEmpty,
}

/// Checks a `tags` value and gives it as it is stored: keys in lower case.
pub(crate) fn parse(value: &Value, path: &[&str], values: Values) -> Result<Tags, Vec<Issue>> {
    let map = record(Some(value), path).map_err(|issue| vec![issue])?;
    let map: Vec<_> = entries(map).collect();
    let mut issues = Vec::new();
    for &(key, value) in &map {
        let at = [path, &[key.as_str()]].concat();
        if !key_ok(key) {
            issues.push(Issue::new("invalid_key", "Invalid key in record", &at));
            continue;
        }
        match value {
            Value::String(text) => issues.extend(value_issues(text, &at, values)),
            other => issues.push(wrong_type("string", Some(other), &at)),
        }
    }
    if issues.iter().all(|issue| issue.mild) {
        issues.extend(whole(&map, path));
    }
    if issues.is_empty() { Ok(lower(&map)) } else { Err(issues) }
}

fn value_issues(text: &str, at: &[&str], values: Values) -> Option<Issue> {
    if text.is_empty() && values == Values::NonEmpty {
        let message = "Too small: expected string to have >=1 characters";
        return Some(Issue { mild: true, ..Issue::new("too_small", message, at) });
    }
    if text.encode_utf16().count() > MAX_VALUE {
        let message = "Tag values must be at most 255 characters";
        return Some(Issue { mild: true, ..Issue::new("too_big", message, at) });
    }
    None
}

/// The rules that look at all tags together.
fn whole(map: &[(&String, &Value)], path: &[&str]) -> Vec<Issue> {
    if map.len() > MAX_TAGS {
        return vec![Issue::custom("Tags cannot contain more than 10 keys", path)];
    }
    let mut issues = Vec::new();
    let mut seen = Vec::new();
    for &(key, value) in map {
        let lower = key.to_lowercase();
        if seen.contains(&lower) {
            let message = format!("Duplicate tag key after case normalization: \"{lower}\"");
            issues.push(Issue::custom(message, path));
        }
        if lower == "end_user_email" && !email_ok(value) {
            let message = "Tag \"end_user_email\" must be a valid email";
            issues.push(Issue::custom(message, path));
        }
        seen.push(lower);
    }
    issues
}

fn email_ok(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() >= 5 && is_email(text))
}

fn lower(map: &[(&String, &Value)]) -> Tags {
    map.iter().map(|&(key, value)| (key.to_lowercase(), value.clone())).collect()
}

/// The tags of a connection: those made from the legacy `end_user`, then its own `tags`, then the
/// top-level ones, later ones winning. `Err` when that makes more than ten, which a real Nango
/// answers with 500.
pub(crate) fn combine(end_user: Option<&EndUser>, tags: &Tags) -> Result<Tags, TooMany> {
    let mut all = Tags::new();
    if let Some(user) = end_user {
        let cut = |text: &str| {
            let units: Vec<u16> = text.encode_utf16().take(MAX_VALUE).collect();
            Value::from(String::from_utf16_lossy(&units))
        };
        let mut put = |key: &str, text: Option<&str>| {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                all.insert(key.to_owned(), cut(text));
            }
        };
        put("end_user_id", Some(&user.id));
        put("end_user_email", user.email.as_deref());
        put("end_user_display_name", user.display_name.as_deref());
        if let Some(organization) = &user.organization {
            put("organization_id", Some(&organization.id));
            put("organization_display_name", organization.display_name.as_deref());
        }
        if let Some(own) = &user.tags {
            let mut merged = all.clone();
            merged.extend(own.clone());
            // Nango drops all of them in silence rather than some.
            if merged.len() <= MAX_TAGS {
                all = merged;
            }
        }
    }
    all.extend(tags.clone());
    if all.len() > MAX_TAGS { Err(TooMany) } else { Ok(all) }
}

/// More than ten tags after the generated ones were added.
#[derive(Debug)]
pub(crate) struct TooMany;

/// U+0000 cannot be stored in Postgres; a real Nango answers 500.
pub(crate) fn storable(tags: &Tags) -> bool {
    tags.values().all(|value| value.as_str().is_some_and(|text| !text.contains('\0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn codes(value: &Value) -> Vec<&'static str> {
        match parse(value, &["tags"], Values::NonEmpty) {
            Ok(_) => Vec::new(),
            Err(issues) => issues.iter().map(|issue| issue.code).collect(),
        }
    }

    #[test]
    fn keys_values_and_totals() {
        assert!(codes(&json!({"a.b-c/d_e": "   "})).is_empty());
        assert_eq!(codes(&json!({"1a": "v"})), ["invalid_key"]);
        assert_eq!(codes(&json!({"constructor": "v"})), ["invalid_type"]);
        assert_eq!(codes(&json!({"Foo": "1", "foo": "2"})), ["custom"]);
        assert_eq!(codes(&json!({"a": "😀".repeat(127)})), [""; 0]);
        assert_eq!(codes(&json!({"a": "😀".repeat(128)})), ["too_big"]);
        assert_eq!(codes(&json!({"END_user_email": "nope"})), ["custom"]);
    }

    #[test]
    fn end_user_tags_vanish_when_they_would_overflow() {
        let own: Map<_, _> = (0..9).map(|n| (format!("k{n}"), json!("v"))).collect();
        let user = EndUser {
            id: "of".into(),
            email: Some("of@example.com".into()),
            tags: Some(own),
            ..EndUser::default()
        };
        assert_eq!(combine(Some(&user), &Tags::new()).unwrap().len(), 2);
    }
}
