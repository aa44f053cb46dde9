//! The npm package's test event (`sample.ts`), whose JSON is spelt as no program would write it. If it was written again, it is
//! recognised by its data.

use crate::canonical::canonical_json;

/// The event's data as the package sends it.
const SPELT: &str = r#"{"name":"شركة \u0627\u0644\u0623\u0641\u0642 🌅","amount": 12500.0,"currency":"SAR"}"#;

/// The same in canonical form, with the number as Python and as JavaScript write it.
const CANONICAL: [&str; 2] = [
    r#"{"amount":12500.0,"currency":"SAR","name":"\u0634\u0631\u0643\u0629 \u0627\u0644\u0623\u0641\u0642 \ud83c\udf05"}"#,
    r#"{"amount":12500,"currency":"SAR","name":"\u0634\u0631\u0643\u0629 \u0627\u0644\u0623\u0641\u0642 \ud83c\udf05"}"#,
];

/// Far more than the event takes, however it is written.
const MAX_BYTES: usize = 4096;

/// The event as it was sent, if the body is the test event in any spelling.
pub(super) fn as_sent(body: &[u8]) -> Option<Vec<u8>> {
    if body.len() > MAX_BYTES {
        return None;
    }
    let canonical = String::from_utf8(canonical_json(body)?).ok()?;
    let written = CANONICAL.iter().find(|data| canonical.contains(**data))?;
    Some(canonical.replacen(written, SPELT, 1).into_bytes())
}
