//! Forms with files.

use std::fmt;

use bytes::Bytes;

use crate::error::Error;

/// A form with texts and files, as `multipart/form-data`, for
/// [`ProxyRequest::multipart`](crate::ProxyRequest::multipart).
///
/// ```
/// use nango_client::Multipart;
///
/// let form = Multipart::new().text("title", "Report").file("file", "report.csv", "text/csv", "a,b\n1,2\n");
/// ```
#[must_use]
#[derive(Clone, Default)]
pub struct Multipart {
    parts: Vec<Part>,
}

#[derive(Clone)]
struct Part {
    name: String,
    /// The name and the type of a file.
    file: Option<(String, String)>,
    content: Bytes,
}

impl Multipart {
    /// Creates an empty form.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    pub fn text(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.parts.push(Part { name: name.into(), file: None, content: text.into().into() });
        self
    }

    /// Adds a file.
    pub fn file(
        mut self,
        name: impl Into<String>,
        file_name: impl Into<String>,
        content_type: impl Into<String>,
        content: impl Into<Bytes>,
    ) -> Self {
        let file = Some((file_name.into(), content_type.into()));
        self.parts.push(Part { name: name.into(), file, content: content.into() });
        self
    }

    /// Returns the type of the whole body, and the body.
    pub(in crate::client) fn finish(self) -> Result<(String, Bytes), Error> {
        // 128 random bits, which no content has.
        let boundary = format!("nango-{:032x}", rand::random::<u128>());
        let mut body = Vec::new();
        for Part { name, file, content } in self.parts {
            body.extend_from_slice(
                format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"", quoted(&name))
                    .as_bytes(),
            );
            if let Some((file_name, content_type)) = file {
                if content_type.is_empty() || !content_type.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
                    return Err(Error::invalid_request(
                        "the type of a file has characters that no header can have",
                    ));
                }
                let file = format!("; filename=\"{}\"\r\ncontent-type: {content_type}", quoted(&file_name));
                body.extend_from_slice(file.as_bytes());
            }
            body.extend_from_slice(b"\r\n\r\n");
            body.extend_from_slice(&content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        Ok((format!("multipart/form-data; boundary={boundary}"), body.into()))
    }
}

/// Encodes what would end a name in quotes, as browsers do.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// Shows the number of parts alone.
impl fmt::Debug for Multipart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Multipart({} parts)", self.parts.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_their_quotes() {
        let form = Multipart::new().text("a\"\r\nx: y", "1").file("f", "\"\n", "text/plain", "\0\r\n");
        let (content_type, body) = form.finish().unwrap();
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let expected = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"a%22%0D%0Ax: y\"\r\n\r\n1\r\n\
             --{boundary}\r\ncontent-disposition: form-data; name=\"f\"; filename=\"%22%0A\"\r\n\
             content-type: text/plain\r\n\r\n\0\r\n\r\n--{boundary}--\r\n"
        );
        assert_eq!(body, expected);
        assert!(Multipart::new().file("f", "n", "text/plain\r\nx: y", "").finish().is_err());
    }
}
