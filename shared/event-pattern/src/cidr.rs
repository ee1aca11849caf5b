//! Blocks of IP addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses that share the leading bits of one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cidr {
    address: IpAddr,
    bits: u32,
}

impl Cidr {
    /// Reads `10.0.0.0/24` or `2001:db8::/32`.
    ///
    /// # Errors
    /// What is wrong, in AWS's words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split('/');
        let (Some(address), Some(bits), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err("Malformed CIDR, one '/' required".into());
        };
        if bits.is_empty() {
            return Err("Malformed CIDR, one '/' required".into());
        }
        let bits: i32 = bits.parse().map_err(|_| "Malformed CIDR, mask bits must be an integer".to_owned())?;
        let bits = u32::try_from(bits).map_err(|_| "Malformed CIDR, mask bits must not be negative".to_owned())?;
        let address = parse_address(address).ok_or_else(|| no_address(address))?;
        match address {
            IpAddr::V4(_) if bits > 31 => Err("IPv4 mask bits must be < 32".into()),
            IpAddr::V6(_) if bits > 127 => Err("IPv6 mask bits must be < 128".into()),
            _ => Ok(Self { address, bits }),
        }
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        match (self.address, parse_address(text)) {
            (IpAddr::V4(own), Some(IpAddr::V4(other))) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(32 - self.bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), Some(IpAddr::V6(other))) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// What looks like an address and is none is told from what does not look like one.
fn no_address(text: &str) -> String {
    let parts = text.split('.').collect::<Vec<_>>();
    let v4 = parts.len() == 4 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let v6 = text.contains(':') && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
    if v4 || v6 { format!("Invalid IP address: {text}") } else { format!("Nonstandard IP address: {text}") }
}

/// An address literal; several texts can be one address.
pub(crate) fn parse_address(text: &str) -> Option<IpAddr> {
    if !text.contains(':') {
        return parse_v4(text).map(IpAddr::V4);
    }
    if !text.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') {
        return None;
    }
    let address: Ipv6Addr = text.split(':').map(shortened).collect::<Vec<_>>().join(":").parse().ok()?;
    Some(address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4))
}

/// A group of an IPv6 address without leading zeros, of which EventBridge allows any number.
fn shortened(group: &str) -> &str {
    let digits = group.trim_start_matches('0');
    if digits.is_empty() && !group.is_empty() { "0" } else { digits }
}

/// Unlike the standard library, EventBridge allows leading zeros, and they do not mean octal.
fn parse_v4(text: &str) -> Option<Ipv4Addr> {
    let mut parts =
        text.split('.').map(|part| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten());
    let mut next = || parts.next().flatten();
    let octets: [u8; 4] = [next()?, next()?, next()?, next()?];
    parts.next().is_none().then(|| Ipv4Addr::from(octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_holds_its_addresses() {
        let block = Cidr::parse("10.0.0.0/24").unwrap();
        assert!(block.contains("10.0.0.255"));
        assert!(!block.contains("10.0.1.0"));
        assert!(!block.contains("::a00:0"));
        assert!(Cidr::parse("0.0.0.0/0").unwrap().contains("255.255.255.255"));
        assert!(Cidr::parse("2001:db8::/33").unwrap().contains("2001:0db8:7fff::1"));
        assert!(!Cidr::parse("2001:db8::/33").unwrap().contains("2001:db8:8000::"));
        assert!(Cidr::parse("02001:db8::/33").unwrap().contains("2001:00db8:0000::1"));
    }

    #[test]
    fn errors_say_what_aws_says() {
        let error = |text: &str| Cidr::parse(text).unwrap_err();
        assert_eq!(error("10.0.0.0"), "Malformed CIDR, one '/' required");
        assert_eq!(error("10.0.0.0/x"), "Malformed CIDR, mask bits must be an integer");
        assert_eq!(error("10.0.0.0/-1"), "Malformed CIDR, mask bits must not be negative");
        assert_eq!(error("10.0.0/8"), "Nonstandard IP address: 10.0.0");
        assert_eq!(error("10.0.0.256/8"), "Invalid IP address: 10.0.0.256");
        assert_eq!(error("10.0.0.0/32"), "IPv4 mask bits must be < 32");
        assert_eq!(error("::/128"), "IPv6 mask bits must be < 128");
    }
}
