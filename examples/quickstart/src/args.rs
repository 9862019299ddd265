//! The command line.

use std::net::SocketAddr;

use url::Url;

/// A small SaaS whose users connect their accounts through Nango.
///
/// With NANGO_SECRET_KEY set it talks to the Nango at NANGO_HOST, and checks webhooks with NANGO_WEBHOOK_SIGNING_KEY.
/// Without, it starts a Nango of its own to try things with.
#[derive(clap::Parser)]
#[command(version)]
pub struct Args {
    /// Where the app listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,

    /// Where connections are remembered: sqlite://FILE, postgres://USER@HOST/NAME or mysql://USER@HOST/NAME.
    ///
    /// SQLite's file is made when it is missing; on a server the database has to be there. Tables are made in both. The key
    /// that signs cookies and the state of the app's own Nango are files: FILE.key and FILE.emulator.json beside SQLite's,
    /// NAME.key and NAME.emulator.json in the working directory for the others.
    // A text, since an error of clap's would quote it, with a password perhaps.
    #[arg(long, value_name = "URL", default_value = "sqlite://quickstart.db")]
    pub database: String,

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
