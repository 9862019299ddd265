use nango_core::{Error, Nango};

async fn count(nango: &Nango) -> Result<usize, Error> {
    Ok(nango.connections(7).await?.len())
}

fn main() {}
