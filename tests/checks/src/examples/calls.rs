//! Names of functions that a piece of code calls.

use std::collections::BTreeSet;

/// Lists what stands before a parenthesis, also with type arguments: `name(`, `name::<T>(`, and paths in `map(Type::name)`.
pub(crate) fn calls(code: &str) -> BTreeSet<String> {
    let chars: Vec<char> = code.chars().collect();
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    let mut found = BTreeSet::new();
    let mut at = 0;
    while at < chars.len() {
        let end = (at..chars.len()).find(|at| !is_word(chars[*at])).unwrap_or(chars.len());
        if end == at {
            at += 1;
            continue;
        }
        let rest: String = chars[end..].iter().take(3).collect();
        let is_path = at >= 2 && chars[at - 1] == ':' && chars[at - 2] == ':';
        if is_path || rest.starts_with('(') || rest == "::<" {
            found.insert(chars[at..end].iter().collect());
        }
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::calls;

    #[test]
    fn calls_are_found_in_all_forms() {
        let found = calls("a.first(1).second::<T>().map(B::third); let fourth = 1; fifth!(); sixth (2)");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["first", "map", "second", "third"]);
    }
}
