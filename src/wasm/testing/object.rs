//! JSON objects, written by hand: `serde_json`'s values would take far more room in wasm.

use crate::canonical::write_string;

/// A JSON object being written.
pub(super) struct Object(Vec<u8>);

impl Object {
    pub(super) fn new() -> Self {
        Self(b"{".to_vec())
    }

    pub(super) fn field(&mut self, name: &str, json: &[u8]) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        write_string(&mut self.0, name);
        self.0.push(b':');
        self.0.extend_from_slice(json);
    }

    pub(super) fn text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.list_or_text(name, b"", &[text], b"");
        }
    }

    pub(super) fn list(&mut self, name: &str, texts: &[&str]) {
        if !texts.is_empty() {
            self.list_or_text(name, b"[", texts, b"]");
        }
    }

    fn list_or_text(&mut self, name: &str, open: &[u8], texts: &[&str], close: &[u8]) {
        let mut json = open.to_vec();
        for (position, text) in texts.iter().enumerate() {
            if position > 0 {
                json.push(b',');
            }
            write_string(&mut json, text);
        }
        json.extend_from_slice(close);
        self.field(name, &json);
    }

    pub(super) fn integer(&mut self, name: &str, integer: Option<i64>) {
        if let Some(integer) = integer {
            self.field(name, itoa::Buffer::new().format(integer).as_bytes());
        }
    }

    pub(super) fn end(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}
