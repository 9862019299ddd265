//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

/// A small SaaS whose users connect their accounts through Nango.
///
/// With NANGO_SECRET_KEY set it talks to the Nango at NANGO_HOST, and checks webhooks with NANGO_WEBHOOK_SIGNING_KEY.
/// Without, it starts a Nango of its own to try things with.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub struct Args {
    /// Where the app listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,

    /// Where connections are remembered. The file is made when it is missing.
    #[arg(long, value_name = "URL", default_value = "sqlite://quickstart.db")]
    pub database: Database,

    /// Where the app's own Nango listens, when it starts one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3003")]
    pub emulator: SocketAddr,

    /// The integrations on offer, separated by commas. Default: all that Nango lists.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub integrations: Vec<String>,

    /// How many seconds lie between two sweeps, which find what no webhook told of.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    pub sweep_every: u64,

    /// Where Nango's Connect UI is. Default: Nango Cloud's, or the one on the same host when Nango is on this machine.
    #[arg(long, value_name = "URL", env = "NANGO_CONNECT_URL")]
    pub connect_url: Option<Url>,

    /// Where the page loads Nango's frontend SDK from. When it cannot, the Connect UI opens in a window.
    #[arg(
        long,
        value_name = "URL",
        env = "NANGO_SDK_URL",
        default_value = "https://cdn.jsdelivr.net/npm/@nangohq/frontend@0.71.10/dist/index.js"
    )]
    pub sdk_url: Url,
}

/// A SQLite database in a file, and the files that belong beside it.
#[derive(Debug, Clone)]
pub struct Database {
    url: String,
    path: String,
}

impl Database {
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `quickstart.db` with `key` is `quickstart.db.key`.
    pub fn beside(&self, extension: &str) -> PathBuf {
        PathBuf::from(format!("{}.{extension}", self.path))
    }
}

impl FromStr for Database {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let path = url.strip_prefix("sqlite:").ok_or("this app knows only `sqlite://FILE`")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        if path.is_empty() || path == ":memory:" {
            return Err("name a file, as in `sqlite://quickstart.db`".to_owned());
        }
        Ok(Self { url: url.to_owned(), path: path.to_owned() })
    }
}
