//! Imports only run down: in no folder of the sources do files or folders depend on each other in a circle.

mod graph;
mod rust;
mod typescript;

use crate::command::root;
use graph::circles;

#[test]
fn no_rust_files_or_folders_depend_on_each_other_in_a_circle() {
    let arrows = rust::arrows(&root().join("src"));
    assert!(arrows.len() > 200, "only {} imports were found", arrows.len());
    let circles = circles(&arrows);
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn no_typescript_files_or_folders_depend_on_each_other_in_a_circle() {
    let arrows = typescript::arrows(&root().join("pkg-template/src"));
    assert!(arrows.len() > 100, "only {} imports were found", arrows.len());
    let circles = circles(&arrows);
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}
