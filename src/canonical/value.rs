//! Rewrites JSON text as canonical text in one pass, without parsing numbers, which would lose digits. The grammar has
//! already been checked, so the only errors left are those that Python's `json` lets through.

use super::error::CanonicalErrorKind;
use super::failure::{Failure, Written};
use super::{number, string};
use crate::json::{self, Step};
use std::borrow::Cow;
use std::ops::Range;

/// The envelope itself is level 1 and `data` level 2.
const MAX_LEVELS: usize = 128;

pub(super) fn write_payload(out: &mut Vec<u8>, payload: &str) -> Written {
    if !payload.starts_with('{') {
        return Err(CanonicalErrorKind::NotAnObject.into());
    }
    Rewriter { text: payload, at: 0, out, members: Vec::with_capacity(16) }.value(2)
}

/// The canonical bytes of any JSON text; `None` if it is not JSON or has no canonical form.
#[cfg(feature = "diagnose")]
pub(crate) fn canonical_json(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    json::check(text).ok()?;
    let mut out = Vec::with_capacity(text.len());
    Rewriter { text, at: 0, out: &mut out, members: Vec::with_capacity(16) }.value(1).ok()?;
    Some(out)
}

struct Rewriter<'t, 'o> {
    text: &'t str,
    at: usize,
    out: &'o mut Vec<u8>,
    /// The members of all objects that are still open; those of the innermost object come last.
    members: Vec<Member<'t>>,
}

struct Member<'t> {
    key: Cow<'t, str>,
    /// The position of key and value in the output.
    range: Range<usize>,
    written: Written,
}

impl<'t> Rewriter<'t, '_> {
    /// Consumes the whole value even if it fails; otherwise every level around it would search for its end again.
    fn value(&mut self, level: usize) -> Written {
        match self.token() {
            b'{' | b'[' if level > MAX_LEVELS => self.fail(CanonicalErrorKind::TooDeep),
            b'{' => self.object(level),
            b'[' => self.array(level),
            b'"' => self.string(),
            _ => self.scalar(),
        }
    }

    fn array(&mut self, level: usize) -> Written {
        self.copy(b'[');
        let mut index = 0;
        while self.token() != b']' {
            if index > 0 {
                self.copy(b',');
            }
            if let Err(failure) = self.value(level + 1) {
                self.leave_array();
                return Err(failure.within(Step::Index(index)));
            }
            index += 1;
        }
        self.copy(b']');
        Ok(())
    }

    fn object(&mut self, level: usize) -> Written {
        self.copy(b'{');
        let (first, start) = (self.members.len(), self.out.len());
        let (mut keys, mut written) = (Ok(()), Ok(()));
        while self.token() != b'}' {
            if self.token() == b',' {
                self.copy(b',');
            }
            match self.member(level) {
                Ok(member) => self.members.push(member),
                Err(failure) => keys = Err(failure),
            }
        }
        let members = &self.members[first..];
        let are_good = members.iter().all(|member| member.written.is_ok());
        if !are_good || !members.is_sorted_by(|one, next| one.key < next.key) {
            let members = self.members.split_off(first);
            written = self.put_in_order(members, start);
        }
        self.members.truncate(first);
        self.copy(b'}');
        keys.and(written)
    }

    /// A value that fails is not an error yet: if the key is repeated, a later value replaces it.
    fn member(&mut self, level: usize) -> Result<Member<'t>, Box<Failure>> {
        let start = self.out.len();
        self.token();
        let key = self.key();
        self.token();
        self.copy(b':');
        let written = self.value(level + 1);
        Ok(Member { key: key?, range: start..self.out.len(), written })
    }

    /// Sorts by code point, which is how `str` compares; if a key is repeated, the last one wins. Python does both the same way.
    fn put_in_order(&mut self, mut members: Vec<Member>, start: usize) -> Written {
        members.sort_unstable_by(|one, other| (&one.key, one.range.start).cmp(&(&other.key, other.range.start)));
        members.dedup_by(|later, kept| {
            let is_duplicate = later.key == kept.key;
            if is_duplicate {
                std::mem::swap(later, kept);
            }
            is_duplicate
        });
        let written = self.out.split_off(start);
        for (position, Member { key, range, written: result }) in members.into_iter().enumerate() {
            result.map_err(|failure| failure.within(Step::Key(key.into_owned())))?;
            if position > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&written[range.start - start..range.end - start]);
        }
        Ok(())
    }

    fn key(&mut self) -> Result<Cow<'t, str>, Box<Failure>> {
        let start = self.at;
        self.string()?;
        json::unquoted(&self.text[start..self.at]).ok_or_else(|| CanonicalErrorKind::LoneSurrogate.into())
    }

    fn string(&mut self) -> Written {
        match string::rewrite(self.out, &self.text[self.at..]) {
            Ok(length) => self.at += length,
            Err(kind) => return self.fail(kind),
        }
        Ok(())
    }

    fn scalar(&mut self) -> Written {
        let rest = &self.text[self.at..];
        let end = rest.bytes().position(|byte| byte <= b' ' || matches!(byte, b',' | b']' | b'}'));
        let scalar = &rest[..end.unwrap_or(rest.len())];
        self.at += scalar.len();
        match scalar.as_bytes().first() {
            Some(b't' | b'f' | b'n') => self.out.extend_from_slice(scalar.as_bytes()),
            _ => number::write(self.out, scalar)?,
        }
        Ok(())
    }

    /// Skips the rest of an array.
    fn leave_array(&mut self) {
        let (mut open, mut is_string) = (1, false);
        while open > 0 {
            match self.text.as_bytes()[self.at] {
                b'"' => is_string = !is_string,
                b'\\' => self.at += 1,
                _ if is_string => {}
                b'[' | b'{' => open += 1,
                b']' | b'}' => open -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Skips a value that has no canonical form.
    fn fail(&mut self, kind: CanonicalErrorKind) -> Written {
        self.at += json::length_of_value(&self.text[self.at..]);
        Err(kind.into())
    }

    /// The next byte that is not white space.
    fn token(&mut self) -> u8 {
        loop {
            let byte = self.text.as_bytes()[self.at];
            if byte > b' ' {
                return byte;
            }
            self.at += 1;
        }
    }

    /// Copies a one-byte token unchanged.
    fn copy(&mut self, token: u8) {
        self.at += 1;
        self.out.push(token);
    }
}
