//! Reading this project's own sources.

use std::fs;
use std::path::{Path, PathBuf};

/// The files of a folder whose names end in `.rs`, below it too.
pub fn sources(root: &Path, folder: &str) -> Vec<(String, String)> {
    assert!(root.join(folder).is_dir(), "no sources in {}: do not pack this test", root.display());
    let mut folders = vec![root.join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder}");
    found
}
