//! Reading the signature header, beside the naive reader.

use crate::naive;
use dealix_webhooks::SignatureHeader;

pub fn run(data: &[u8]) {
    let header = SignatureHeader::parse(data).map(|header| (header.timestamp(), header.signature_count()));
    let expected = naive::read_header(data).map(|(timestamp, signatures)| (timestamp, signatures.len()));
    assert_eq!(header, expected);
}
