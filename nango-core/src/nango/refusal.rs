//! The page that a browser gets whose callback is not passed on.

/// The words of the page that a browser gets whose callback is not passed on to Nango. They are text: no
/// HTML is taken from them.
///
/// ```
/// use nango_core::RefusalPage;
///
/// let page = RefusalPage::new("en-GB", "Nothing was connected")
///     .paragraph("Open Acme in this browser, and connect your calendar there.");
/// assert!(page.to_html().contains("<html lang=\"en-GB\">"));
/// ```
#[derive(Debug, Clone)]
pub struct RefusalPage {
    language: String,
    heading: String,
    paragraphs: Vec<String>,
}

impl RefusalPage {
    /// Creates a page with a heading, in a language such as `en`.
    #[must_use]
    pub fn new(language: impl Into<String>, heading: impl Into<String>) -> Self {
        Self { language: language.into(), heading: heading.into(), paragraphs: Vec::new() }
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn paragraph(mut self, text: impl Into<String>) -> Self {
        self.paragraphs.push(text.into());
        self
    }

    /// Returns the page, which has neither a script nor anything from elsewhere.
    #[must_use]
    pub fn to_html(&self) -> String {
        let heading = escaped(&self.heading);
        let paragraphs: String =
            self.paragraphs.iter().map(|text| format!("<p>{}</p>\n", escaped(text))).collect();
        format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
             content=\"width=device-width, initial-scale=1\">\n<title>{heading}</title>\n<style>{STYLE}</style>\n</head>\n\
             <body>\n<main>\n<h1>{heading}</h1>\n{paragraphs}</main>\n</body>\n</html>\n",
            escaped(&self.language)
        )
    }
}

impl Default for RefusalPage {
    fn default() -> Self {
        Self::new("en", "This connection was not started in this browser")
            .paragraph(
                "Nothing was connected. If you opened a link that another person sent you, close this page: it would have \
                 connected your account to theirs.",
            )
            .paragraph(
                "If you did start it, it was more than half an hour ago, in another browser, or with cookies blocked. Go back \
                 to the app, allow its cookies, and connect again.",
            )
    }
}

/// Legible without a font or a picture from elsewhere, in light and dark.
const STYLE: &str = "html{color-scheme:light dark;font:1.125rem/1.5 system-ui,sans-serif}body{margin:0}\
                     main{max-width:36rem;margin:0 auto;padding:2rem 1.25rem}h1{font-size:1.5rem;line-height:1.25}";

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_app_are_text() {
        let page = RefusalPage::new("en\"><script>", "<b>&").paragraph("<script>alert(1)</script>").to_html();
        assert!(!page.contains("<script") && page.contains("&lt;b&gt;&amp;"), "{page}");
        assert!(!RefusalPage::default().to_html().contains("<script"));
    }
}
