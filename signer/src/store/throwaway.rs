//! A PostgreSQL server for one test run: in a folder of its own, on a free port, ended and removed when this process
//! is gone.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// Its URL; `None` when PostgreSQL is not installed.
pub(super) fn server() -> Option<&'static str> {
    static URL: OnceLock<Option<String>> = OnceLock::new();
    URL.get_or_init(|| installed().map(|programs| start(&programs)))
        .as_deref()
}

fn start(programs: &Path) -> String {
    let folder = tempfile::tempdir().unwrap().keep();
    if root() {
        done(Command::new("chown").arg("postgres").arg(&folder));
    }
    let data = folder.join("data");
    done(
        unprivileged(&programs.join("initdb"))
            .args(["-A", "trust", "-U", "postgres", "-N", "-D"])
            .arg(&data),
    );
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let script = format!(
        "'{server}' -D '{data}' -c fsync=off -c max_connections=300 -c listen_addresses=127.0.0.1 -c port={port} \
         -c unix_socket_directories='' & it=$!; while [ -d /proc/{me} ]; do sleep 0.3; done; \
         kill -INT $it; wait $it; rm -rf '{folder}'",
        server = programs.join("postgres").display(),
        data = data.display(),
        me = std::process::id(),
        folder = folder.display(),
    );
    let guard = unprivileged(Path::new("/bin/sh"))
        .args(["-c", &script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(guard); // it outlives this process by a moment, to clean up after it
    let up = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    assert!(up, "PostgreSQL did not start");
    format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable")
}

fn installed() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let places = debian.map(|version| version.path().join("bin"));
    let mut places = places.chain([PathBuf::from("/usr/local/bin"), PathBuf::from("/usr/bin")]);
    places.find(|place| place.join("initdb").exists() && place.join("postgres").exists())
}

/// PostgreSQL does not run as root.
fn unprivileged(program: &Path) -> Command {
    if !root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(program)
        .current_dir("/tmp");
    command
}

fn root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

fn done(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
