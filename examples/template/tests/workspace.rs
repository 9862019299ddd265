//! The manifest beside the repository that the app comes from. A copy has no use for this file: delete it.

/// Returns the lines of a table, up to the next empty line.
fn table<'a>(manifest: &'a str, header: &str) -> Vec<&'a str> {
    let lines = manifest.lines().skip_while(|line| *line != header).skip(1);
    lines.take_while(|line| !line.is_empty()).collect()
}

#[test]
fn the_lints_are_those_of_the_workspace() {
    let (own, root) = (include_str!("../Cargo.toml"), include_str!("../../../Cargo.toml"));
    for lints in ["rust", "clippy"] {
        let found = table(own, &format!("[lints.{lints}]"));
        assert!(found.len() > 5);
        assert_eq!(found, table(root, &format!("[workspace.lints.{lints}]")));
    }
}

#[test]
fn nothing_but_paths_refers_to_the_workspace() {
    let own = include_str!("../Cargo.toml");
    assert!(!own.contains("workspace = true") && !own.contains(".workspace"));
    for line in own.lines().filter(|line| !line.starts_with('#') && line.contains("../")) {
        let dependency = line.split(" = ").next().unwrap();
        assert!(line.ends_with(&format!(", path = \"../../{dependency}\" }}")), "{line}");
        assert!(line.contains("version = \"0.1\""), "{line}");
    }
}
