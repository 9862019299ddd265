use reqwest::Method;

use super::{emulator, import, request, say};

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
        ask("model=M", &[]).await,
        "400 invalid_headers invalid_type@connection-id invalid_type@provider-config-key"
    );
    assert_eq!(
        ask("model=M", &[("provider-config-key", "openai"), ("connection-id", "none")]).await,
        "400 unknown_connection"
    );
    for (query, said) in [
        ("model=M&variant=v&limit=10000&filter=added,DELETED&cursor=x&ids=a&ids=b", "200"),
        ("model=M&modified_after=2026-01-01T00:00:00Z", "200"),
        ("model=M&modified_after=yesterday", "400 invalid_query_params invalid_format@modified_after"),
        ("model=a/b", "400 invalid_query_params invalid_format@model"),
        ("model=M&limit=10001", "400 invalid_query_params too_big@limit"),
        ("model=M&filter=added,nope", "400 invalid_query_params invalid_value@filter.1"),
        ("model=M&cursor=", "400 invalid_query_params too_small@cursor"),
        ("model=M&ids=", "400 invalid_query_params invalid_union@ids"),
        ("model=M&x=1", "400 invalid_query_params unrecognized_keys@"),
    ] {
        assert_eq!(ask(query, &good).await, said, "{query}");
    }
}
