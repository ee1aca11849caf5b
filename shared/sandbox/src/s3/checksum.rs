//! Checksums of objects
//! ([checking object integrity](https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html)).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// An algorithm that S3 has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// A checksum of an object: in base64, with the number of parts behind it when it is one of the parts' checksums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checksum {
    pub(super) algorithm: Algorithm,
    pub(super) value: String,
}

impl Algorithm {
    pub(super) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// `CRC32`, as requests and answers name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    pub(super) fn header(self) -> String {
        format!("x-amz-checksum-{}", self.name().to_lowercase())
    }

    /// The digest's bytes.
    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Crc32 => {
                let mut crc = flate2::Crc::new();
                crc.update(bytes);
                crc.sum().to_be_bytes().to_vec()
            }
            Self::Crc32c => {
                let crc = reflected(bytes, 0x82F6_3B78, u64::from(u32::MAX));
                crc.to_be_bytes().into_iter().skip(4).collect()
            }
            Self::Crc64Nvme => reflected(bytes, 0x9A6C_9329_AC4B_C9B5, u64::MAX).to_be_bytes().to_vec(),
            Self::Sha1 => {
                use sha1::Digest as _;
                sha1::Sha1::digest(bytes).to_vec()
            }
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
        }
    }

    pub(super) fn of(self, bytes: &[u8]) -> Checksum {
        Checksum { algorithm: self, value: STANDARD.encode(self.digest(bytes)) }
    }

    /// The checksum of an object that came in parts: the checksum of theirs, and their number. A CRC64NVME is always of
    /// the whole object.
    pub(super) fn of_parts<'a>(self, whole: &[u8], parts: impl Iterator<Item = &'a [u8]>) -> Checksum {
        if self == Self::Crc64Nvme {
            return self.of(whole);
        }
        let digests: Vec<Vec<u8>> = parts.map(|part| self.digest(part)).collect();
        let value = format!("{}-{}", STANDARD.encode(self.digest(&digests.concat())), digests.len());
        Checksum { algorithm: self, value }
    }
}

impl Checksum {
    pub(super) fn kind(&self) -> &'static str {
        if self.value.contains('-') { "COMPOSITE" } else { "FULL_OBJECT" }
    }
}

/// A CRC whose bits are reflected: the polynomial is too, the register starts and ends inverted.
fn reflected(bytes: &[u8], polynomial: u64, ones: u64) -> u64 {
    let step = |crc: u64, _| if crc & 1 == 1 { (crc >> 1) ^ polynomial } else { crc >> 1 };
    let table: Vec<u64> = (0..256_u64).map(|byte| (0..8).fold(byte, step)).collect();
    let next = |crc: u64, byte: &u8| {
        let index = usize::from(crc.to_le_bytes().first().copied().unwrap_or_default() ^ byte);
        table.get(index).copied().unwrap_or_default() ^ (crc >> 8)
    };
    bytes.iter().fold(ones, next) ^ ones
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Check values of the algorithms' catalogue entries, for the text `123456789`.
    #[test]
    fn known_values() {
        let hex = |algorithm: Algorithm| {
            algorithm.digest(b"123456789").iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        assert_eq!(hex(Algorithm::Crc32), "cbf43926");
        assert_eq!(hex(Algorithm::Crc32c), "e3069283");
        assert_eq!(hex(Algorithm::Crc64Nvme), "ae8b14860a799888");
        assert_eq!(hex(Algorithm::Sha1), "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
    }

    #[test]
    fn parts_have_a_checksum_of_checksums() {
        let parts = [b"a".as_slice(), b"b".as_slice()];
        let composite = Algorithm::Crc32.of_parts(b"ab", parts.into_iter());
        assert!(composite.value.ends_with("-2") && composite.kind() == "COMPOSITE", "{composite:?}");
        assert_eq!(Algorithm::Crc64Nvme.of_parts(b"ab", parts.into_iter()), Algorithm::Crc64Nvme.of(b"ab"));
    }
}
