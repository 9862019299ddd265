//! Nango's tag rules (wire reference 2.2 and 2.3; observed on Nango 0.71.4).

use serde_json::{Map, Value};

use crate::check::{Fields, Issue, entries, is_email, record, wrong_type};

pub(crate) const MAX_TAGS: usize = 10;
pub(crate) const MAX_VALUE: usize = 255;

/// Tags with keys in lower case.
pub(crate) type Tags = Map<String, Value>;

const MAX_KEY: usize = 64;

fn key_ok(key: &str) -> bool {
    let accepted = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.len() <= MAX_KEY && key.chars().all(accepted)
}

/// Rule for empty values: only `end_user.tags` may have them.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Values {
    NonEmpty,
    MayBeEmpty,
}

/// Takes the field `tags`.
pub(crate) fn take(fields: &mut Fields<'_>, values: Values) -> Option<Tags> {
    let value = fields.take("tags")?;
    parse(value, &["tags"], values).map_err(|issues| fields.extend(issues)).ok()
}

/// Validates `tags`. Returns them as stored: keys in lower case.
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
    if issues.iter().all(|issue| issue.continues) {
        issues.extend(whole(&map, path));
    }
    if issues.is_empty() { Ok(lower(&map)) } else { Err(issues) }
}

fn value_issues(text: &str, at: &[&str], values: Values) -> Option<Issue> {
    if text.is_empty() && values == Values::NonEmpty {
        let message = "Too small: expected string to have >=1 characters";
        return Some(Issue { continues: true, ..Issue::new("too_small", message, at) });
    }
    if text.encode_utf16().count() > MAX_VALUE {
        let message = "Tag values must be at most 255 characters";
        return Some(Issue { continues: true, ..Issue::new("too_big", message, at) });
    }
    None
}

/// Applies the rules for all tags together.
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
    fn tag_rules() {
        assert!(codes(&json!({"a.b-c/d_e": "   "})).is_empty());
        assert_eq!(codes(&json!({"1a": "v"})), ["invalid_key"]);
        assert_eq!(codes(&json!({"constructor": "v"})), ["invalid_type"]);
        assert_eq!(codes(&json!({"Foo": "1", "foo": "2"})), ["custom"]);
        assert_eq!(codes(&json!({"a": "😀".repeat(127)})), [""; 0]);
        assert_eq!(codes(&json!({"a": "😀".repeat(128)})), ["too_big"]);
        assert_eq!(codes(&json!({"END_user_email": "nope"})), ["custom"]);
    }
}
