use super::codes::codes;

codes! {
    /// Why a signature does not verify.
    Cause {
        /// The signature is good.
        None "none"
        /// The body was parsed and written again.
        BodyParsed "body_parsed"
        /// A byte-order mark was added or dropped.
        ByteOrderMark "byte_order_mark"
        /// A newline at the end of the body was added or dropped.
        Newline "newline"
        /// Line endings were changed between LF and CRLF.
        LineEndings "line_endings"
        /// The body was decoded or encoded in the wrong charset.
        Charset "charset"
        /// The body is still in base64.
        Base64Body "base64_body"
        /// The body was compressed on the way.
        CompressedBody "compressed_body"
        /// The body is not what Dealix writes, and cannot be restored.
        BodyRewritten "body_rewritten"
        /// Part of the body is missing.
        BodyTruncated "body_truncated"
        /// There is no body.
        EmptyBody "empty_body"
        /// The secret has extra white space, quotes or the like around it, or lacks them.
        SecretWrapped "secret_wrapped"
        /// The secret is encoded, or was decoded.
        SecretEncoded "secret_encoded"
        /// The delivery was signed with one of the other secrets.
        OtherSecret "other_secret"
        /// Everything is well-formed: most likely the delivery was signed with a secret that was not given.
        UnknownSecret "unknown_secret"
        /// A time is in milliseconds.
        Milliseconds "milliseconds"
        /// The signature is correct, but too old or from the future.
        ClockSkew "clock_skew"
        /// The delivery comes from another provider.
        OtherProvider "other_provider"
        /// There is no signature header.
        MissingHeader "missing_header"
        /// The signature header was changed.
        HeaderRewritten "header_rewritten"
        /// The signature is in upper-case hex.
        UpperCaseHex "upper_case_hex"
        /// The signature is in base64.
        Base64Signature "base64_signature"
        /// The MAC was computed without the timestamp.
        TimestampNotSigned "timestamp_not_signed"
        /// None of the known causes explains it.
        Unknown "unknown"
    }
}
