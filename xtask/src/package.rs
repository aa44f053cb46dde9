use crate::command::root;
use anyhow::Result;
pub fn package() -> Result<std::path::PathBuf> {
    crate::wasm::build(&root().join("pkg-template/src/generated"))?;
    Ok(root())
}
