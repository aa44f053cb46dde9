//! What must not be an argument, because every user of the machine can read those: a variable `NAME`, the file that `NAME_FILE`
//! names, or the credential `name` that systemd passes to a service.

use crate::output::report;
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const MAX_FILE_BYTES: u64 = 64 * 1024;

enum Source {
    Variable(OsString),
    File { named_by: String, path: PathBuf },
}

/// The value of `name`, such as `DEALIX_DATABASE`; `None` if there is none. A line break at the end of a file is no part of it.
pub fn find(name: &str) -> Result<Option<Zeroizing<String>>> {
    match source(name)? {
        None => Ok(None),
        Some(Source::Variable(value)) => match value.into_string() {
            Ok(value) => Ok(Some(Zeroizing::new(value))),
            Err(_) => bail!("{name} is not Unicode text"),
        },
        Some(Source::File { named_by, path }) => read(&named_by, &path).map(Some),
    }
}

/// Whether [`find`] finds a value, or an error.
pub fn is_set(name: &str) -> bool {
    !matches!(source(name), Ok(None))
}

fn source(name: &str) -> Result<Option<Source>> {
    let named_by = format!("{name}_FILE");
    match (std::env::var_os(name), std::env::var_os(&named_by)) {
        (Some(_), Some(_)) => bail!("both {name} and {named_by} are set; unset one of them"),
        (Some(value), None) => Ok(Some(Source::Variable(value))),
        (None, Some(path)) => Ok(Some(Source::File { named_by, path: path.into() })),
        (None, None) => Ok(credential(name)),
    }
}

/// systemd puts the credentials of a service into a folder that only the service can read.
fn credential(name: &str) -> Option<Source> {
    let name = name.to_lowercase().replace('_', "-");
    let path = Path::new(&std::env::var_os("CREDENTIALS_DIRECTORY")?).join(&name);
    path.exists().then(|| Source::File { named_by: format!("the credential {name}"), path })
}

fn read(named_by: &str, path: &Path) -> Result<Zeroizing<String>> {
    let shown = path.display();
    let what = || format!("{named_by}: {shown} cannot be read");
    let file = File::open(path).with_context(what)?;
    if file.metadata().with_context(what)?.permissions().mode() & 0o007 != 0 {
        report(format_args!("warning: {named_by}: every user of this machine can read {shown}; chmod o= it"));
    }
    let mut text = Zeroizing::new(String::new());
    match file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text) {
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            bail!("{named_by}: {shown} is not UTF-8 text; does it hold the value and nothing else?")
        }
        read => read.with_context(what)?,
    };
    if text.len() as u64 > MAX_FILE_BYTES {
        bail!("{named_by}: {shown} is longer than {MAX_FILE_BYTES} bytes; does it hold the value and nothing else?");
    }
    let line = without_line_break(&text);
    if line.is_empty() {
        bail!("{named_by}: {shown} is empty; write the value into it");
    }
    Ok(Zeroizing::new(line.to_owned()))
}

/// Editors and `echo` end a file with a line break.
pub fn without_line_break(text: &str) -> &str {
    let line = text.strip_suffix('\n').unwrap_or(text);
    line.strip_suffix('\r').unwrap_or(line)
}
