//! Guessable secrets are refused wherever a secret is accepted. The npm package is tested with the same list.

use dealix_webhooks::{ConfigurationError, Verifier, VerifyError, sign_payload, verify_signature};
use serde::Deserialize;

#[derive(Deserialize)]
struct Secrets {
    refused: Vec<String>,
    accepted: Vec<String>,
}

fn secrets() -> Secrets {
    serde_json::from_str(include_str!("../fixtures/guessable-secrets.json")).expect("the list of secrets")
}

/// What each function that takes a secret says about this one.
fn verdicts(secret: &str) -> [Option<ConfigurationError>; 4] {
    let verified = match verify_signature(secret, "", b"{}", 300, 0) {
        Err(VerifyError::Configuration(error)) => Some(error),
        _ => None,
    };
    [
        verified,
        Verifier::new([secret]).err(),
        Verifier::new(["whsec_current", secret]).err(),
        sign_payload(secret, b"{}", 0).err(),
    ]
}

#[test]
fn guessable_secrets_are_refused_with_the_reason() {
    for secret in secrets().refused {
        for verdict in verdicts(&secret) {
            let error = verdict.unwrap_or_else(|| panic!("{secret:?} is accepted"));
            assert_eq!(error.code(), "invalid_secret", "{secret:?}");
            assert!(matches!(error, ConfigurationError::InvalidSecret(what) if error.to_string().contains(what)));
        }
    }
}

#[test]
fn plausible_secrets_are_accepted() {
    for secret in secrets().accepted {
        assert_eq!(verdicts(&secret), [None; 4], "{secret:?}");
    }
}

#[test]
fn the_error_says_what_probably_went_wrong() {
    for (secret, what) in [
        ("undefined", "unset variable"),
        ("[object Object]", "unset variable"),
        ("${NAME}", "a variable's name"),
        ("\n", "blank"),
        ("whsec_", "nothing after it"),
        ("***", "a mask"),
    ] {
        let message = Verifier::new([secret]).expect_err("refused").to_string();
        assert!(message.contains(what), "{secret:?}: {message}");
    }
}

#[test]
fn an_empty_secret_has_its_own_error() {
    assert_eq!(verdicts(""), [Some(ConfigurationError::EmptySecret); 4]);
}
