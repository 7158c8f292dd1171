//! The command line.

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
    /// Say what is wrong with the configuration, and what to do.
    CheckConfig,
}

/// Runs one command; what went wrong goes to standard error.
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

async fn execute(arguments: Arguments) -> Result<(), Vec<String>> {
    let config = Config::read(&arguments.config, std::env::vars()).map_err(|problem| vec![problem])?;
    let problems = config.problems();
    if !problems.is_empty() {
        return Err(problems);
    }
    match arguments.command {
        Command::CheckConfig => {
            println!("{}: good", arguments.config.display());
            Ok(())
        }
        Command::Migrate => {
            open(config).await?.store.close().await;
            Ok(())
        }
        Command::Serve => {
            telemetry::start();
            let listen = config.listen;
            let listener = TcpListener::bind(listen)
                .map_err(|error| vec![format!("listen {listen}: {error}; is another idp running?")])?;
            let idp = open(config).await?;
            tracing::info!(issuer = idp.config.issuer.as_str(), %listen, "serving");
            serve(idp, listener, told_to_stop())
                .await
                .map_err(|fault| vec![fault.to_string()])
        }
    }
}

async fn open(config: Config) -> Result<Arc<Idp>, Vec<String>> {
    Idp::open(config, Arc::new(SystemClock), Arc::new(SystemChance::default()))
        .await
        .map_err(|fault| vec![fault.to_string()])
}

/// Resolves on SIGTERM or Ctrl-C.
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("stopping");
}
