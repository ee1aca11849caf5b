//! `Fn::Cidr` for IPv4
//! ([AWS](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html)).

use std::net::Ipv4Addr;

/// The first `count` blocks with `bits` host bits each within `block`. `None` when they are not IPv4 or do not fit.
pub(super) fn blocks(block: &str, count: u32, bits: u32) -> Option<Vec<String>> {
    let (address, prefix) = block.split_once('/')?;
    let prefix: u32 = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
    let address = u64::from(u32::from(address.parse::<Ipv4Addr>().ok()?));
    let size = 1_u64.checked_shl(bits).filter(|_| (1..=32).contains(&bits))?;
    let space = 1_u64 << (32 - prefix);
    let start = address / space * space;
    if !(1..=256).contains(&count) || u64::from(count) * size > space {
        return None;
    }
    let name = |at: u64| {
        let address = Ipv4Addr::from(u32::try_from(start + at * size).ok()?);
        Some(format!("{address}/{}", 32 - bits))
    };
    (0..u64::from(count)).map(name).collect()
}
