//! The attributes that `#[nango(..)]` knows, and the advice for others.

use std::fmt;

use proc_macro2::Ident;

/// One attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    AllowSensitive,
    Crate,
    Flatten,
    Id,
    Kind,
    RenameAll,
    Scope,
    Tag,
    With,
}

/// The place of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Field,
    Struct,
}

impl Symbol {
    const ALL: [Self; 9] = [
        Self::AllowSensitive,
        Self::Crate,
        Self::Flatten,
        Self::Id,
        Self::Kind,
        Self::RenameAll,
        Self::Scope,
        Self::Tag,
        Self::With,
    ];

    pub(crate) fn of(ident: &Ident) -> Option<Self> {
        let name = ident.to_string();
        Self::ALL.into_iter().find(|symbol| name == symbol.name())
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AllowSensitive => "allow_sensitive",
            Self::Crate => "crate",
            Self::Flatten => "flatten",
            Self::Id => "id",
            Self::Kind => "kind",
            Self::RenameAll => "rename_all",
            Self::Scope => "scope",
            Self::Tag => "tag",
            Self::With => "with",
        }
    }

    /// Returns the attribute as a user writes it, for messages.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::Crate => "crate = ::path::to::nango_core",
            Self::Kind => "kind = \"user\"",
            Self::RenameAll => "rename_all = \"kebab-case\"",
            Self::Tag => "tag = \"plan\"",
            Self::With => "with = \"module\"",
            Self::AllowSensitive | Self::Flatten | Self::Id | Self::Scope => self.name(),
        }
    }

    pub(crate) fn place(self) -> Place {
        match self {
            Self::Crate | Self::Kind | Self::RenameAll => Place::Struct,
            Self::AllowSensitive | Self::Flatten | Self::Id | Self::Scope | Self::Tag | Self::With => {
                Place::Field
            }
        }
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Returns what to write instead of an unknown attribute.
pub(crate) fn advice(unknown: &str, place: Place) -> String {
    if let Some(advice) = common_mistake(unknown) {
        return advice.to_owned();
    }
    let near = Symbol::ALL
        .into_iter()
        .map(|symbol| (distance(unknown, symbol.name()), symbol))
        .filter(|(distance, symbol)| *distance * 3 <= symbol.name().len().max(4))
        .min_by_key(|(distance, symbol)| (*distance, symbol.place() != place));
    if let Some((_, symbol)) = near {
        return format!("did you mean `{symbol}`?");
    }
    let known: Vec<_> = Symbol::ALL
        .into_iter()
        .filter(|symbol| symbol.place() == place)
        .map(|symbol| format!("`{symbol}`"))
        .collect();
    let place = match place {
        Place::Struct => "a struct",
        Place::Field => "a field",
    };
    format!("{place} can have {}", known.join(", "))
}

/// Returns the advice for names that other derives use.
fn common_mistake(name: &str) -> Option<&'static str> {
    Some(match name {
        "skip" | "ignore" | "skip_serializing" => {
            "remove it, since a field without `#[nango(..)]` is never sent"
        }
        "skip_serializing_if" | "optional" | "default" => {
            "remove it, since an `Option` field that is `None` is left out"
        }
        "rename" | "key" | "name" => "to name a tag, write `tag = \"..\"`",
        "primary_key" | "owner" | "user_id" | "end_user_id" => {
            "mark the field that identifies the owner as `id`"
        }
        "email" | "end_user_email" => "write `tag = \"end_user_email\"`",
        "flat" | "nested" | "inline" => "did you mean `flatten`?",
        "sensitive" => "did you mean `allow_sensitive`?",
        "display" | "serialize_with" | "format" => "did you mean `with = \"module\"`?",
        _ => return None,
    })
}

/// Counts the edits from one word to the other; a swap of neighbours is one edit.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert_eq!(distance("tag", "tag"), 0);
        assert_eq!(distance("tga", "tag"), 1);
        assert_eq!(distance("", "tag"), 3);
        assert_eq!(distance("kinds", "kind"), 1);
    }

    #[test]
    fn near_words_are_suggested_and_far_ones_listed() {
        assert_eq!(advice("tags", Place::Field), "did you mean `tag`?");
        assert_eq!(advice("idd", Place::Field), "did you mean `id`?");
        assert_eq!(advice("renameall", Place::Struct), "did you mean `rename_all`?");
        assert_eq!(advice("colour", Place::Struct), "a struct can have `crate`, `kind`, `rename_all`");
    }
}
