use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::Method;
use serde_json::json;

use super::{emulator, import, request, say, with};

#[tokio::test]
async fn query_is_validated_before_the_headers() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let ask = |query: &str, headers: &[(&str, &str)]| {
        let asked = request(&nango, Method::GET, &format!("/records?{query}"));
        say(headers.iter().fold(asked, |asked, (name, value)| asked.header(*name, *value)))
    };
    let good = [("provider-config-key", "openai"), ("connection-id", "c")];
    assert_eq!(ask("", &[]).await, "400 invalid_query_params invalid_type@model");
    assert_eq!(
        ask("model=Contact", &[]).await,
        "400 invalid_headers invalid_type@connection-id invalid_type@provider-config-key"
    );
    assert_eq!(
        ask("model=Contact", &[("provider-config-key", "openai"), ("connection-id", "none")]).await,
        "400 unknown_connection"
    );
    let position = "2026-11-28T01:00:00.5+00:00||11111111-2222-4333-8444-555555555555";
    let good_cursor = BASE64.encode(position);
    for (query, said) in [
        ("model=Contact&variant=v&limit=10000&filter=added,DELETED&cursor=CURSOR&ids=a&ids=b", "200"),
        (
            "model=Contact&modified_after=yesterday",
            "400 invalid_query_params invalid_format@modified_after custom@modified_after",
        ),
        ("model=Contact&delta=2020-01-01T00:00:00.000Z", "400 invalid_query_params custom@delta"),
        ("model=a/b", "400 invalid_query_params invalid_format@model"),
        ("model=contact", "400 invalid_query_params invalid_format@model"),
        ("model=C", "400 invalid_query_params invalid_format@model"),
        ("model=Contact::v1", "400 invalid_query_params invalid_format@model"),
        ("model=", "400 invalid_query_params invalid_format@model"),
        ("model=Contact_2-x", "200"),
        ("model=Contact&cursor=zzz", "500 server_error"),
        ("model=Contact&cursor=MjAyNi0wMS0wMVQwMDowMDowMFp8fG5vcGU%3D", "500 server_error"),
        ("model=Contact&limit=10001", "400 invalid_query_params too_big@limit"),
        ("model=Contact&filter=added,nope", "400 invalid_query_params invalid_value@filter.1"),
        ("model=Contact&cursor=", "400 invalid_query_params too_small@cursor"),
        ("model=Contact&ids=", "400 invalid_query_params invalid_union@ids"),
        ("model=Contact&x=1", "400 invalid_query_params unrecognized_keys@"),
    ] {
        let query = query.replace("CURSOR", &good_cursor);
        assert_eq!(ask(&query, &good).await, said, "{query}");
    }
}

/// Older changes are refused, so a date is compared with the present time.
#[tokio::test]
async fn changes_of_the_last_year_can_be_requested() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let days_ago = |days: i64| {
        let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days);
        format!("{at:.3}")
    };
    let (young, old) = (days_ago(364), days_ago(366));
    let offset = young.replace('Z', "%2B00:00");
    for (value, said) in [
        (young.clone(), "200"),
        (old, "400 invalid_query_params custom@modified_after"),
        (offset, "400 invalid_query_params invalid_format@modified_after"),
        (young[..10].to_owned(), "400 invalid_query_params invalid_format@modified_after"),
    ] {
        let path = format!("/records?model=Contact&modified_after={value}");
        let asked = request(&nango, Method::GET, &path).header("connection-id", "c");
        assert_eq!(say(asked.header("provider-config-key", "openai")).await, said, "{value}");
    }
}

#[tokio::test]
async fn pruning_validates_like_reading() {
    let nango = emulator().await;
    import(&nango, "c").await;
    for (body, said) in [
        (json!({ "model": "contact", "until_cursor": "x" }), "400 invalid_body invalid_format@model"),
        (
            json!({ "model": "Contact", "until_cursor": "x", "limit": 10_001 }),
            "400 invalid_body too_big@limit",
        ),
        (
            json!({ "model": "Contact", "until_cursor": "x", "limit": "0" }),
            "400 invalid_body too_small@limit",
        ),
        (json!({ "model": "Contact", "until_cursor": "x", "limit": 5 }), "200"),
    ] {
        let asked = with(request(&nango, Method::PATCH, "/records/prune"), &body);
        let asked = asked.header("connection-id", "c").header("provider-config-key", "openai");
        assert_eq!(say(asked).await, said, "{body}");
    }
}
