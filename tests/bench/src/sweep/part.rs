//! The program as one of its own parts.

use std::process::{Command, Stdio};

use crate::outcome::Outcome;

pub(crate) fn part(name: &str) -> Outcome<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--part", name]).stdout(Stdio::piped());
    Ok(command)
}
