//! What `cargo xtask constant-time --statistics` runs: dudect's test whether verifications of two classes, in random order, take
//! different times. Both classes are prepared by the same code, and before any of them is timed.

use dealix_webhooks::{Verifier, sign_payload};
use dudect_bencher::ctbench::{BenchFn, BenchMetadata, BenchName, BenchOpts, run_benches_console};
use dudect_bencher::rand::{Rng, RngExt};
use dudect_bencher::{BenchRng, Class, CtRunner};
use std::hint::black_box;

const MEASUREMENTS: usize = 2_000_000;
/// So many are prepared at a time, which the processor's cache can hold.
const BATCH: usize = 1000;
const NOW: i64 = 1_700_000_000;
const SECRET: &str = "whsec_0123456789abcdef0123456789abcdef";
const DIGITS: usize = 64;
/// As many signatures as a header of 8 KiB holds, nearly.
const MANY: usize = 100;

const BENCHES: [(&str, BenchFn); 5] = [
    ("first-or-last-digit", first_or_last_digit),
    ("first-or-last-digit-of-100-signatures", first_or_last_digit_of_many),
    ("last-digit-or-all", last_digit_or_all),
    ("fixed-or-random-secret", fixed_or_random_secret),
    ("control", control),
];

fn main() {
    let benches = BENCHES.map(|(name, benchfn)| BenchMetadata { name: BenchName(name), seed: None, benchfn });
    run_benches_console(BenchOpts::default(), benches.into()).expect("standard output");
}

/// A delivery with a wrong signature: each of its `v1`.
struct Forged {
    body: [u8; 64],
    header: String,
    expected: String,
}

impl Forged {
    /// The expected digits, but for those at `wrong`, repeated.
    fn new(rng: &mut BenchRng, wrong: &[usize], signatures: usize) -> Self {
        let mut body = [0; 64];
        rng.fill_bytes(&mut body);
        let (start, expected) = signed(SECRET, &body);
        let mut digits = expected.clone().into_bytes();
        wrong.iter().for_each(|at| digits[*at] = other_digit(digits[*at], rng));
        let v1 = format!(",v1={}", String::from_utf8_lossy(&digits));
        Self { body, header: start + &v1.repeat(signatures), expected }
    }

    fn is_accepted_by(&self, verifier: &Verifier) -> bool {
        verifier.verify(&self.header, &self.body, NOW).is_ok()
    }
}

fn first_or_last_digit(runner: &mut CtRunner, rng: &mut BenchRng) {
    let verifier = Verifier::new([SECRET]).expect("a secret");
    let forge = |rng: &mut BenchRng, class| Forged::new(rng, first_or_last(class), 1);
    measure(runner, rng, forge, |forged| forged.is_accepted_by(&verifier));
}

fn first_or_last_digit_of_many(runner: &mut CtRunner, rng: &mut BenchRng) {
    let verifier = Verifier::new([SECRET]).expect("a secret");
    let forge = |rng: &mut BenchRng, class| Forged::new(rng, first_or_last(class), MANY);
    measure(runner, rng, forge, |forged| forged.is_accepted_by(&verifier));
}

fn last_digit_or_all(runner: &mut CtRunner, rng: &mut BenchRng) {
    let verifier = Verifier::new([SECRET]).expect("a secret");
    let all: Vec<_> = (0..DIGITS).collect();
    let wrong = |class| if is_left(class) { &all[DIGITS - 1..] } else { &all };
    let forge = |rng: &mut BenchRng, class| Forged::new(rng, wrong(class), 1);
    measure(runner, rng, forge, |forged| forged.is_accepted_by(&verifier));
}

fn fixed_or_random_secret(runner: &mut CtRunner, rng: &mut BenchRng) {
    let prepare = |rng: &mut BenchRng, class| {
        let random = format!("whsec_{:032x}", rng.random::<u128>());
        let secret = if is_left(class) { SECRET } else { &random };
        (Verifier::new([secret]).expect("a secret"), Forged::new(rng, &[0], 1))
    };
    measure(runner, rng, prepare, |(verifier, forged)| forged.is_accepted_by(verifier));
}

/// Control: the same verification, and then a comparison that ends at the first difference.
fn control(runner: &mut CtRunner, rng: &mut BenchRng) {
    let verifier = Verifier::new([SECRET]).expect("a secret");
    let forge = |rng: &mut BenchRng, class| Forged::new(rng, first_or_last(class), 1);
    let is_accepted = |forged: &Forged| {
        let digits = &forged.header.as_bytes()[forged.header.len() - DIGITS..];
        forged.is_accepted_by(&verifier) | is_equal_early_exit(digits, forged.expected.as_bytes())
    };
    measure(runner, rng, forge, is_accepted);
}

fn is_equal_early_exit(first: &[u8], second: &[u8]) -> bool {
    first.iter().zip(second).all(|(first, second)| black_box(first) == second)
}

fn measure<T>(
    runner: &mut CtRunner,
    rng: &mut BenchRng,
    prepare: impl Fn(&mut BenchRng, Class) -> T,
    is_accepted: impl Fn(&T) -> bool,
) {
    for _ in 0..MEASUREMENTS / BATCH {
        let classes = (0..BATCH).map(|_| if rng.random() { Class::Left } else { Class::Right }).collect::<Vec<_>>();
        let prepared: Vec<_> = classes.into_iter().map(|class| (class, prepare(rng, class))).collect();
        for (class, prepared) in &prepared {
            runner.run_one(*class, || is_accepted(prepared));
        }
    }
}

fn is_left(class: Class) -> bool {
    matches!(class, Class::Left)
}

fn first_or_last(class: Class) -> &'static [usize] {
    if is_left(class) { &[0] } else { &[DIGITS - 1] }
}

/// What a header has before its signature, and the digits of the signature.
fn signed(secret: &str, body: &[u8]) -> (String, String) {
    let header = sign_payload(secret, body, NOW).expect("a header");
    let (start, digits) = header.split_once(",v1=").expect("a signature");
    (start.to_owned(), digits.to_owned())
}

fn other_digit(digit: u8, rng: &mut BenchRng) -> u8 {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let at = HEX.iter().position(|hex| *hex == digit).expect("a hex digit");
    HEX[(at + rng.random_range(1..HEX.len())) % HEX.len()]
}
