//! What a proxied call is sent to stays below `/proxy`, however often a server decodes the path.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nango_client::path_below_proxy;
use percent_encoding::percent_decode_str;
use url::Url;

fuzz_target!(|path: &str| {
    let Ok(sent) = path_below_proxy(path) else { return };
    let base = Url::parse("https://nango.example").expect("a URL");
    let url = base.join(&sent).expect("a path");
    assert_eq!(url.origin(), base.origin());
    assert!(url.path().starts_with("/proxy/"), "{url}");
    assert_eq!((url.query(), url.fragment()), (None, None));
    // As a server sees it that decodes before it resolves.
    let decoded = percent_decode_str(url.path()).decode_utf8_lossy().replace('\\', "/");
    let mut depth = 0_i32;
    for part in decoded.split('/').skip(2) {
        depth += if part == ".." { -1 } else { 1 };
        assert!(depth >= 0 && part != "." && part != "..", "{decoded}");
    }
});
