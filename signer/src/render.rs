//! A picture of a page, made in a short-lived child process of this very program with hard limits, so that a hostile
//! file costs one child and nothing else.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::sync::Semaphore;

use crate::error::Fault;

/// Starts the children.
#[derive(Clone, Debug)]
pub struct Renderer {
    program: PathBuf,
    turns: Arc<Semaphore>,
}

impl Renderer {
    /// Children are this program, called with [`COMMAND`].
    ///
    /// # Errors
    /// A fault when the operating system does not tell where the program is.
    pub fn of_this_program() -> Result<Self, Fault> {
        Ok(Self::of(
            std::env::current_exe().map_err(Fault::when("finding this program"))?,
        ))
    }

    /// Children are `program`, called with [`COMMAND`].
    #[must_use]
    pub fn of(program: PathBuf) -> Self {
        Self {
            program,
            turns: Arc::new(Semaphore::new(CHILDREN)),
        }
    }

    /// A PNG of the first page of the document at `path`, or `None` when it cannot be drawn within the limits.
    ///
    /// # Errors
    /// A fault when no child can be started.
    pub async fn first_page(&self, path: &Path) -> Result<Option<Vec<u8>>, Fault> {
        let doing = "drawing a page";
        let _turn = self.turns.acquire().await.map_err(Fault::when(doing))?;
        let file = File::open(path).map_err(Fault::when(doing))?;
        if file.metadata().map_err(Fault::when(doing))?.len() > LARGEST_DOCUMENT {
            return Ok(None);
        }
        let mut child = tokio::process::Command::new(&self.program)
            .arg(COMMAND)
            .env_clear()
            .stdin(Stdio::from(file))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(Fault::when(doing))?;
        let Some(output) = child.stdout.take() else {
            return Ok(None);
        };
        let mut picture = Vec::new();
        let drawn = tokio::time::timeout(PATIENCE, async {
            output
                .take(LARGEST_PICTURE.saturating_add(1))
                .read_to_end(&mut picture)
                .await?;
            child.wait().await
        })
        .await;
        let whole = u64::try_from(picture.len()).is_ok_and(|n| n <= LARGEST_PICTURE);
        match drawn {
            Ok(Ok(status)) if status.success() && whole && picture.starts_with(PNG) => Ok(Some(picture)),
            _ => Ok(None), // the child is killed when it goes out of scope
        }
    }
}

/// The child: limits itself, reads a PDF from standard input, writes a PNG to standard output.
///
/// # Errors
/// When the file cannot be drawn.
pub fn child() -> Result<(), Fault> {
    limit_myself()?;
    let doing = "reading a document";
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(LARGEST_DOCUMENT)
        .read_to_end(&mut bytes)
        .map_err(Fault::when(doing))?;
    let picture = draw(bytes)?;
    std::io::stdout()
        .write_all(&picture)
        .map_err(Fault::when("writing a picture"))
}

#[cfg(unix)]
fn limit_myself() -> Result<(), Fault> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    for (resource, most) in [
        (Resource::Cpu, CPU_SECONDS),
        (Resource::As, MEMORY),
        (Resource::Fsize, 0),
        (Resource::Nofile, 8),
        (Resource::Core, 0),
    ] {
        setrlimit(
            resource,
            Rlimit {
                current: Some(most),
                maximum: Some(most),
            },
        )
        .map_err(Fault::when("limiting a child"))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn limit_myself() -> Result<(), Fault> {
    Err(Fault::new("pages are drawn on unix only"))
}

fn draw(bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
    use hayro::hayro_interpret::InterpreterSettings;
    use hayro::vello_cpu::color::palette::css::WHITE;
    use hayro::{PixmapSettings, RenderCache, RenderSettings, render};

    let pdf =
        hayro::hayro_syntax::Pdf::new(bytes).map_err(|_| Fault::new("not a document that can be drawn"))?;
    let pages = pdf.pages();
    let page = pages.first().ok_or_else(|| Fault::new("no page to draw"))?;
    let (width, height) = page.render_dimensions();
    if !(width > 0.0 && height > 0.0) {
        return Err(Fault::new("a page without a size"));
    }
    let scale = (SIDE / width.max(height)).min(MOST_SCALE);
    let settings = PixmapSettings {
        x_scale: scale,
        y_scale: scale,
        bg_color: WHITE,
    };
    let picture = render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &settings,
    );
    picture.into_png().map_err(Fault::when("writing a picture"))
}

/// The word on the command line that makes this program a child.
pub const COMMAND: &str = "render-page";
const PNG: &[u8] = b"\x89PNG";
/// Drawing needs the whole file in the child's memory; larger ones are listed without a picture.
const LARGEST_DOCUMENT: u64 = 64 << 20;
/// Address space of a child: the largest document, its objects, and one page of pixels.
const MEMORY: u64 = 768 << 20;
/// Honest first pages take a fraction of a second; machines under load are slower.
const CPU_SECONDS: u64 = 10;
const PATIENCE: Duration = Duration::from_secs(20);
/// At the same time; pages are drawn while a person looks at a list.
const CHILDREN: usize = 2;
/// A page of 1000 pixels compresses to some hundred kB; photographs to a few MB.
const LARGEST_PICTURE: u64 = 8 << 20;
/// The longer side in pixels: legible on a phone, small to send.
const SIDE: f32 = 1000.0;
/// A postage stamp is not blown up.
const MOST_SCALE: f32 = 3.0;
