//! The command line: run the service, prepare it, enrol clients and citizens.

mod activation;
mod audit;
mod backup;
mod blocklist;
mod citizen;
mod client;
mod import;
mod input;
mod keys;
mod staff;

use std::{net::TcpListener, path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};

use crate::{
    config::Config,
    http::serve::serve,
    service::Idp,
    telemetry,
    world::{SystemChance, SystemClock},
};

/// An OpenID provider: one credential for every agency.
#[derive(Debug, Parser)]
#[command(name = "idp", version, about)]
pub struct Arguments {
    /// The configuration file (TOML); single values are overridden by IDP__SECTION__KEY.
    #[arg(long, env = "IDP_CONFIG", global = true, default_value = "idp.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service.
    Serve,
    /// Bring the database's schema up to date.
    Migrate,
    /// Copy the database into one file, whole and of one moment, while the service goes on.
    Backup(backup::Backup),
    /// Say what is wrong with the configuration, and what to do.
    CheckConfig,
    /// Agencies' clients.
    #[command(subcommand)]
    Client(client::Command),
    /// Codes that open accounts.
    #[command(subcommand)]
    Activation(activation::Command),
    /// Citizens.
    #[command(subcommand)]
    Citizen(citizen::Command),
    /// Signing keys: their lives, rotation, emergency.
    #[command(subcommand)]
    Keys(keys::Command),
    /// The audit log.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Officials: registrars, help desk, auditors, operators.
    #[command(subcommand)]
    Staff(staff::Command),
    /// Passwords that nobody may choose.
    #[command(subcommand)]
    Blocklist(blocklist::Command),
}

/// Runs one command; what went wrong goes to standard error, one line each.
pub async fn run(arguments: Arguments) -> ExitCode {
    match execute(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            for problem in problems {
                eprintln!("idp: {problem}");
            }
            ExitCode::FAILURE
        }
    }
}

/// What went wrong, as sentences.
type Problems = Vec<String>;

async fn execute(arguments: Arguments) -> Result<(), Problems> {
    if let Command::Blocklist(command) = &arguments.command {
        // Before there is a configuration that could name what is built here.
        return blocklist::run(command);
    }
    let config = Config::read(&arguments.config, std::env::vars()).map_err(|problem| vec![problem])?;
    let problems = config.problems();
    if !problems.is_empty() {
        return Err(problems);
    }
    match arguments.command {
        Command::Blocklist(command) => blocklist::run(&command),
        Command::CheckConfig => {
            println!("{}: good", arguments.config.display());
            Ok(())
        }
        Command::Migrate => {
            open(config).await?.store.close().await;
            Ok(())
        }
        Command::Backup(asked) => backup::run(&config.database, &asked),
        Command::Serve => run_service(config).await,
        Command::Client(command) => {
            let idp = open(config).await?;
            let done = client::run(&idp, command).await;
            idp.store.close().await;
            done
        }
        Command::Citizen(command) => {
            let idp = open(config).await?;
            let done = citizen::run(&idp, command).await;
            idp.store.close().await;
            done
        }
        Command::Activation(command) => {
            let idp = open(config).await?;
            let done = activation::run(&idp, command).await;
            idp.store.close().await;
            done
        }
        Command::Keys(command) => {
            let idp = open(config).await?;
            let done = keys::run(&idp, command).await;
            idp.store.close().await;
            done
        }
        Command::Audit(command) => {
            let idp = open(config).await?;
            let done = audit::run(&idp, command).await;
            idp.store.close().await;
            done
        }
        Command::Staff(command) => {
            let idp = open(config).await?;
            let done = staff::run(&idp, command).await;
            idp.store.close().await;
            done
        }
    }
}

async fn run_service(config: Config) -> Result<(), Problems> {
    telemetry::start();
    let stop = told_to_stop()?;
    let listen = config.listen;
    let listener = TcpListener::bind(listen)
        .map_err(|error| vec![format!("listen {listen}: {error}; is another idp running?")])?;
    let idp = open(config).await?;
    tracing::info!(issuer = idp.config.issuer.as_str(), %listen, "serving");
    serve(idp, listener, stop)
        .await
        .map_err(|fault| vec![fault.to_string()])
}

async fn open(config: Config) -> Result<Arc<Idp>, Problems> {
    Idp::open(config, Arc::new(SystemClock), Arc::new(SystemChance::default()))
        .await
        .map_err(|fault| vec![fault.to_string()])
}

/// Listens for SIGTERM and Ctrl-C from now on, so that none is missed while the service opens; resolves at the first.
fn told_to_stop() -> Result<impl Future<Output = ()> + Send + 'static, Problems> {
    use tokio::signal::unix::{SignalKind, signal};
    let told = |error: std::io::Error| vec![format!("signals: {error}")];
    let mut terminate = signal(SignalKind::terminate()).map_err(told)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(told)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    })
}
