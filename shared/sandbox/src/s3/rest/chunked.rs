//! `aws-chunked` bodies: chunks with or without signatures, and checksums behind them
//! ([streaming uploads](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html)).

use std::collections::BTreeMap;

use bytes::Bytes;

/// The body and the headers behind it. `None` when the chunks cannot be read.
pub(super) fn read(body: &Bytes) -> Option<(Bytes, BTreeMap<String, String>)> {
    let mut whole = Vec::with_capacity(body.len());
    let mut rest = body.as_ref();
    loop {
        let (line, after) = line(rest)?;
        let size = line.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return Some((whole.into(), trailers(after)));
        }
        whole.extend_from_slice(after.get(..size)?);
        rest = after.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let at = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    Some((std::str::from_utf8(bytes.get(..at)?).ok()?, bytes.get(at + 2..)?))
}

fn trailers(mut rest: &[u8]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    while let Some((text, after)) = line(rest) {
        if let Some((name, value)) = text.split_once(':') {
            found.insert(name.trim().to_lowercase(), value.trim().to_owned());
        }
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_and_what_is_behind_them() {
        let body =
            Bytes::from_static(b"3;chunk-signature=ab\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:AA==\r\n\r\n");
        let (whole, trailers) = read(&body).unwrap();
        assert_eq!((whole.as_ref(), trailers["x-amz-checksum-crc32"].as_str()), (b"abcde".as_slice(), "AA=="));
        assert!(read(&Bytes::from_static(b"3\r\nab")).is_none());
        assert_eq!(read(&Bytes::from_static(b"0\r\n\r\n")).unwrap().0.len(), 0);
    }
}
