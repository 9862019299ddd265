//! The README's program, run beside the packed emulator.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};

/// The address of the README's program.
const ADDRESS: &str = "127.0.0.1:3000";

/// The time within which a program listens.
const START: Duration = Duration::from_secs(20);

/// The time of one request.
const REPLY: Duration = Duration::from_secs(10);

/// A program that ends with this value.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns the code with another address, and this one: that of the README may be taken on this machine.
pub(crate) fn with_free_address(code: &str) -> Result<(String, String)> {
    if !code.contains(ADDRESS) {
        return Err(Failure::new(format!("the README's program does not listen on {ADDRESS}")));
    }
    let address = free_address()?;
    Ok((code.replace(ADDRESS, &address), address))
}

/// Returns an address of this machine where nothing listens.
pub(crate) fn free_address() -> Result<String> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.to_string())
        .map_err(|error| Failure::new(format!("no free port: {error}")))
}

/// Starts a program, and waits until it listens.
pub(crate) fn start(
    program: &Path,
    dir: &Path,
    arguments: &[&str],
    variables: &[(&str, &str)],
    address: &str,
) -> Result<Running> {
    let child = Command::new(program)
        .current_dir(dir)
        .args(arguments)
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| Failure::at(program, error))?;
    let mut running = Running(child);
    let began = Instant::now();
    while TcpStream::connect(address).is_err() {
        let ended = running.0.try_wait().map_err(|error| Failure::at(program, error))?;
        if let Some(status) = ended {
            return Err(Failure::at(program, format!("ended with {status}")));
        }
        if began.elapsed() > START {
            return Err(Failure::at(program, format!("does not listen on {address} after {START:?}")));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(running)
}

/// Sends a request without a body, and returns the status and the text of the whole reply.
pub(crate) fn request(address: &str, method: &str, path: &str, headers: &str) -> Result<(u16, String)> {
    let failed = |error: std::io::Error| Failure::new(format!("{method} {path}: {error}"));
    let mut stream = TcpStream::connect(address).map_err(failed)?;
    stream.set_read_timeout(Some(REPLY)).map_err(failed)?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n{headers}\r\n"
    );
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).map_err(failed)?;
    let reply = String::from_utf8_lossy(&reply).into_owned();
    let status = reply.split(' ').nth(1).and_then(|status| status.parse().ok());
    status
        .map(|status| (status, reply))
        .ok_or_else(|| Failure::new(format!("{method} {path}: the reply is not HTTP")))
}
