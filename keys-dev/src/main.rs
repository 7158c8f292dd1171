//! `keys-dev make DIR`, `keys-dev up`, `keys-dev code NATIONAL_ID`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use keys_dev::state::State;
use keys_dev::up::{Addresses, Options};
use keys_dev::{Error, Refusal, totp, up};
use ring::rand::SystemRandom;
use time::OffsetDateTime;

/// A throw-away PKI, people and agencies for development. Everything it makes says DEV ONLY.
#[derive(Parser)]
#[command(version, after_help = "Start here:  cargo run --release -p keys-dev -- up")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the development PKI, people and agencies into a new or empty folder.
    Make {
        /// The folder.
        dir: PathBuf,
        /// Throw away a former state in that folder first.
        #[arg(long)]
        reset: bool,
    },
    /// Build, start and watch idp, signer and a demo agency; Ctrl-C stops them.
    Up(Up),
    /// Print the TOTP code that a person's authenticator would show now.
    Code {
        /// The person's national id, as in people.json.
        national_id: String,
        /// The folder of the state.
        #[arg(long, value_name = "DIR", default_value_os_t = default_state())]
        state: PathBuf,
    },
}

#[derive(Args)]
struct Up {
    /// The folder that keeps people, keys, databases and documents between starts.
    #[arg(long, value_name = "DIR", default_value_os_t = default_state())]
    state: PathBuf,
    /// Throw away the former state first.
    #[arg(long)]
    reset: bool,
    /// Serve https with the development CA.
    #[arg(long)]
    tls: bool,
    /// Ports of idp, signer and agency.
    #[arg(
        long,
        value_name = "A,B,C",
        value_delimiter = ',',
        num_args = 1,
        default_value = "8080,8081,8082"
    )]
    ports: Vec<u16>,
    /// Start what is built already.
    #[arg(long)]
    no_build: bool,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("keys-dev: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Error> {
    let chance = SystemRandom::new();
    match command {
        Command::Make { dir, reset } => {
            let state = State::make(&dir, reset, now(), &chance)?;
            println!("Made: {}", state.path("").display());
            Ok(())
        }
        Command::Up(asked) => {
            let [idp, signer, agency] = asked.ports[..] else {
                clap_ports()
            };
            let addresses = Addresses {
                ports: [idp, signer, agency],
                tls: asked.tls,
            };
            let options = Options {
                state: asked.state,
                reset: asked.reset,
                addresses,
                build: !asked.no_build,
            };
            up::up(&options, now, &chance)
        }
        Command::Code { national_id, state } => {
            let people = State::open(&state)?.people()?;
            let person = people
                .by_national_id(&national_id)
                .ok_or(Refusal::UnknownPerson(national_id.clone()))?;
            let code = totp::code(&person.totp_secret, now())?;
            println!("{}", code.digits);
            eprintln!("{} · {} s left", person.full_name(), code.seconds_left);
            Ok(())
        }
    }
}

/// Ends the program with a usage error.
fn clap_ports() -> ! {
    let mut command = <Cli as clap::CommandFactory>::command();
    command
        .error(
            clap::error::ErrorKind::WrongNumberOfValues,
            "--ports takes three: --ports 9080,9081,9082",
        )
        .exit()
}

fn default_state() -> PathBuf {
    up::build::workspace().join("keys-dev").join("state")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one clock of this tool; everything else takes the time as an argument"
)]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
