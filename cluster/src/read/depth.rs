//! Refuses JSON that is nested too deep.

use crate::error::Error;

/// What is skipped is skipped in a loop, however deep it is. What is read recurses as far as the fields of a kind go, some
/// twenty levels, and no further: lists are flattened in a loop (`sink.rs`), fields of any form have a bound of their own
/// (`objects/free.rs`). Optimized, a pod takes 48 KiB of stack, a CronJob, which is the deepest, less than 128.
const DEPTH: usize = 5000;

/// How many bytes are counted together.
const BLOCK: usize = 4096;

pub(super) fn check(text: &str) -> Result<(), Error> {
    // An upper bound, a block at a time: the brackets that are open before it and those that open in it. Brackets in
    // strings count too, so the bound only says where to look closer.
    let mut open = 0usize;
    for block in text.as_bytes().chunks(BLOCK) {
        let opening = block.iter().filter(|b| matches!(b, b'{' | b'[')).count();
        let closing = block.iter().filter(|b| matches!(b, b'}' | b']')).count();
        if open + opening > DEPTH {
            return exact(text);
        }
        open = (open + opening).saturating_sub(closing);
    }
    Ok(())
}

fn exact(text: &str) -> Result<(), Error> {
    let (mut depth, mut quoted, mut escaped, mut line) = (0usize, false, false, 1);
    for byte in text.bytes() {
        if quoted {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'\n' => line += 1,
            b'"' => quoted = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > DEPTH {
                    return Err(Error::input(format!("it is nested more than {DEPTH} levels deep at line {line}")));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}
