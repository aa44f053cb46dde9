//! What exactly went wrong with a body, a secret, a header or a clock.

use super::codes::codes;

codes! {
    /// Whether something was added to what was signed, or dropped from it.
    Change {
        /// It was added on the way.
        Added "added"
        /// It was dropped on the way.
        Dropped "dropped"
    }
}

codes! {
    /// What parsing made of the body.
    BodyForm {
        /// The canonical form of the body matches.
        Canonical "canonical"
        /// The body as the receiver's own JSON library writes it again matches.
        JsonStringify "json_stringify"
        /// The body matches once numbers such as 12500 have their `.0` back.
        Floats "floats"
        /// A JSON string that holds the JSON text.
        JsonString "json_string"
        /// The bytes as a list of numbers.
        BufferJson "buffer_json"
        /// An object with the JSON text as its only key, as a form parser makes it.
        FormKey "form_key"
        /// `[object Object]`, or the like.
        ObjectText "object_text"
        /// A parsed object that matches in no form.
        Object "object"
    }
}

codes! {
    /// How the body's text was mistreated.
    Charset {
        /// It was taken for Latin-1.
        Latin1 "latin1"
        /// It was taken for Windows-1252.
        Windows1252 "windows_1252"
        /// It was written as UTF-16.
        Utf16 "utf_16"
        /// It holds U+FFFD, which replaces bytes that could not be decoded.
        ReplacementCharacter "replacement_character"
    }
}

codes! {
    /// How the body is compressed.
    Compression {
        /// gzip (RFC 1952).
        Gzip "gzip"
        /// DEFLATE, with a zlib header or without.
        Deflate "deflate"
        /// Brotli.
        Brotli "br"
        /// Zstandard.
        Zstd "zstd"
        /// A `Content-Encoding` that this crate does not know.
        Unknown "unknown"
    }
}

codes! {
    /// What surrounds a secret.
    Wrapping {
        /// A newline.
        Newline "newline"
        /// Other white space, or characters that are invisible.
        WhiteSpace "white_space"
        /// Quotes.
        Quotes "quotes"
    }
}

codes! {
    /// How a secret is encoded.
    SecretEncoding {
        /// Base64, of either alphabet.
        Base64 "base64"
        /// Hex.
        Hex "hex"
        /// Percent-encoding.
        Url "url"
    }
}

codes! {
    /// Which time is in milliseconds.
    Time {
        /// The header's `t`.
        Timestamp "timestamp"
        /// The receiver's clock.
        Now "now"
    }
}

codes! {
    /// What happened to the signature header.
    HeaderFault {
        /// White space was added.
        WhiteSpace "white_space"
        /// Quotes were added.
        Quotes "quotes"
        /// The value repeats the header's name.
        NameInValue "name_in_value"
        /// Semicolons replace the commas.
        Semicolons "semicolons"
        /// It was percent-encoded.
        UrlEncoded "url_encoded"
        /// It was put in upper case.
        UpperCase "upper_case"
        /// Several headers were joined into one.
        Joined "joined"
        /// It was cut off.
        Truncated "truncated"
        /// Anything else.
        Other "other"
    }
}
