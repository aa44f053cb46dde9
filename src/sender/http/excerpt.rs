//! Keeps the beginning of a response.

use crate::sender::excerpt::ResponseExcerpt;
use http::HeaderValue;

const MAX_BODY_BYTES: usize = 1024;
const MAX_CONTENT_TYPE_BYTES: usize = 128;
/// The most bytes by which a character may be longer than the part of it before a cut.
const REST_OF_A_CHARACTER: usize = 3;

/// What has been kept of a response so far.
#[derive(Default)]
pub(super) struct Beginning {
    pub content_type: Option<HeaderValue>,
    body: Vec<u8>,
}

impl Beginning {
    pub fn extend(&mut self, chunk: &[u8]) {
        let missing = MAX_BODY_BYTES + REST_OF_A_CHARACTER - self.body.len();
        self.body.extend_from_slice(&chunk[..chunk.len().min(missing)]);
    }

    /// `None` if there was no body.
    pub fn excerpt(&self) -> Option<ResponseExcerpt> {
        if self.body.is_empty() {
            return None;
        }
        let content_type = self.content_type.as_ref();
        Some(ResponseExcerpt {
            body: readable(&self.body, MAX_BODY_BYTES),
            content_type: content_type.map(|value| readable(value.as_bytes(), MAX_CONTENT_TYPE_BYTES)),
        })
    }
}

/// At most `max_bytes` of a text from the network, without anything that could control a terminal.
fn readable(bytes: &[u8], max_bytes: usize) -> String {
    let is_unsafe = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    // Nearly all texts are plain, and bytes are faster to look at than characters.
    if !bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        text = text.replace(is_unsafe, "\u{fffd}");
    }
    text.truncate(text.floor_char_boundary(max_bytes));
    text
}
