//! `bench -- idp`: every scenario against a fresh service, beside the limits of the same run.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::{
    cpu,
    limits::Limits,
    load::{Measured, measure},
    peers, prepare,
    report::{self, Row},
    scenarios::{ALL, Scenario, Target},
    server::Server,
};
use crate::browser::Trouble;

/// What was asked on the command line.
#[derive(Debug, Default)]
pub struct Asked {
    /// JSON instead of a table.
    pub json: bool,
    /// npm `oidc-provider`, too.
    pub peers: bool,
    /// The program; built first when not named.
    pub program: Option<PathBuf>,
    /// Another build of it to compare with.
    pub before: Option<PathBuf>,
    /// Only scenarios whose name begins so.
    pub only: Option<String>,
    /// How long each scenario lasts; three seconds when not said.
    pub seconds: Option<u64>,
}

impl Asked {
    /// Reads `[--json] [--peers] [--idp FILE] [--before FILE] [--only NAME] [--seconds N]`.
    ///
    /// # Errors
    /// A word that is none of these.
    pub fn read(words: &[&str]) -> Result<Self, Trouble> {
        let mut asked = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match *word {
                "--json" => asked.json = true,
                "--peers" => asked.peers = true,
                "--idp" => asked.program = Some(PathBuf::from(value()?)),
                "--before" => asked.before = Some(PathBuf::from(value()?)),
                "--only" => asked.only = Some((*value()?).to_owned()),
                "--seconds" => asked.seconds = Some(value()?.parse()?),
                other => return Err(format!("{other} is not known").into()),
            }
        }
        Ok(asked)
    }

    fn chosen(&self) -> impl Iterator<Item = Scenario> {
        ALL.into_iter().filter(|scenario| {
            self.only
                .as_ref()
                .is_none_or(|only| scenario.name.starts_with(only))
        })
    }
}

/// Measures and prints.
///
/// # Errors
/// When the service does not build, start or answer as it should.
pub fn bench(asked: &Asked) -> Result<(), Trouble> {
    let load = cpu::load()?;
    let lasting = Duration::from_secs(asked.seconds.unwrap_or(3).max(1));
    let program = match &asked.program {
        Some(program) => program.clone(),
        None => build()?,
    };
    cpu::move_to(cpu::DRIVER)?;
    let server = Server::start(&program, "now")?;
    let target = prepare::target(&server)?;
    let before = asked.before.as_deref().map(other).transpose()?;
    let peer = if asked.peers { Some(peers::start()?) } else { None };
    let limits = Limits::measure(server.folder(), &rsa()?, lasting)?;
    let mut rows = Vec::new();
    for scenario in asked.chosen() {
        eprintln!("bench: {}", scenario.name);
        let one = |target: Option<&Target>| target.map(|target| run(&scenario, target, lasting));
        let now = run(&scenario, &target, lasting)?;
        let before = one(before.as_ref().map(|(_, target)| target))
            .transpose()?
            .flatten();
        let peer = one(peer.as_ref().map(|peer| &peer.target)).transpose()?.flatten();
        rows.push(Row {
            scenario,
            now,
            before,
            peer,
        });
    }
    if asked.json {
        println!("{:#}", report::json(&limits, &rows, load));
    } else {
        report::print(&limits, &rows, load);
    }
    Ok(())
}

fn run(scenario: &Scenario, target: &Target, lasting: Duration) -> Result<Option<Measured>, Trouble> {
    let told = |trouble: Trouble| format!("{}: {trouble}", scenario.name);
    match (scenario.acts)(target).map_err(told)? {
        Some(acts) => Ok(Some(
            measure(target.pid, target.address, acts, lasting).map_err(told)?,
        )),
        None => Ok(None),
    }
}

fn other(program: &Path) -> Result<(Server, Target), Trouble> {
    let server = Server::start(program, "before")?;
    let target = prepare::target(&server)?;
    Ok((server, target))
}

/// The build that operators run: the profile `dist`, in the folder beside that of this very program.
pub fn build() -> Result<PathBuf, Trouble> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--profile", "dist", "--locked", "--package", "idp"])
        .status()?;
    if !built.success() {
        return Err("the service does not build".into());
    }
    let this = std::env::current_exe()?;
    let target = this
        .parent()
        .and_then(Path::parent)
        .ok_or("this program has no target folder")?;
    Ok(target.join("dist").join("idp"))
}

/// A private key to measure bare signatures with: ring makes none.
fn rsa() -> Result<Vec<u8>, Trouble> {
    let made = Command::new("openssl")
        .args([
            "genpkey",
            "-quiet",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
            "-outform",
            "DER",
        ])
        .output()?;
    if made.status.success() {
        Ok(made.stdout)
    } else {
        Err(String::from_utf8_lossy(&made.stderr).into_owned().into())
    }
}
