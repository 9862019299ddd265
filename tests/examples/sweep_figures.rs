//! How long a sweep takes, and how much memory: `sweep_figures 10000`, then `sweep_figures 100000`.
//!
//! The emulator runs as a program of its own, so that the memory is the sweep's. Build both with
//! `--release`; the emulator is expected beside this program's folder, or where
//! `NANGO_EMULATOR_BIN` says.

use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use nango_core::{ConnectionKey, Nango, SigningKeys, SweepReport};
use nango_sqlx::SqliteStore;
use nango_tests::{Organization, User};
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The emulator's process. It is killed when this is dropped.
struct Emulator {
    process: Child,
    url: String,
    key: String,
    http: reqwest::Client,
}

impl Emulator {
    fn start() -> Outcome<Self> {
        let beside = || -> Option<PathBuf> {
            Some(env::current_exe().ok()?.parent()?.parent()?.join("nango-emulator"))
        };
        let program =
            env::var_os("NANGO_EMULATOR_BIN").map(PathBuf::from).or_else(beside).ok_or("no emulator")?;
        let mut process =
            Command::new(program).args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn()?;
        let stdout = process.stdout.take().ok_or("no output")?;
        let (mut url, mut key) = (None, None);
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            match line.split_once('=') {
                Some(("url", value)) => url = Some(value.replace("localhost", "127.0.0.1")),
                Some(("secret_key", value)) => key = Some(value.to_owned()),
                _ => {}
            }
            if url.is_some() && key.is_some() {
                break;
            }
        }
        let (url, key) = (url.ok_or("no url")?, key.ok_or("no key")?);
        Ok(Self { process, url, key, http: reqwest::Client::new() })
    }

    async fn import(&self, count: usize, id: &str, tags: serde_json::Value) -> Outcome<()> {
        let body = json!({"integration": "openai", "count": count, "connection_id": id, "tags": tags});
        let request = self.http.post(format!("{}/_emulator/connections", self.url)).bearer_auth(&self.key);
        let request = request.header("content-type", "application/json").body(body.to_string());
        request.send().await?.error_for_status()?;
        Ok(())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The most memory that this process has had, in MiB.
fn peak() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
}

async fn sweep(nango: &Nango, what: &str) -> Outcome<SweepReport> {
    let begun = Instant::now();
    let report = nango.sweep().run().await?;
    let took = begun.elapsed();
    println!(
        "{what}: {:.2} s, {} requests, {:.0} connections/s, peak {} MiB; here {} there {} unknown {} duplicate {}",
        took.as_secs_f64(),
        report.requests,
        f64::from(u32::try_from(report.listed)?) / took.as_secs_f64(),
        peak()?,
        report.missing_in_store.count,
        report.missing_at_nango.count,
        report.owner_unknown.count,
        report.duplicate.count,
    );
    Ok(report)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let count: usize = env::args().nth(1).ok_or("how many connections?")?.parse()?;
    let percent = count / 100;
    let owned = |user: &str| json!({"end_user_id": user, "owner_kind": "user"});
    let emulator = Emulator::start()?;
    emulator.import(count, "c-{n}", owned("u-{n}")).await?;

    let folder = tempfile::tempdir()?;
    let store = SqliteStore::connect(&format!("sqlite://{}/sweep.db", folder.path().display())).await?;
    let nango = Nango::builder(emulator.key.as_str(), SigningKeys::new(["unused"])?, store)
        .host(&emulator.url)
        .allowed_integrations(["openai"])
        .entity::<User>()
        .entity::<Organization>()
        .build()?;
    println!("{count} connections; peak before the first sweep {} MiB", peak()?);
    let _ = sweep(&nango, "all are new").await?;
    let _ = sweep(&nango, "all agree").await?;

    for n in 1..=percent {
        nango.unscoped_client().delete_connection(&ConnectionKey::new("openai", format!("c-{n}"))).await?;
    }
    emulator.import(percent, "new-{n}", owned("new-{n}")).await?;
    emulator.import(percent, "unowned-{n}", json!({"plan": "pro"})).await?;
    // Owners from the other end than those whose connections were deleted.
    for n in count - percent + 1..=count {
        emulator.import(1, &format!("twice-{n}"), owned(&format!("u-{n}"))).await?;
    }
    let report = sweep(&nango, "1 % of each class").await?;
    assert_eq!(report.missing_in_store.count, 2 * percent, "new ones, and second ones of owners");
    assert_eq!(report.missing_at_nango.count, percent);
    assert_eq!((report.owner_unknown.count, report.duplicate.count), (percent, percent));
    let report = sweep(&nango, "once more").await?;
    assert_eq!((report.missing_in_store.count, report.missing_at_nango.count), (0, 0), "all was repaired");
    Ok(())
}
