//! The crate's imports, resolved as the compiler would: a re-exported name belongs to the file that defines it, and the
//! re-export itself is not a dependency. Paths inside macros are not seen.

use super::graph::Arrow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree, Visibility};

type Segments = Vec<String>;

#[derive(Default)]
struct Module {
    file: PathBuf,
    /// The names that `use` brings into this module, each with its path; `*` for a glob.
    uses: Vec<(String, Segments)>,
    /// Paths in the code that begin with `crate`, `super` or `self`.
    paths: Vec<Segments>,
    /// How many of `uses`, at its front, are re-exports.
    exports: usize,
}

struct Crate {
    modules: BTreeMap<Segments, Module>,
}

pub fn arrows(sources: &Path) -> BTreeSet<Arrow> {
    let mut parsed = Crate { modules: BTreeMap::new() };
    parsed.read(sources, Path::new("lib.rs"), Vec::new());
    let mut arrows = BTreeSet::new();
    for (path, module) in &parsed.modules {
        let imported = module.uses[module.exports..].iter().map(|(_, path)| path).chain(&module.paths);
        for named in imported {
            let Some(file) = parsed.defining_file(path, named, 0) else { continue };
            if *file != module.file {
                arrows.insert((module.file.clone(), file.clone()));
            }
        }
    }
    arrows
}

impl Crate {
    fn read(&mut self, sources: &Path, file: &Path, path: Segments) {
        let text = fs::read_to_string(sources.join(file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut reader = Reader::default();
        reader.visit_file(&parsed);
        let exports = reader.exports.len();
        let uses = reader.exports.into_iter().chain(reader.imports).collect();
        self.modules.insert(path.clone(), Module { file: file.to_owned(), uses, paths: reader.paths, exports });
        for declared in reader.declared {
            let name = declared.ident.to_string();
            let child = child_file(sources, file, &declared);
            self.read(sources, &child, [path.as_slice(), &[name]].concat());
        }
    }

    /// The file that defines the item at `path`, seen from the module `from`; `None` if it belongs to another crate.
    fn defining_file(&self, from: &Segments, path: &[String], depth: usize) -> Option<&PathBuf> {
        assert!(depth < 20, "re-exported in a circle: {path:?}");
        let (mut module, mut rest) = match path.first()?.as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (from.clone(), &path[1..]),
            "super" => (from[..from.len().checked_sub(1)?].to_vec(), &path[1..]),
            name if self.modules.contains_key(&[from.as_slice(), &[name.to_owned()]].concat()) => (from.clone(), path),
            _ => return None,
        };
        while let [next, after @ ..] = rest {
            if next == "super" {
                module.pop()?;
                rest = after;
                continue;
            }
            let child = [module.as_slice(), std::slice::from_ref(next)].concat();
            if !self.modules.contains_key(&child) {
                return self.defining_file_of_item(&module, next, after, depth);
            }
            (module, rest) = (child, after);
        }
        Some(&self.modules[&module].file)
    }

    fn defining_file_of_item(&self, module: &Segments, name: &str, after: &[String], depth: usize) -> Option<&PathBuf> {
        let Module { file, uses, .. } = &self.modules[module];
        let by_name = uses.iter().find(|(known, _)| known == name);
        if let Some((_, path)) = by_name {
            return self.defining_file(module, &[path.as_slice(), after].concat(), depth + 1);
        }
        Some(file)
    }
}

fn child_file(sources: &Path, parent: &Path, declared: &ItemMod) -> PathBuf {
    let name = declared.ident.to_string();
    let folder = parent.parent().unwrap_or(Path::new(""));
    if let Some(path) = path_attribute(&declared.attrs) {
        return normal(&folder.join(path));
    }
    let is_folder = parent.file_stem().is_some_and(|stem| stem == "mod" || stem == "lib");
    let folder = if is_folder { folder.to_owned() } else { parent.with_extension("") };
    let file = folder.join(&name).with_extension("rs");
    if sources.join(&file).exists() { file } else { folder.join(name).join("mod.rs") }
}

fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path {
        if part == ".." {
            normal.pop();
        } else {
            normal.push(part);
        }
    }
    normal
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("path"))?;
    let value = &attribute.meta.require_name_value().ok()?.value;
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) = value else { return None };
    Some(path.value())
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|name| name == "test")
    })
}

/// Reads one file.
#[derive(Default)]
struct Reader {
    imports: Vec<(String, Segments)>,
    exports: Vec<(String, Segments)>,
    paths: Vec<Segments>,
    declared: Vec<ItemMod>,
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Mod(module) if is_test(&module.attrs) => {}
            Item::Mod(module) if module.content.is_none() => self.declared.push(module.clone()),
            item => visit::visit_item(self, item),
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut names = Vec::new();
        flatten(&item.tree, Vec::new(), &mut names);
        let is_reexport = !matches!(item.vis, Visibility::Inherited);
        if is_reexport { self.exports.extend(names) } else { self.imports.extend(names) }
    }

    /// `pub(in some::module)` is no dependency on it.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 && ["crate", "super", "self"].contains(&segments[0].as_str()) {
            self.paths.push(segments);
        }
        visit::visit_path(self, path);
    }
}

fn flatten(tree: &UseTree, mut path: Segments, names: &mut Vec<(String, Segments)>) {
    match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            flatten(&tree.tree, path, names);
        }
        UseTree::Name(tree) if tree.ident == "self" => names.push((path.last().cloned().unwrap_or_default(), path)),
        UseTree::Name(tree) => {
            path.push(tree.ident.to_string());
            names.push((tree.ident.to_string(), path));
        }
        UseTree::Rename(tree) => {
            path.push(tree.ident.to_string());
            names.push((tree.rename.to_string(), path));
        }
        UseTree::Glob(_) => names.push(("*".to_owned(), path)),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, path.clone(), names)),
    }
}
