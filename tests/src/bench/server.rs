//! The service under test: an own folder, an own port, one core.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{cpu, prepare::RESOURCE};
use crate::browser::Trouble;

/// A running idp with an empty database; stopped and forgotten when dropped.
pub struct Server {
    program: PathBuf,
    folder: PathBuf,
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts `program` in a new folder.
    pub fn start(program: &Path, name: &str) -> Result<Self, Trouble> {
        let folder = std::env::temp_dir().join(format!("aval-bench-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let address = free()?;
        keys_dev::state::write_private(&folder.join("idp.key"), sealing_key()?.as_bytes())?;
        let (port, at) = (address.port(), folder.display());
        let config = format!(
            "issuer = \"http://localhost:{port}\"\nlisten = \"{address}\"\ndatabase = \"sqlite://{at}/idp.db\"\n\
             sealing_key_file = \"{at}/idp.key\"\n\
             [[resources]]\nuri = \"{RESOURCE}\"\nname = \"Registro Civil\"\nclient = \"registro\"\n"
        );
        fs::write(folder.join("idp.toml"), config)?;
        let child = cpu::on_core(cpu::SERVER, program)
            .args(["--config", &folder.join("idp.toml").to_string_lossy(), "serve"])
            .stderr(fs::File::create(folder.join("log"))?)
            .stdout(Stdio::null())
            .spawn()?;
        let server = Self {
            program: program.to_owned(),
            folder,
            child,
            address,
        };
        server.wait()?;
        Ok(server)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where its database is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its issuer identifier.
    pub fn issuer(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// Runs a command of it that takes `--from` and tells JSON, as an operator would.
    pub fn command(&self, words: &[&str], from: &Value) -> Result<Value, Trouble> {
        let file = self.folder.join("from.json");
        keys_dev::state::write_json(&file, from)?;
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(&self.program)
            .args(["--config", &self.folder.join("idp.toml").to_string_lossy()])
            .args(words)
            .args(["--json", "--from", &file.to_string_lossy()])
            .output()?;
        if status.success() {
            Ok(serde_json::from_slice(&stdout)?)
        } else {
            Err(String::from_utf8_lossy(&stderr).into_owned().into())
        }
    }

    fn wait(&self) -> Result<(), Trouble> {
        let begun = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            if begun.elapsed() > STARTING {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(format!("the service did not start: {log}").into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
        let _removed = fs::remove_dir_all(&self.folder);
    }
}

/// A port that nobody listens on at this moment.
pub fn free() -> Result<SocketAddr, Trouble> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn sealing_key() -> Result<String, Trouble> {
    let bytes = keys_dev::people::random::<32>(&ring::rand::SystemRandom::new())?;
    Ok(data_encoding::BASE64.encode(&bytes))
}

/// An RSA key is made at the first start.
const STARTING: Duration = Duration::from_secs(60);
