//! A throw-away PostgreSQL for this test run: its own folder, socket only, gone afterwards. Without an installation the
//! tests say so and pass.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// The URL of a new, empty database; `None` when there is no PostgreSQL here.
pub fn database() -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = SERVER.get_or_init(Server::start).as_ref()?;
    let name = format!("contract_{}", COUNT.fetch_add(1, Ordering::SeqCst));
    server.create(&name);
    Some(server.url(&name))
}

struct Server {
    bin: PathBuf,
    port: u16,
}

impl Server {
    fn start() -> Option<Self> {
        let Some(bin) = installed() else {
            eprintln!("no PostgreSQL is installed: its contract tests are skipped");
            return None;
        };
        let folder = tempfile::tempdir().unwrap().keep();
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        own(&folder);
        let data = folder.join("data");
        run(as_postgres(&bin.join("initdb"))
            .args(["-A", "trust", "-U", "postgres", "-N", "-D"])
            .arg(&data));
        // The server watches this process and goes when it goes, folder included.
        let settings = format!(
            "-c fsync=off -c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories=''"
        );
        let watch = format!(
            "{start} & server=$!; while [ -d /proc/{me} ]; do sleep 0.2; done; kill -INT $server; wait $server; rm -rf {folder}",
            start = format_args!(
                "{} -D {} {settings}",
                bin.join("postgres").display(),
                data.display()
            ),
            me = std::process::id(),
            folder = folder.display(),
        );
        #[expect(
            clippy::zombie_processes,
            reason = "it outlives the tests by a moment, to clean up after them"
        )]
        as_postgres(Path::new("/bin/sh"))
            .args(["-c", &watch])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..600 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(Self { bin, port });
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("PostgreSQL did not start");
    }

    fn create(&self, name: &str) {
        // The socket answers a moment before the server does.
        for _ in 0..50 {
            let done = Command::new(self.bin.join("createdb"))
                .args([
                    "-h",
                    "127.0.0.1",
                    "-p",
                    &self.port.to_string(),
                    "-U",
                    "postgres",
                    name,
                ])
                .output()
                .unwrap();
            if done.status.success() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("no database could be created");
    }

    fn url(&self, name: &str) -> String {
        format!(
            "postgres://postgres@127.0.0.1:{}/{name}?sslmode=disable",
            self.port
        )
    }
}

/// Where the programs are: on the path, or where Debian puts them.
fn installed() -> Option<PathBuf> {
    let mut places = vec![PathBuf::from("/usr/local/bin"), PathBuf::from("/usr/bin")];
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    places.extend(versions.map(|version| version.path().join("bin")));
    places.into_iter().find(|place| {
        ["initdb", "postgres", "createdb"]
            .iter()
            .all(|name| place.join(name).exists())
    })
}

/// PostgreSQL refuses to run as root: then the user `postgres` runs it.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(program)
        .current_dir("/tmp");
    command
}

fn own(folder: &Path) {
    if is_root() {
        run(Command::new("chown").arg("postgres").arg(folder));
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

fn run(command: &mut Command) {
    let done = command.output().unwrap();
    assert!(
        done.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}
