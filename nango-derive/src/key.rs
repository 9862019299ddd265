//! Nango's rules for keys and kinds, and the two spellings that names are turned into.

/// How many tags an entity can have of its own; the tenth is the library's.
pub(crate) const MAX_TAGS: usize = 9;

/// The tag that carries the id when the attribute names none.
pub(crate) const DEFAULT_ID_TAG: &str = "end_user_id";

const MAX_LEN: usize = 64;

/// What is wrong with a tag key.
pub(crate) fn key_fault(key: &str) -> Option<String> {
    Some(match key {
        "" => "a tag key cannot be empty".to_owned(),
        "constructor" => "Nango refuses the tag key `constructor`".to_owned(),
        "owner_kind" => "the tag `owner_kind` is set by the library".to_owned(),
        _ => {
            let is_mark = |c| matches!(c, '_' | '-' | '.' | '/');
            word_fault("a tag key", key, "`a-z`, `0-9`, `_`, `-`, `.` and `/`", is_mark).or_else(|| {
                has_upper(key).then(|| "Nango lower-cases tag keys, so that two can collide".to_owned())
            })?
        }
    })
}

/// What is wrong with the name of a kind.
pub(crate) fn kind_fault(kind: &str) -> Option<String> {
    if kind.is_empty() {
        return Some("a kind cannot be empty".to_owned());
    }
    // No slash: it separates an app's name from the kind.
    word_fault("a kind", kind, "`a-z`, `0-9`, `_` and `-`", |c| matches!(c, '_' | '-'))
        .or_else(|| has_upper(kind).then(|| "a kind is written in lower case".to_owned()))
}

fn word_fault(what: &str, word: &str, allowed: &str, is_mark: fn(char) -> bool) -> Option<String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || is_mark(c);
    if let Some(c) = word.chars().find(|c| !is_allowed(*c)) {
        let c = c.escape_debug();
        return Some(format!("{what} consists of {allowed}, and `{c}` is none of them"));
    }
    if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some(format!("{what} starts with a letter"));
    }
    let length = word.len();
    (length > MAX_LEN).then(|| format!("{what} has at most {MAX_LEN} characters, and this has {length}"))
}

fn has_upper(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_uppercase())
}

/// A word like this one that is allowed, where one suggests itself.
pub(crate) fn instead_of(word: &str) -> Option<String> {
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    let guess: String =
        word.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let is_good = word.is_ascii() && kind_fault(&guess).is_none() && key_fault(&guess).is_none();
    is_good.then_some(guess)
}

/// What a name says that it is, if that is kept from others.
pub(crate) fn sensitive(name: &str) -> Option<&'static str> {
    let name = snake_case(name);
    let words: Vec<&str> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| word.strip_suffix('s').unwrap_or(word))
        .collect();
    let says = |wanted: &[&str]| words.windows(wanted.len()).any(|some| some == wanted);
    [
        ("a password", &["password"][..]),
        ("a secret", &["secret"]),
        ("a token", &["token"]),
        ("an API key", &["api", "key"]),
        ("an API key", &["apikey"]),
    ]
    .into_iter()
    .find(|(_, wanted)| says(wanted))
    .map(|(word, _)| word)
}

/// `ApiUser`, `APIUser` and `api_user` as `api_user`.
pub(crate) fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (i, c) in chars.iter().enumerate() {
        let starts_word = c.is_uppercase()
            && i > 0
            && chars[i - 1] != '_'
            && (!chars[i - 1].is_uppercase() || chars.get(i + 1).is_some_and(|next| next.is_lowercase()));
        if starts_word {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

/// `api_user` as `ApiUser`.
pub(crate) fn camel_case(name: &str) -> String {
    let capitalized = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|first| first.to_uppercase().collect::<String>());
        first.unwrap_or_default() + chars.as_str()
    };
    name.split('_').map(capitalized).collect()
}

/// What `rename_all` does to the names of fields that name no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rename {
    Kebab,
    Snake,
}

impl Rename {
    pub(crate) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "kebab-case" => Self::Kebab,
            "snake_case" => Self::Snake,
            _ => return None,
        })
    }

    pub(crate) fn apply(self, name: &str) -> String {
        match self {
            Self::Kebab => snake_case(name).replace('_', "-"),
            Self::Snake => snake_case(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_type_names() {
        for (name, snake) in [
            ("User", "user"),
            ("ApiUser", "api_user"),
            ("APIUser", "api_user"),
            ("UserV2", "user_v2"),
            ("api_user", "api_user"),
            ("OAuth", "o_auth"),
            ("Größe", "größe"),
        ] {
            assert_eq!(snake_case(name), snake);
        }
        for (name, camel) in [("User", "User"), ("api_user", "ApiUser"), ("type", "Type"), ("_a", "A")] {
            assert_eq!(camel_case(name), camel);
        }
    }

    #[test]
    fn keys_are_what_nango_keeps_unchanged() {
        for key in ["a", "end_user_id", "a-b.c/d", "x0", &"k".repeat(64)] {
            assert_eq!(key_fault(key), None, "{key}");
        }
        for key in ["", "0a", "_a", "A", "a b", "é", "constructor", "owner_kind", &"k".repeat(65)] {
            assert!(key_fault(key).is_some(), "{key}");
        }
    }

    #[test]
    fn a_kind_has_no_slash() {
        assert_eq!(kind_fault("api_user-2"), None);
        for kind in ["", "a/b", "User", "2", "größe", "a.b"] {
            assert!(kind_fault(kind).is_some(), "{kind}");
        }
    }

    #[test]
    fn a_like_word_is_proposed() {
        for (word, like) in [("Plan", "plan"), ("the plan", "the_plan"), ("_plan", "plan")] {
            assert_eq!(instead_of(word).as_deref(), Some(like));
        }
        for hopeless in ["", "größe", "2nd_plan", "owner_kind", &"k".repeat(65)] {
            assert_eq!(instead_of(hopeless), None);
        }
    }

    #[test]
    fn sensitive_words_are_whole_words() {
        for name in
            ["password_hash", "accessToken", "api-key", "APIKey", "client_secrets", "apikey", "tokens"]
        {
            assert!(sensitive(name).is_some(), "{name}");
        }
        for name in ["secretary", "tokenizer", "key", "api", "email", "monkey"] {
            assert_eq!(sensitive(name), None, "{name}");
        }
    }

    #[test]
    fn fields_are_renamed() {
        assert_eq!(Rename::Kebab.apply("billing_plan"), "billing-plan");
        assert_eq!(Rename::Snake.apply("billingPlan"), "billing_plan");
    }
}
