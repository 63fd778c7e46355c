//! What is no ordinary file: reading it could wait for ever, or never end.

use std::fs::{File, FileType};
use std::io::IsTerminal;
use std::path::Path;

use super::unreadable;
use crate::error::{Error, ErrorKind};

/// A file that is named itself may be a pipe or a terminal, where somebody is to write; what a device holds has no end.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    let kind = path.metadata().map_err(unreadable)?.file_type();
    match name(kind) {
        None | Some(PIPE) => Ok(()),
        Some(DEVICE) if File::open(path).is_ok_and(|file| file.is_terminal()) => Ok(()),
        Some(what) => Err(refused(what).hint("give a file, a directory, a pipe, or - for stdin")),
    }
}

/// In a directory there are files; nobody has asked for what else may lie there.
pub(super) fn check_in_directory(path: &Path) -> Result<(), Error> {
    let kind = path.metadata().map_err(unreadable)?.file_type();
    match name(kind) {
        None => Ok(()),
        Some(PIPE) => Err(refused(PIPE).hint("take it out of the directory, or name it itself")),
        Some(what) => Err(refused(what).hint("take it out of the directory")),
    }
}

fn refused(what: &str) -> Error {
    Error::new(ErrorKind::Io, format!("it is {what}, not a file"))
}

const PIPE: &str = "a pipe";
const DEVICE: &str = "a device";

/// What it is, if it is no file and no directory.
#[cfg(unix)]
fn name(kind: FileType) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        kind if kind.is_fifo() => Some(PIPE),
        kind if kind.is_char_device() || kind.is_block_device() => Some(DEVICE),
        kind if kind.is_socket() => Some("a socket"),
        _ => None,
    }
}

#[cfg(not(unix))]
fn name(_: FileType) -> Option<&'static str> {
    None
}
