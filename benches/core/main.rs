//! `cargo xtask bench core`: each operation of the core, timed by criterion or, as `core count`, run under callgrind,
//! which counts its instructions.

mod count;
#[path = "../support/documents.rs"]
mod documents;
mod operations;

use criterion::{Criterion, Throughput};
use operations::{Operation, operations};
use std::time::Duration;

fn main() {
    let operations = operations();
    if std::env::args().nth(1).as_deref() == Some("count") {
        return count::run(&operations);
    }
    time(&operations);
}

fn time(operations: &[Operation]) {
    let mut criterion = Criterion::default()
        .without_plots()
        .sample_size(50)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
        .configure_from_args();
    for same_name in operations.chunk_by(|one, next| one.name == next.name) {
        let mut group = criterion.benchmark_group(same_name[0].name);
        for operation in same_name {
            group.throughput(Throughput::Bytes(operation.bytes as u64));
            group.bench_function(operation.input, |bencher| bencher.iter(|| operation.run()));
        }
        group.finish();
    }
    criterion.final_summary();
}
