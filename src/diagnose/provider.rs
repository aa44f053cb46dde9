//! Other providers, recognised by their headers.

use super::codes::codes;
use super::encoding::from_base64;

codes! {
    /// Another provider of webhooks.
    Provider {
        /// Stripe.
        Stripe "stripe"
        /// Svix.
        Svix "svix"
        /// Shopify.
        Shopify "shopify"
        /// GitHub.
        GitHub "github"
        /// Any provider that follows Standard Webhooks.
        StandardWebhooks "standard_webhooks"
        /// GitLab.
        GitLab "gitlab"
        /// Slack.
        Slack "slack"
        /// Paddle.
        Paddle "paddle"
        /// Twilio.
        Twilio "twilio"
        /// Square.
        Square "square"
        /// PayPal.
        PayPal "paypal"
    }
}

/// A header's name in lower case, and the provider that sends it; specific ones come before general ones.
const HEADERS: [(&str, Provider); 13] = [
    ("stripe-signature", Provider::Stripe),
    ("svix-signature", Provider::Svix),
    ("x-shopify-hmac-sha256", Provider::Shopify),
    ("x-hub-signature-256", Provider::GitHub),
    ("x-hub-signature", Provider::GitHub),
    ("x-github-event", Provider::GitHub),
    ("webhook-signature", Provider::StandardWebhooks),
    ("x-gitlab-token", Provider::GitLab),
    ("x-slack-signature", Provider::Slack),
    ("paddle-signature", Provider::Paddle),
    ("x-twilio-signature", Provider::Twilio),
    ("x-square-hmacsha256-signature", Provider::Square),
    ("paypal-transmission-sig", Provider::PayPal),
];

impl Provider {
    /// The name that people know it by, as it reads in a sentence.
    pub const fn full_name(&self) -> &'static str {
        match self {
            Self::Stripe => "Stripe",
            Self::Svix => "Svix",
            Self::Shopify => "Shopify",
            Self::GitHub => "GitHub",
            Self::StandardWebhooks => "a provider that follows Standard Webhooks",
            Self::GitLab => "GitLab",
            Self::Slack => "Slack",
            Self::Paddle => "Paddle",
            Self::Twilio => "Twilio",
            Self::Square => "Square",
            Self::PayPal => "PayPal",
        }
    }
}

/// The provider to which one of the headers belongs.
pub(super) fn by_name(header_names: &[&str]) -> Option<Provider> {
    let is_there = |name: &str| header_names.iter().any(|other| other.eq_ignore_ascii_case(name));
    HEADERS.iter().find(|(name, _)| is_there(name)).map(|(_, provider)| *provider)
}

/// The provider whose signatures look like this header.
pub(super) fn by_shape(header: &str) -> Option<Provider> {
    let text = header.trim();
    let is_base64 = |text: &str, bytes| from_base64(text.as_bytes()).is_some_and(|mac| mac.len() == bytes);
    if text.starts_with("sha256=") || text.starts_with("sha1=") {
        return Some(Provider::GitHub);
    }
    if text.starts_with("v1,") || text.starts_with("v1a,") {
        return Some(Provider::StandardWebhooks);
    }
    if text.starts_with("ts=") && text.contains(";h1=") {
        return Some(Provider::Paddle);
    }
    if text.starts_with("v0=") {
        return Some(Provider::Slack);
    }
    (text.len() == 44 && is_base64(text, 32)).then_some(Provider::Shopify)
}

/// Whether the header has a `v0`, which only Stripe's test mode sends.
pub(super) fn has_stripes_v0(header: &str) -> bool {
    header.starts_with("t=") && header.contains(",v0=")
}
