//! A form has the parts that it was made of: no name and no content begins another part.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nango_client::{Multipart, written_form};

fuzz_target!(|parts: Vec<(String, String, Vec<u8>)>| {
    let form = parts.iter().fold(Multipart::new(), |form, (name, file, content)| {
        form.file(name.clone(), file.clone(), "text/plain", content.clone())
    });
    let (content_type, body) = written_form(form).expect("a plain type");
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect("a boundary");
    let delimiter = format!("--{boundary}");
    let delimiters = body.windows(delimiter.len()).filter(|found| *found == delimiter.as_bytes()).count();
    assert_eq!(delimiters, parts.len() + 1);
    let mut rest = &body[..];
    for (_, _, content) in &parts {
        let head = rest.windows(4).position(|found| found == b"\r\n\r\n").expect("the end of a head");
        // The delimiter, the disposition and the type.
        assert_eq!(rest[..head].windows(2).filter(|found| *found == b"\r\n").count(), 2);
        rest = &rest[head + 4..];
        assert!(rest.starts_with(content));
        rest = &rest[content.len() + 2..];
    }
    assert_eq!(rest, format!("{delimiter}--\r\n").as_bytes());
});
