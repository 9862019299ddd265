//! The check over READMEs, and its messages.

use std::path::{Path, PathBuf};

use super::program::{free_address, request, start, with_free_address};
use super::project::Project;
use crate::failure::{Failure, Result};
use crate::workspace::{Workspace, text};

/// The emulator's fixed keys for development, which its README publishes.
const API_KEY: &str = "d0c5ec2e-0000-4000-8000-00000000a001";
const SIGNING_KEY: &str = "d0c5ec2e-0000-4000-8000-00000000a002";

/// The cookie that the program of the README takes for a login.
const LOGIN: &str = "user=alice";

/// Compiles the Rust of each README with the packages that `packed` holds, unpacked, and runs the program of the workspace's own.
pub(crate) fn run(workspace: &Workspace, packed: &Path) -> Result<bool> {
    let packed = std::fs::canonicalize(packed).map_err(|error| Failure::at(packed, error))?;
    let crates = crates(workspace, &packed)?;
    // Beside the packages, so that a new clone of them compiles all of it anew.
    let outside = packed.join("outside");
    let target = outside.join("target");
    let mut clean = true;
    let own = [("the workspace".to_owned(), workspace.root.join("README.md"))];
    let readmes = crates.iter().map(|(name, dir)| (name.clone(), dir.join("README.md")));
    for (name, readme) in own.into_iter().chain(readmes) {
        let Some(project) = Project::write(&outside.join(name.replace(' ', "-")), &readme, &crates)? else {
            continue;
        };
        let compiles = project.cargo(&target, &["check", "--bins"])?;
        println!(
            "{name}: {} blocks of its README {}",
            project.programs.len(),
            if compiles { "compile" } else { "DO NOT COMPILE" }
        );
        clean &= compiles;
        if compiles && readme.starts_with(&workspace.root) && !readme.starts_with(&packed) {
            clean &= serves(&project, &target, &crates)?;
        }
    }
    Ok(clean)
}

/// Lists the unpacked crates by their names.
fn crates(workspace: &Workspace, packed: &Path) -> Result<Vec<(String, PathBuf)>> {
    let of = |package: &crate::workspace::Package| {
        let dir = packed.join(format!("{}-{}", package.name, text(&package.manifest["version"])));
        if dir.is_dir() {
            Ok((package.name.clone(), dir))
        } else {
            Err(Failure::at(&dir, "is missing; unpack target/package/*.crate there"))
        }
    };
    workspace.published().map(of).collect()
}

/// Runs the README's program beside the packed emulator, and sends it what a browser sends.
fn serves(project: &Project, target: &Path, crates: &[(String, PathBuf)]) -> Result<bool> {
    let Some((name, block)) = &project.whole else {
        return Err(Failure::new("README.md has no whole program"));
    };
    let emulator = crates.iter().find(|(name, _)| name == "nango-emulator");
    let (_, emulator) = emulator.ok_or_else(|| Failure::new("nango-emulator is not packed"))?;
    let emulator = Project { dir: emulator.clone(), programs: Vec::new(), whole: None };
    let (code, address) = with_free_address(&block.text)?;
    project.rewrite(name, &code)?;
    if !project.cargo(target, &["build", "--bin", name])?
        || !emulator.cargo(target, &["build", "--locked"])?
    {
        return Ok(false);
    }

    let debug = target.join("debug");
    let nango = free_address()?;
    let _emulator = start(&debug.join("nango-emulator"), &project.dir, &["--listen", &nango], &[], &nango)?;
    let host = format!("http://{nango}");
    let variables = [
        ("NANGO_HOST", host.as_str()),
        ("NANGO_SECRET_KEY", API_KEY),
        ("NANGO_WEBHOOK_SIGNING_KEY", SIGNING_KEY),
    ];
    let _program = start(&debug.join(name), &project.dir, &[], &variables, &address)?;

    let mut clean = true;
    let mut expect = |method: &str, path: &str, headers: &str, status: u16, part: &str| -> Result<()> {
        let (found, reply) = request(&address, method, path, headers)?;
        let is_right = found == status && reply.contains(part);
        println!(
            "its program: {method} {path} {}: {found}{}",
            headers.trim(),
            if is_right { "" } else { ", WRONG" }
        );
        clean &= is_right;
        Ok(())
    };
    expect("POST", "/nango/session-token", "", 401, "")?;
    expect("GET", "/nango/connections", "", 401, "")?;
    if code.contains(LOGIN) {
        let login = format!("Cookie: {LOGIN}\r\n");
        expect("POST", "/nango/session-token", &login, 200, "sessionToken")?;
        expect("GET", "/nango/connections?sync=true", &login, 200, "[]")?;
    }
    Ok(clean)
}
