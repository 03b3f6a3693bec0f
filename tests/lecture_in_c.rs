//! The three programs equal the lecture's own, which stand in tests/lecture/ as
//! the lecture has them and are compiled here with the host's C compiler.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{Folder, command, texts};

#[test]
fn output_and_file_are_equal_byte_for_byte() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lecture");
    let folder = Folder::new();
    for program in ["map_file", "map_inherit", "map_append"] {
        let in_c = folder.path().join(program);
        let compiler = std::env::var_os("BAREMAP_CC").unwrap_or_else(|| "gcc".into());
        let compiled = Command::new(compiler)
            .args(["-O1", "-o"])
            .arg(&in_c)
            .arg(sources.join(program).with_extension("c"))
            .status();
        assert!(compiled.expect("a C compiler").success(), "{program}.c");

        for (name, content) in texts() {
            let [theirs, ours] = [Command::new(&in_c), command(program)].map(|mut command| {
                let folder = Folder::new();
                let file = folder.file("f1.txt", &content);
                let output = command.current_dir(folder.path()).output().unwrap();
                (output.stdout, output.stderr, output.status.code(), fs::read(file).unwrap())
            });
            assert!(theirs.2 == Some(0) && !theirs.0.is_empty(), "{program}.c on {name}");
            assert!(ours == theirs, "{program} on {name}: {ours:?}\nin C: {theirs:?}");
        }
    }
}
