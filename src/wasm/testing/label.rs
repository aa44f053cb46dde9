use crate::diagnose::Details;

/// The label of the other secret that signed the delivery, or its place in the option if the label cannot be shown.
pub(super) fn other_secret(details: &Details) -> Option<String> {
    let index = details.other_secret?;
    Some(details.other_secret_label.clone().unwrap_or_else(|| format!("otherSecrets[{index}]")))
}
