//! A made crate with a made foreign one, documented by rustdoc.

use std::fs;
use std::process::Command;

use super::document::{document, load};
use super::walk::leaks;
use crate::workspace::cargo;

const FOREIGN: &str = "pub struct Type; pub trait Trait {} #[macro_export] macro_rules! made { () => {} }";

const MADE: &str = r#"
pub use foreign::made;
pub use foreign::Type as Shown;
pub struct Fields { pub shown: foreign::Type, private: foreign::Type }
pub enum Kinds { Tuple(Option<foreign::Type>), Plain(std::time::Duration) }
impl Fields {
    pub fn bound<T: foreign::Trait>(&self, _: T) {}
    pub fn opaque() -> impl foreign::Trait { Private }
    pub fn own(&self) -> Result<Kinds, std::io::Error> { hidden(); Ok(Kinds::Tuple(None)) }
    #[cfg(feature = "extra")] pub fn extra(_: foreign::Type) {}
    pub(crate) fn inner(self) -> foreign::Type { self.private }
}
impl From<foreign::Type> for Fields { fn from(private: foreign::Type) -> Self { Fields { shown: foreign::Type, private } } }
impl foreign::Trait for Fields {}
impl Iterator for Fields { type Item = foreign::Type; fn next(&mut self) -> Option<foreign::Type> { None } }
struct Private;
impl foreign::Trait for Private {}
fn hidden() -> foreign::Type { foreign::Type }
"#;

#[test]
fn public_signatures_are_walked_and_private_ones_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let files = [
        ("foreign/Cargo.toml", "[package]\nname = \"foreign\"\nedition = \"2024\"\n"),
        ("foreign/src/lib.rs", FOREIGN),
        (
            "Cargo.toml",
            "[package]\nname = \"made\"\nedition = \"2024\"\n[features]\nextra = []\n[dependencies]\nforeign.path = \"foreign\"\n[workspace]\n",
        ),
        ("src/lib.rs", MADE),
    ];
    for (name, text) in files {
        let file = dir.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let locked = Command::new(cargo())
        .args(["generate-lockfile", "--offline"])
        .current_dir(dir.path())
        .status()
        .unwrap();
    assert!(locked.success());

    let docs = document(dir.path(), &dir.path().join("target"), &["made"]).unwrap();
    let docs = load(&docs, "made").unwrap();
    let found: Vec<String> =
        leaks(&docs, &[]).into_iter().map(|leak| format!("{} {}", leak.item, leak.foreign)).collect();
    let mut sorted = found.clone();
    sorted.sort();
    let wanted = [
        "Fields::Item foreign::Type",
        "Fields::bound foreign::Trait",
        "Fields::extra foreign::Type",
        "Fields::opaque foreign::Trait",
        "Fields::shown foreign::Type",
        "Tuple::0 foreign::Type",
        "impl From for Fields foreign::Type",
        "pub use foreign::Type foreign::Type",
    ];
    assert_eq!(sorted, wanted);
    assert!(leaks(&docs, &["foreign"]).is_empty());
    assert_eq!(leaks(&docs, &["for"]).len(), wanted.len());
}
