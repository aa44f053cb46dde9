//! The README's table of event types.

use dealix_webhooks::catalogue::CATALOGUE;

pub fn table() -> String {
    let rows = CATALOGUE.iter().map(|entry| {
        let sample = entry.sample.lines().map(str::trim_start).collect::<Vec<_>>();
        let sample = sample.join(" ").replace("{ ", "{").replace(" }", "}");
        let known = entry.fields.iter().map(|field| format!("`{}`", field.name)).collect::<Vec<_>>().join(", ");
        format!("| `{}` | {} | {known} | `{sample}` |\n", entry.event_type, entry.summary)
    });
    format!(
        "| `type` | what happened | known fields | an invented sample of `data` |\n| --- | --- | --- | --- |\n{}",
        rows.collect::<String>()
    )
}

#[test]
fn each_row_has_four_cells() {
    for row in table().lines() {
        assert_eq!(row.matches('|').count(), 5, "{row}");
    }
    assert!(table().contains(
        "| `deal.won` | A deal was won. | `name`, `amount`, `currency` | `{\"name\": \"شركة الأفق 🌅\", \"amount\": 12500.0, \"currency\": \"SAR\"}` |\n"
    ));
}
