//! Web processes and workers, and deliveries to them.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nango_core::{SIGNATURE_HEADER, SigningKeys};
use nango_tests::Program;
use serde_json::json;

use super::Place;

/// Processes, each of which is replaced once it is dead.
pub(crate) struct Fleet {
    place: Arc<Place>,
    environment: Vec<(&'static str, String)>,
    members: Vec<Mutex<Member>>,
    next: AtomicUsize,
    client: reqwest::Client,
}

struct Member {
    role: &'static str,
    program: Program,
}

impl Fleet {
    pub(crate) fn start(
        place: &Arc<Place>,
        webs: usize,
        workers: usize,
        environment: &[(&'static str, &str)],
    ) -> Self {
        let roles = std::iter::repeat_n("web", webs).chain(std::iter::repeat_n("worker", workers));
        Self::of(place, roles, environment)
    }

    /// Starts processes with these roles.
    pub(crate) fn of(
        place: &Arc<Place>,
        roles: impl Iterator<Item = &'static str>,
        environment: &[(&'static str, &str)],
    ) -> Self {
        let environment: Vec<_> =
            environment.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let member = |role| Mutex::new(Member { role, program: start(place, role, &environment) });
        let members = roles.map(member).collect();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { place: Arc::clone(place), members, environment, next: AtomicUsize::new(0), client }
    }

    /// Sends SIGKILL to a member and starts another in its place. Returns the id of the dead process, and the
    /// time before which it was alive.
    pub(crate) fn kill(&self, member: usize) -> (u32, u128) {
        let mut member = self.members[member].lock().unwrap();
        let (process, time) = (member.program.id(), now());
        member.program.kill();
        member.program = start(&self.place, member.role, &self.environment);
        (process, time)
    }

    /// Starts another process in the place of each that has ended by itself. Returns their ids, and now.
    pub(crate) fn replace_dead(&self) -> Vec<(u32, u128)> {
        let mut dead = Vec::new();
        for member in &self.members {
            let mut member = member.lock().unwrap();
            if member.program.is_killed() {
                dead.push((member.program.id(), now()));
                member.program = start(&self.place, member.role, &self.environment);
            }
        }
        dead
    }

    /// Returns the time of a processor that the first member has used.
    pub(crate) fn processor_time(&self) -> Duration {
        let process = self.members[0].lock().unwrap().program.id();
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        let ticks =
            fields.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum::<u64>();
        // Linux shows hundredths of a second on every machine.
        Duration::from_millis(ticks * 10)
    }

    /// Returns the largest amount of memory that the first member has had, in KiB.
    pub(crate) fn peak_memory(&self) -> usize {
        let process = self.members[0].lock().unwrap().program.id();
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    pub(crate) fn members(&self) -> usize {
        self.members.len()
    }

    /// Delivers an event to one of the web processes. Returns whether it was answered with 2xx.
    pub(crate) async fn deliver(&self, mark: &str, does: &str) -> bool {
        let url = {
            let is_web = |member: &&Mutex<Member>| matches!(member.lock().unwrap().role, "web" | "plain");
            let webs: Vec<_> = self.members.iter().filter(is_web).collect();
            let web = webs[self.next.fetch_add(1, Ordering::Relaxed) % webs.len()].lock().unwrap();
            format!("{}/nango/webhook", web.program.url())
        };
        let body = json!({
            "connectionId": format!("c{}", mark.len()), "from": "github", "payload": {"does": does, "mark": mark},
            "providerConfigKey": "github", "type": "forward"
        })
        .to_string();
        let signature = SigningKeys::new(["signing"]).unwrap().sign(body.as_bytes());
        let request = self.client.post(url).header(SIGNATURE_HEADER, signature).body(body);
        request.send().await.is_ok_and(|reply| reply.status().is_success())
    }
}

fn start(place: &Place, role: &str, environment: &[(&'static str, String)]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_event_process"));
    command.args([role, &place.url, &place.log()]).env("TEST_PREFIX", &place.prefix);
    command.envs(environment.iter().map(|(name, value)| (*name, value)));
    Program::start(&mut command)
}

/// Microseconds since 1970, as the processes write them.
pub(crate) fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()
}
