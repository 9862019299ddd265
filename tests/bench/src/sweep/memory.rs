//! The memory of this process.

use std::fs;

use crate::outcome::Outcome;

/// Begins a new maximum.
pub(crate) fn reset() -> Outcome<()> {
    Ok(fs::write("/proc/self/clear_refs", "5")?)
}

/// Returns the most memory that this process has had since, in MiB.
pub(crate) fn most() -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}
