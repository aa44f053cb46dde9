//! JSON text, taken apart without building values from it.

mod members;
mod path;
mod scalar;

pub(crate) use members::{Members, check, length_of_value, member, members};
pub(crate) use path::{Step, of_syntax_error as path_of_syntax_error, write as write_path};
pub(crate) use scalar::{integer, unescaped, unquoted};
