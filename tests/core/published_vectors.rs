//! The vectors that are published for other implementations (docs/vectors.md).

use crate::support::vectors::from_base64;
use dealix_webhooks::Verifier;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    id: String,
    secrets: Vec<String>,
    header: String,
    body_base64: String,
    now: i64,
    max_age_seconds: i64,
    code: Option<String>,
    secret_index: Option<usize>,
}

#[derive(Deserialize)]
struct Published {
    count: usize,
    vectors: Vec<Vector>,
}

#[test]
fn every_published_vector_gets_its_verdict() {
    let text = include_str!("../vectors/published/signature-1.json");
    let published: Published = serde_json::from_str(text).expect("JSON");
    assert_eq!(published.vectors.len(), published.count);
    for vector in published.vectors {
        let verifier = Verifier::new(&vector.secrets).expect("secrets").with_max_age_seconds(vector.max_age_seconds);
        let verdict = verifier.verify(&vector.header, &from_base64(&vector.body_base64), vector.now);
        let index = verdict.as_ref().ok().map(|verified| verified.secret_index);
        let code = verdict.err().map(|error| error.code().to_owned());
        assert_eq!((code, index), (vector.code, vector.secret_index), "{}", vector.id);
    }
}
