//! Blocks of code in Markdown.

/// A fenced block, with the words behind its fence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) info: String,
    pub(crate) text: String,
}

/// Lists the blocks of a text whose fences stand at the start of a line.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(info), None) => open = Some(Block { info: info.trim().to_owned(), text: String::new() }),
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some(mut block)) => {
                block.text += line;
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    blocks
}

impl Block {
    /// Returns whether rustdoc would compile it.
    pub(crate) fn is_rust(&self) -> bool {
        let mut words = self.info.split(',').map(str::trim);
        words.next() == Some("rust") && !words.any(|word| word == "ignore")
    }

    /// Returns the code as a program, with the lines that rustdoc hides.
    pub(crate) fn program(&self) -> String {
        let lines = self.text.lines().map(|line| match line.strip_prefix('#') {
            Some("") => "",
            Some(hidden) if hidden.starts_with(' ') => &hidden[1..],
            _ => line,
        });
        let code: String = lines.flat_map(|line| [line, "\n"]).collect();
        if self.is_whole() { code } else { code + "\nfn main() {}\n" }
    }

    /// Returns whether it has a `main` of its own.
    pub(crate) fn is_whole(&self) -> bool {
        self.text.contains("fn main(")
    }
}

#[cfg(test)]
mod tests {
    use super::blocks;

    const TEXT: &str = "A\n```toml\n[dependencies]\na = \"1\"\n```\n```rust,no_run\n# use b;\n#\n#[c]\nfn main() {}\n```\n\n```rust,ignore\nd\n```\n```rust\ne();\n```\n```sh\nf\n```\n";

    #[test]
    fn blocks_are_read_with_their_kind() {
        let found = blocks(TEXT);
        let infos: Vec<&str> = found.iter().map(|block| block.info.as_str()).collect();
        assert_eq!(infos, ["toml", "rust,no_run", "rust,ignore", "rust", "sh"]);
        assert_eq!(found[0].text, "[dependencies]\na = \"1\"\n");
        let rust: Vec<bool> = found.iter().map(super::Block::is_rust).collect();
        assert_eq!(rust, [false, true, false, true, false]);
    }

    #[test]
    fn hidden_lines_are_shown_and_attributes_kept() {
        let found = blocks(TEXT);
        assert_eq!(found[1].program(), "use b;\n\n#[c]\nfn main() {}\n");
        assert_eq!(found[3].program(), "e();\n\nfn main() {}\n");
    }
}
