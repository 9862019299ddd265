//! Rules for outgoing URLs (wire reference 2.1). Unlike a real Nango, the emulator allows loopback,
//! where its users' applications run.

use std::net::IpAddr;

use serde_json::Value;
use url::{Host, Url};

use crate::check::{Fields, Issue};

/// Returns true for what zod accepts as a URL.
pub(crate) fn is_url(text: &str) -> bool {
    Url::parse(text).is_ok()
}

/// Takes `webhook_url_override`. `Some("")` removes the override.
pub(crate) fn take_webhook_url(fields: &mut Fields<'_>) -> Option<String> {
    const NAME: &str = "webhook_url_override";
    let url = webhook_url(fields.take(NAME)?);
    let url = url.map(str::to_owned).map_err(|issue| fields.push(issue.at(&[NAME.to_owned()])));
    url.ok()
}

/// Validates a URL for webhooks, or an empty string.
pub(crate) fn webhook_url(value: &Value) -> Result<&str, Issue> {
    let text = value.as_str().filter(|text| text.is_empty() || is_url(text));
    let text = text.ok_or_else(|| Issue::new("invalid_union", "Invalid input", &[]))?;
    webhook_target(text).map_err(|message| Issue::custom(message, &[]))?;
    Ok(text)
}

/// Checks the target of a webhook override. The empty string stands for none.
fn webhook_target(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Ok(());
    }
    let Ok(url) = Url::parse(text) else { return Err("This webhook URL is not allowed.") };
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    if host == "nango.dev" || host.ends_with(".nango.dev") {
        return Err("Webhook URLs cannot point to Nango's domain (nango.dev).");
    }
    if is_blocked(&url) { Err("This webhook URL is not allowed.") } else { Ok(()) }
}

/// Returns true for private, link-local and metadata addresses, and for other schemes than HTTP.
pub(crate) fn is_blocked(url: &Url) -> bool {
    if !matches!(url.scheme(), "http" | "https") {
        return true;
    }
    match url.host() {
        None => true,
        Some(Host::Domain(name)) => matches!(name, "metadata.google.internal" | "metadata"),
        Some(Host::Ipv4(ip)) => blocked_ip(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => blocked_ip(IpAddr::V6(ip)),
    }
}

fn blocked_ip(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || ip.is_unspecified() || ip.is_broadcast(),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(mapped) => blocked_ip(IpAddr::V4(mapped)),
            None => ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhook_targets() {
        for good in ["", "http://127.0.0.1:3000/hook", "http://localhost/x", "https://example.com"] {
            assert_eq!(webhook_target(good), Ok(()), "{good}");
        }
        for bad in [
            "http://10.0.0.1/hook",
            "http://169.254.169.254",
            "https://api.nango.dev/hook",
            "ftp://example.com",
            "http://[::ffff:192.168.0.1]/",
        ] {
            assert!(webhook_target(bad).is_err(), "{bad}");
        }
    }
}
