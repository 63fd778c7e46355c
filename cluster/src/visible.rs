//! Text that is shown to people: names, kinds and fields come from files that somebody else may have written, and could move the
//! cursor, forge a line, or turn the order of letters around.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with what acts on a terminal or hides from the eye written out: `\n`, `\x1b`, `\u{202e}`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        // Writing to a string cannot fail.
        _ = match c {
            '\n' => write!(shown, "\\n"),
            '\r' => write!(shown, "\\r"),
            '\t' => write!(shown, "\\t"),
            c if !acts(c) => write!(shown, "{c}"),
            c if c.is_ascii() => write!(shown, "\\x{:02x}", c as u32),
            c => write!(shown, "\\u{{{:x}}}", c as u32),
        };
    }
    Cow::Owned(shown)
}

/// Control characters of both sets, separators of lines and paragraphs, marks that change the direction of text, and letters of
/// no width.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_written_out() {
        for plain in ["", "web-1", "Größe 東京 🙂", "a\\b", "\u{a0}"] {
            assert!(matches!(visible(plain), Cow::Borrowed(same) if same == plain));
        }
        assert_eq!(visible("a\n\r\tb"), "a\\n\\r\\tb");
        assert_eq!(visible("\x1b]0;owned\x07\x1b[2J\0\x7f"), "\\x1b]0;owned\\x07\\x1b[2J\\x00\\x7f");
        // The second set of controls has a CSI of its own; the rest turns or hides text.
        assert_eq!(visible("\u{9b}31m\u{85}"), "\\u{9b}31m\\u{85}");
        assert_eq!(visible("nx\u{202e}gnp\u{2066}\u{200f}"), "nx\\u{202e}gnp\\u{2066}\\u{200f}");
        assert_eq!(visible("a\u{2028}b\u{200b}c\u{feff}"), "a\\u{2028}b\\u{200b}c\\u{feff}");
    }
}
