//! The version of sqlx that the documentation of nango-sqlx names.

#[test]
fn documentation_names_the_version_of_sqlx() {
    let manifest = include_str!("../../../Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with("sqlx = ")).unwrap();
    let version = line.split('"').nth(1).unwrap();
    let readme = include_str!("../../../nango-sqlx/README.md");
    for text in
        [format!("https://docs.rs/sqlx/{version}) {version}."), format!("has to be of sqlx {version}:")]
    {
        assert!(readme.contains(&text), "{text}");
    }
    let docs = include_str!("../../../nango-sqlx/src/lib.rs");
    for text in [
        format!("(https://docs.rs/sqlx/{version}) {version}, which"),
        format!("whose pools the stores take: {version}."),
    ] {
        assert!(docs.contains(&text), "{text}");
    }
}
