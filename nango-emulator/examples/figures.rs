//! Speed and memory use of the emulator.
//!
//!     cargo run --release -p nango-emulator --example figures
//!
//! Prints one figure per line: start-up to the first reply, then for 100,000 connections the
//! import, their resident memory, and listing all of them in pages of 100, without and with a tag
//! filter. Last come connect sessions a second over HTTP, with 1, 10,000 and 100,000 that exist.

use std::error::Error;
use std::time::{Duration, Instant};

use nango_emulator::Emulator;
use reqwest::Client;
use serde_json::Value;

const CONNECTIONS: u32 = 100_000;
const PAGE: usize = 100;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let http = Client::builder().no_proxy().build()?;
    let begun = Instant::now();
    let nango = Emulator::builder().start().await?;
    get(&http, &nango, "/health").await?;
    print("start-up to the first answer", begun.elapsed());

    let before = resident();
    let begun = Instant::now();
    let tags = [("end_user_id", "user-{n}"), ("team", "blue")];
    nango.import_many("openai", CONNECTIONS, "connection-{n}", &tags)?;
    print(&format!("importing {CONNECTIONS} connections"), begun.elapsed());
    if let (Some(before), Some(after)) = (before, resident()) {
        let each = after.saturating_sub(before) * 1024 / u64::from(CONNECTIONS);
        println!(
            "resident memory: {} MiB before, {} MiB after, {each} bytes each",
            before / 1024,
            after / 1024
        );
    }
    for (what, filter) in [("all", ""), ("all that have a tag", "&tags[team]=blue")] {
        let begun = Instant::now();
        let pages = list(&http, &nango, filter).await?;
        print(&format!("listing {what} in {pages} pages of {PAGE}"), begun.elapsed());
    }
    let begun = Instant::now();
    get(&http, &nango, "/connections?limit=100&tags[end_user_id]=user-77").await?;
    print("finding the one with a tag", begun.elapsed());
    nango.stop().await;
    sessions(&http).await
}

const EXISTING: [usize; 3] = [1, 10_000, 100_000];
const ROUNDS: usize = 60;
const SESSIONS_PER_ROUND: usize = 200;
const CALLERS: usize = 4;

/// Measures the creation of sessions. Other work of the machine comes and goes and only slows it
/// down, so the three cases take turns, and the third best round of each counts.
async fn sessions(http: &Client) -> Result<(), Box<dyn Error>> {
    let mut cases = Vec::new();
    for existing in EXISTING {
        let nango = Emulator::builder().start().await?;
        for _ in 0..existing {
            let _ = nango.create_session(&[("end_user_id", "user")]);
        }
        create_sessions(http, &nango).await?;
        cases.push((existing, nango, Vec::new()));
    }
    for _ in 0..ROUNDS {
        for (_, nango, rates) in &mut cases {
            let begun = Instant::now();
            create_sessions(http, nango).await?;
            rates.push(SESSIONS_PER_ROUND as f64 / begun.elapsed().as_secs_f64());
        }
    }
    for (existing, nango, mut rates) in cases {
        rates.sort_by(f64::total_cmp);
        let (median, best) = (rates[ROUNDS / 2], rates[ROUNDS - 3]);
        println!("sessions a second with {existing} that exist: {best:.0} (median {median:.0})");
        nango.stop().await;
    }
    Ok(())
}

async fn create_sessions(http: &Client, nango: &Emulator) -> Result<(), Box<dyn Error>> {
    let url = format!("{}/connect/sessions", nango.local_url());
    let caller = || async {
        for _ in 0..SESSIONS_PER_ROUND / CALLERS {
            let request = http.post(&url).header("authorization", nango.secret_key());
            let request = request.header("content-type", "application/json");
            let answer = request.body(r#"{"tags":{"end_user_id":"user"}}"#).send().await?;
            answer.error_for_status()?.bytes().await?;
        }
        Ok::<_, reqwest::Error>(())
    };
    futures_util::future::try_join_all((0..CALLERS).map(|_| caller())).await?;
    Ok(())
}

fn print(what: &str, took: Duration) {
    println!("{what}: {took:.1?}");
}

async fn get(http: &Client, nango: &Emulator, path: &str) -> Result<Value, Box<dyn Error>> {
    let request = http.get(format!("{}{path}", nango.local_url()));
    let answer = request.header("authorization", nango.secret_key()).send().await?;
    Ok(serde_json::from_slice(&answer.error_for_status()?.bytes().await?)?)
}

/// Returns the number of pages with all connections.
async fn list(http: &Client, nango: &Emulator, filter: &str) -> Result<usize, Box<dyn Error>> {
    let (mut pages, mut seen) = (0, 0);
    loop {
        let answer = get(http, nango, &format!("/connections?limit={PAGE}&page={pages}{filter}")).await?;
        let found = answer["connections"].as_array().map_or(0, Vec::len);
        if found == 0 {
            break;
        }
        seen += found;
        pages += 1;
    }
    if seen == CONNECTIONS as usize { Ok(pages) } else { Err(format!("{seen} listed").into()) }
}

/// Returns the resident memory of this process in KiB, where the system reports it.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
