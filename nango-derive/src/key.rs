//! Nango's rules for tag keys, those for kinds, and the two case styles of names.

/// The largest number of tags that an entity may have. Nango takes ten; the tenth is
/// [`RESERVED_TAG`].
pub(crate) const MAX_TAGS: usize = 9;

/// The tag that the library sets.
const RESERVED_TAG: &str = "owner_kind";

/// The tag of an id without a key.
pub(crate) const DEFAULT_ID_TAG: &str = "end_user_id";

pub(crate) const MAX_LEN: usize = 64;

/// Returns the rule of Nango that a tag key breaks. The rules and their order are those of
/// `nango_core::TagKey`: `tests/src/tag_keys.rs` compares them.
pub(crate) fn tag_key_fault(key: &str) -> Option<String> {
    if key == RESERVED_TAG {
        return Some(format!("the tag `{key}` is set by the library"));
    }
    let is_mark = |c| matches!(c, '_' | '-' | '.' | '/');
    name_fault(
        "a tag key",
        key,
        "letters, digits, `_`, `-`, `.` and `/`",
        "Nango lower-cases tag keys",
        is_mark,
    )
    .or_else(|| (key == "constructor").then(|| "Nango refuses the tag key `constructor`".to_owned()))
}

/// Returns the rule that the name of a kind breaks.
pub(crate) fn kind_fault(kind: &str) -> Option<String> {
    // No slash: it separates an app's name from the kind.
    let is_mark = |c| matches!(c, '_' | '-');
    name_fault("a kind", kind, "letters, digits, `_` and `-`", "a kind is in lower case", is_mark)
}

/// Names of structs that say nothing about the owner, so that no kind follows from them.
///
/// SeaORM gives the first five to the structs of every table, one module each. The other two are what apps
/// call the struct of a table where they name the module after it. Words that mean something in a
/// product, such as `Account`, `Client` or `Item`, are not listed.
const GENERIC_NAMES: [&str; 7] =
    ["ActiveModel", "ActiveModelEx", "Entity", "Model", "ModelEx", "Record", "Row"];

/// Returns `true` if other structs of an app are probably named like this one.
pub(crate) fn is_generic_name(name: &str) -> bool {
    GENERIC_NAMES.contains(&name)
}

fn name_fault(
    what: &str,
    name: &str,
    allowed: &str,
    lower_case: &str,
    is_mark: fn(char) -> bool,
) -> Option<String> {
    let Some(first) = name.chars().next() else {
        return Some(format!("{what} cannot be empty"));
    };
    let length = name.len();
    if length > MAX_LEN {
        return Some(format!("{what} has at most {MAX_LEN} characters, and this has {length}"));
    }
    if first.is_ascii_digit() || is_mark(first) {
        return Some(format!("{what} starts with a letter"));
    }
    let c = name.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || is_mark(*c)))?;
    Some(if c.is_ascii_uppercase() {
        lower_case.to_owned()
    } else {
        format!("{what} consists of {allowed}, and `{}` is none of them", c.escape_debug())
    })
}

/// Returns an allowed name like this one, where one is obvious.
pub(crate) fn suggestion(name: &str) -> Option<String> {
    let name = name.trim_start_matches(|c: char| !c.is_alphanumeric());
    let guess: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let is_good = name.is_ascii() && kind_fault(&guess).is_none() && tag_key_fault(&guess).is_none();
    is_good.then_some(guess)
}

/// Returns the kind of secret that a name speaks of.
pub(crate) fn secret_in(name: &str) -> Option<&'static str> {
    let name = snake_case(name);
    let words: Vec<&str> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
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

/// Turns `ApiUser`, `APIUser` and `api_user` into `api_user`.
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

/// Turns `api_user` into `ApiUser`.
pub(crate) fn camel_case(name: &str) -> String {
    let capitalized = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|first| first.to_uppercase().collect::<String>());
        first.unwrap_or_default() + chars.as_str()
    };
    name.split('_').map(capitalized).collect()
}

/// The effect of `rename_all` on the names of fields without a key.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rename {
    #[default]
    None,
    Kebab,
    Snake,
    /// The attribute was not understood.
    Unknown,
}

impl Rename {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "kebab-case" => Self::Kebab,
            "snake_case" => Self::Snake,
            _ => Self::Unknown,
        }
    }

    /// Returns the key of a field, unless it is unknown.
    pub(crate) fn apply(self, name: &str) -> Option<String> {
        match self {
            Self::None => Some(name.to_owned()),
            Self::Kebab => Some(snake_case(name).replace('_', "-")),
            Self::Snake => Some(snake_case(name)),
            Self::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_are_split_into_words() {
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
    fn a_kind_has_no_slash() {
        assert_eq!(kind_fault("api_user-2"), None);
        for kind in ["", "a/b", "User", "2", "größe", "a.b"] {
            assert!(kind_fault(kind).is_some(), "{kind}");
        }
    }

    #[test]
    fn an_allowed_name_is_suggested() {
        for (name, allowed) in [("Plan", "plan"), ("the plan", "the_plan"), ("_plan", "plan")] {
            assert_eq!(suggestion(name).as_deref(), Some(allowed));
        }
        for hopeless in ["", "größe", "2nd_plan", "owner_kind", &"k".repeat(65)] {
            assert_eq!(suggestion(hopeless), None);
        }
    }

    #[test]
    fn secrets_are_named_by_whole_words() {
        for name in [
            "password_hash", "accessToken", "api-key", "APIKey", "API Key", "client_secrets", "apikey",
            "tokens",
        ] {
            assert!(secret_in(name).is_some(), "{name}");
        }
        for name in ["secretary", "tokenizer", "key", "api", "email", "monkey"] {
            assert_eq!(secret_in(name), None, "{name}");
        }
    }

    #[test]
    fn rename_all_derives_keys_from_field_names() {
        for (rename, name, key) in [
            (Rename::None, "billingPlan", Some("billingPlan")),
            (Rename::Kebab, "billing_plan", Some("billing-plan")),
            (Rename::Snake, "billingPlan", Some("billing_plan")),
            (Rename::Unknown, "plan", None),
        ] {
            assert_eq!(rename.apply(name).as_deref(), key);
        }
    }
}
