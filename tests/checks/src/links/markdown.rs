//! Links of a Markdown text.

/// Returns the targets of a text with their lines, without those in code.
pub(super) fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        // Every second part is in backquotes.
        let prose: Vec<&str> = line.split('`').step_by(2).collect();
        // The text of a link can be code, so that its parts stay together.
        let prose = prose.join("`");
        for part in prose.split("](").skip(1) {
            found.extend(part.split(')').next().map(|target| (at + 1, target.to_owned())));
        }
    }
    found
}

/// Returns the anchors of the headings, as GitHub and mdBook make them.
pub(super) fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}
