//! Inputs that are packed by gzip or zstd.

use std::borrow::Cow;
use std::io::Read;

use crate::error::Error;

/// An input may unpack to so many bytes: more than the largest clusters' dumps, less than the memory of a machine.
const MOST: u64 = 8 << 30;

/// The bytes themselves, or what is packed in them.
pub(super) fn unpacked(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    match bytes {
        [0x1f, 0x8b, ..] => read(flate2::read::MultiGzDecoder::new(bytes), "gzip").map(Cow::Owned),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => match ruzstd::decoding::StreamingDecoder::new(bytes) {
            Ok(decoder) => read(decoder, "zstd").map(Cow::Owned),
            Err(fault) => {
                Err(Error::input(format!("this is not zstd: {fault}")).hint("pack it again, or give it unpacked"))
            }
        },
        _ => Ok(Cow::Borrowed(bytes)),
    }
}

fn read(from: impl Read, format: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    from.take(MOST + 1).read_to_end(&mut bytes).map_err(|fault| {
        Error::input(format!("this is not {format}: {fault}")).hint("pack it again, or give it unpacked")
    })?;
    if bytes.len() as u64 > MOST {
        return Err(Error::input(format!("it unpacks to more than {MOST} bytes")).hint("give it in parts"));
    }
    Ok(bytes)
}
