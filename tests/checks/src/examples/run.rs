//! The check over packages, and its messages.

use super::calls::calls;
use super::docs::{code, of_file};
use super::methods::methods;
use crate::failure::{Failure, Result, read};
use crate::workspace::{Workspace, files, list, text};

/// Lists the methods that no example calls: neither one in the crate's doc comments, nor one of its README or its folder `docs`.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    let mut clean = true;
    for package in workspace.published() {
        let types: Vec<&str> = list(&package.metadata["examples"]).map(text).collect();
        if types.is_empty() {
            continue;
        }
        let (mut markdown, mut found) = (String::new(), Vec::new());
        for file in files(&package.dir.join("src"), &["rs"])? {
            let source = syn::parse_file(&read(&file)?).map_err(|error| Failure::at(&file, error))?;
            of_file(&source, &mut markdown);
            found.extend(methods(&source, &types).into_iter().map(|method| (file.clone(), method)));
        }
        markdown += &read(&package.dir.join("README.md"))?;
        let docs = package.dir.join("docs");
        for file in if docs.exists() { files(&docs, &["md"])? } else { Vec::new() } {
            markdown.push('\n');
            markdown += &read(&file)?;
        }
        for gone in types.iter().filter(|of| !found.iter().any(|(_, method)| method.of == **of)) {
            println!(
                "{}: `{gone}` has no methods; see package.metadata.nango-checks of its Cargo.toml",
                package.name
            );
            clean = false;
        }
        let called = calls(&code(&markdown));
        let missing: Vec<_> = found.iter().filter(|(_, method)| !called.contains(&method.name)).collect();
        for (file, method) in &missing {
            println!(
                "{}:{}: no example calls `{}::{}`",
                workspace.shown(file),
                method.line,
                method.of,
                method.name
            );
        }
        println!(
            "{}: {} methods of {} types, {} without an example",
            package.name,
            found.len(),
            types.len(),
            missing.len()
        );
        clean &= missing.is_empty();
    }
    Ok(clean)
}
