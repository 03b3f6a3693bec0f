//! The programs that send each other messages, and what they answer to bad input.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use common::{Folder, command, run, told};

/// A server that is ready for its client.
fn server(path: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut server = command("ipc_server").arg(path).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut output = BufReader::new(server.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    (server, output)
}

#[test]
fn parent_and_child_pass_messages() {
    let expected = include_str!("../examples/ipc_fork.stdout");
    assert_eq!(told(&run("ipc_fork", &[""; 0])), (expected.into(), String::new(), Some(0)));
}

#[test]
fn client_and_server_meet_by_a_file_which_goes_with_them() {
    let folder = Folder::new();
    let path = folder.path().join("meeting");
    // The second time after a server that was killed, whose file is still there.
    for kill in [true, false] {
        let (mut server, mut output) = server(&path);
        assert!(path.exists());
        if kill {
            server.kill().unwrap();
            assert_eq!(server.wait().unwrap().signal(), Some(9));
            assert!(path.exists());
            continue;
        }
        let busy = run("ipc_server", &[&path]);
        let line = format!("ipc_server: {}: another server is there\n", path.display());
        let (out, err, code) = told(&busy);
        assert_eq!((out, code), (String::new(), Some(1)));
        assert!(err.ends_with(&line), "{err}");

        let (out, err, code) = told(&run("ipc_client", &[&path]));
        assert_eq!((out.as_str(), code), (include_str!("../examples/ipc_client.stdout"), Some(0)));
        assert!(err.ends_with(" a second\n") && err.lines().count() == 1, "{err}");
        assert!(server.wait().unwrap().success());
        let mut rest = String::from("ready\n");
        output.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, include_str!("../examples/ipc_server.stdout"));
        assert!(!path.exists());
    }
}

#[test]
fn bad_input_is_answered_by_one_line() {
    let folder = Folder::new();
    let nowhere = folder.path().join("none/meeting");
    let text = folder.file("text", b"no segment");
    let name = |path: &Path| path.to_str().unwrap().to_owned();
    for (program, arguments, expected) in [
        ("ipc_server", vec![], "usage: ipc_server PATH"),
        ("ipc_client", vec![], "usage: ipc_client PATH [N]"),
        ("ipc_client", vec![name(&text), "many".into()], "usage: ipc_client PATH [N]"),
        ("ipc_server", vec![name(&nowhere)], "none/meeting: ENOENT: No such file or directory"),
        ("ipc_client", vec![name(&nowhere)], "none/meeting: ENOENT: No such file or directory"),
        ("ipc_server", vec![name(&text)], "text: no segment of shared memory"),
        ("ipc_client", vec![name(&text)], "text: no segment of shared memory"),
    ] {
        let (out, err, code) = told(&run(program, &arguments));
        assert_eq!((out.as_str(), code), ("", Some(1)), "{program} {arguments:?}");
        assert!(err.ends_with(&format!("{expected}\n")) && err.lines().count() == 1, "{program}: {err}");
    }
    assert_eq!(fs::read(&text).unwrap(), b"no segment");
}
