//! The command line.

mod officials;
mod serve;
mod telemetry;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::Config;
use crate::error::Error;
use crate::service::Service;

/// Signs documents with officials' certificates, and tells anyone what a signed document says.
#[derive(Debug, Parser)]
#[command(name = "signer", version, max_term_width = 100)]
struct Line {
    /// Configuration file (TOML). Any value may be replaced by SIGNER__SECTION__KEY in the environment.
    #[arg(long, value_name = "FILE", env = "SIGNER_CONFIG", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until SIGTERM or Ctrl-C; migrates first.
    Serve,
    /// Bring the database up to date.
    Migrate,
    /// Read the configuration, open what it names, and say whether it will do.
    CheckConfig,
    /// Officials and their keys.
    #[command(subcommand)]
    Official(Official),
    /// The audit log.
    #[command(subcommand)]
    Audit(Audit),
}

#[derive(Debug, Subcommand)]
enum Official {
    /// Register officials: makes a key for each, here, and writes a certification request.
    Create(Create),
    /// Take the certificates that were issued for an official's key.
    Certify(Certify),
    /// Show who is registered.
    List {
        /// One JSON array on standard output.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Follow the chain from its first record; exit 1 when a record was changed or dropped.
    Verify,
}

#[derive(Debug, Args)]
struct Create {
    /// One JSON object or an array of them, from a file or `-`:
    /// {"national_id","given_name","family_name","institution","position"}
    #[arg(long, value_name = "FILE|-")]
    from: PathBuf,
    /// Folder for <national_id>.csr (PKCS#10, PEM); made when missing.
    #[arg(long, value_name = "DIR")]
    csr_dir: PathBuf,
    /// Leave officials alone who are registered already.
    #[arg(long)]
    if_absent: bool,
    /// One JSON array on standard output.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Certify {
    /// Whose key.
    #[arg(long, value_name = "ID")]
    national_id: String,
    /// PEM, leaf first, then the issuing authority.
    #[arg(long, value_name = "FILE|-")]
    certificate: PathBuf,
    /// One JSON object on standard output.
    #[arg(long)]
    json: bool,
}

/// What a command says when it cannot do what it was asked; goes to standard error.
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let line = Line::parse();
    telemetry::start(matches!(line.command, Command::Serve));
    // One TLS stack; a second installation can only be this same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error),
    };
    match runtime.block_on(run(line)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(error.as_ref()),
    }
}

fn complain(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("signer: {error}");
    ExitCode::FAILURE
}

async fn run(line: Line) -> Outcome {
    let Some(path) = line.config else {
        return Err(
            "say where the configuration is: --config FILE, or SIGNER_CONFIG in the environment".into(),
        );
    };
    let config = Config::read(&path, std::env::vars())?;
    match line.command {
        Command::Serve => serve::serve(config).await,
        Command::Migrate => {
            Service::open(config).await?.store.migrate().await?;
            Ok(())
        }
        Command::CheckConfig => serve::check(config).await,
        Command::Official(official) => {
            let service = migrated(config).await?;
            match official {
                Official::Create(create) => officials::create(&service, &create).await,
                Official::Certify(certify) => officials::certify(&service, &certify).await,
                Official::List { json } => officials::list(&service, json).await,
            }
        }
        Command::Audit(Audit::Verify) => {
            let service = migrated(config).await?;
            verify_audit(&service).await
        }
    }
}

async fn migrated(config: Config) -> Result<std::sync::Arc<Service>, Error> {
    let service = Service::open(config).await?;
    service.store.migrate().await?;
    Ok(service)
}

async fn verify_audit(service: &Service) -> Outcome {
    let mut head = crate::rules::audit::Head {
        seq: 0,
        hash: "0".repeat(64),
    };
    let mut broken = None;
    service
        .store
        .audit_records(|record| {
            if broken.is_none() && !record.follows(&head) {
                broken = Some(record.seq);
            }
            head = record.head();
        })
        .await?;
    match broken {
        Some(seq) => Err(format!("the audit log was changed at or before record {seq}").into()),
        None => {
            println!(
                "{} records, each follows the one before; last hash {}",
                head.seq, head.hash
            );
            Ok(())
        }
    }
}

/// The bytes of a file, or of standard input for `-`.
fn read(path: &std::path::Path) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes)?;
    } else {
        bytes = std::fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    }
    Ok(bytes)
}
