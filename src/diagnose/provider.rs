//! Other providers, by the header that each signs with.

use super::encoding::from_base64;

/// A header's name in lower case, and whose it is; the particular before the general.
const HEADERS: [(&str, &str); 13] = [
    ("stripe-signature", "stripe"),
    ("svix-signature", "svix"),
    ("x-shopify-hmac-sha256", "shopify"),
    ("x-hub-signature-256", "github"),
    ("x-hub-signature", "github"),
    ("x-github-event", "github"),
    ("webhook-signature", "standard_webhooks"),
    ("x-gitlab-token", "gitlab"),
    ("x-slack-signature", "slack"),
    ("paddle-signature", "paddle"),
    ("x-twilio-signature", "twilio"),
    ("x-square-hmacsha256-signature", "square"),
    ("paypal-transmission-sig", "paypal"),
];

/// The provider that one of the headers is of.
pub(super) fn by_name(header_names: &[&str]) -> Option<&'static str> {
    let is_there = |name: &str| header_names.iter().any(|other| other.eq_ignore_ascii_case(name));
    HEADERS.iter().find(|(name, _)| is_there(name)).map(|(_, provider)| *provider)
}

/// The provider that the signature header looks like.
pub(super) fn by_shape(header: &str) -> Option<&'static str> {
    let text = header.trim();
    let is_base64 = |text: &str, bytes| from_base64(text.as_bytes()).is_some_and(|mac| mac.len() == bytes);
    if text.starts_with("sha256=") || text.starts_with("sha1=") {
        return Some("github");
    }
    if text.starts_with("v1,") || text.starts_with("v1a,") {
        return Some("standard_webhooks");
    }
    if text.starts_with("ts=") && text.contains(";h1=") {
        return Some("paddle");
    }
    if text.starts_with("v0=") {
        return Some("slack");
    }
    (text.len() == 44 && is_base64(text, 32)).then_some("shopify")
}

/// Whether the header has Stripe's `v0`, which only its test mode sends.
pub(super) fn has_stripes_v0(header: &str) -> bool {
    header.starts_with("t=") && header.contains(",v0=")
}

/// The name that people know.
pub(super) fn full_name(provider: &str) -> &'static str {
    match provider {
        "stripe" => "Stripe",
        "svix" => "Svix",
        "shopify" => "Shopify",
        "github" => "GitHub",
        "standard_webhooks" => "a provider that follows Standard Webhooks",
        "gitlab" => "GitLab",
        "slack" => "Slack",
        "paddle" => "Paddle",
        "twilio" => "Twilio",
        "square" => "Square",
        "paypal" => "PayPal",
        _ => "another provider",
    }
}
