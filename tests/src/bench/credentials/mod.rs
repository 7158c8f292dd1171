//! `bench -- credentials`: what logging in costs, beside what Argon2id alone costs on this machine, and whether a country
//! of citizens slows it down.

mod crowd;
mod login;
mod passkey;
mod words;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use url::Url;

use self::{
    login::{How, Login, Person, weight},
    passkey::Passkey,
};
use super::{
    cpu, idp, limits,
    load::{Act, CONNECTIONS, measure},
    prepare::{self, REDIRECT},
    scenarios::{Client, question},
    server::Server,
    wire::Wire,
};
use crate::browser::{Browser, Page, Trouble};

/// What was asked on the command line.
#[derive(Debug)]
pub struct Asked {
    /// The program; built first when not named.
    program: Option<PathBuf>,
    /// How long each measurement lasts.
    lasting: Duration,
    /// How large the country is.
    citizens: u32,
}

impl Asked {
    /// Reads `[--idp FILE] [--seconds N] [--citizens N]`.
    ///
    /// # Errors
    /// A word that is none of these.
    pub fn read(words: &[&str]) -> Result<Self, Trouble> {
        let mut asked = Self {
            program: None,
            lasting: Duration::from_secs(5),
            citizens: 1_000_000,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match *word {
                "--idp" => asked.program = Some(PathBuf::from(value()?)),
                "--seconds" => asked.lasting = Duration::from_secs(value()?.parse::<u64>()?.max(1)),
                "--citizens" => asked.citizens = value()?.parse()?,
                other => return Err(format!("{other} is not known").into()),
            }
        }
        Ok(asked)
    }
}

/// One figure and what it should be.
struct Figure {
    name: &'static str,
    reached: f64,
    wanted: Wanted,
}

enum Wanted {
    AtLeast(f64),
    AtMost(f64),
}

/// Measures and prints.
///
/// # Errors
/// When the service does not build, start or answer as it should.
pub fn bench(asked: &Asked) -> Result<(), Trouble> {
    let program = match &asked.program {
        Some(program) => program.clone(),
        None => idp::build()?,
    };
    cpu::move_to(cpu::DRIVER)?;
    let alone = limits::argon2id(asked.lasting)?;
    let mut town = Place::found(&program, "town", (A_TOWN, CONNECTIONS.saturating_mul(2)))?;
    eprintln!("bench: {} citizens are written", asked.citizens);
    let mut country = Place::found(&program, "country", (asked.citizens, 0))?;
    let page = weight(&mut Wire::to(town.server.address)?, &town.client)?;
    let mut figures = vec![
        Figure {
            name: "bytes of the login page with all that it loads",
            reached: number(page.bytes)?,
            wanted: Wanted::AtMost(20_000.0),
        },
        Figure {
            name: "  in so many requests, the first time",
            reached: number(page.requests)?,
            wanted: Wanted::AtMost(2.0),
        },
        Figure {
            name: "  and when its style and script are kept",
            reached: number(page.requests_again)?,
            wanted: Wanted::AtMost(2.0),
        },
    ];
    eprintln!("bench: a list of {LISTED} passwords");
    let asking = words::ask(town.server.folder(), LISTED)?;
    figures.extend([
        Figure {
            name: "microseconds to ask a list of ten million",
            reached: asking.microseconds,
            wanted: Wanted::AtMost(50.0),
        },
        Figure {
            name: "  megabytes that are kept of it",
            reached: asking.megabytes,
            wanted: Wanted::AtMost(20.0),
        },
    ]);
    for (name, slower, how) in [
        (
            "password: a country's time beside a town's",
            "  milliseconds in a town",
            How::Password,
        ),
        (
            "passkey: a country's time beside a town's",
            "  milliseconds in a town",
            How::Passkey,
        ),
    ] {
        eprintln!("bench: {name}");
        let (small, large) = medians(&mut town, &mut country, how, asked.lasting)?;
        figures.push(Figure {
            name,
            reached: large / small,
            wanted: Wanted::AtMost(1.2),
        });
        figures.push(Figure {
            name: slower,
            reached: small * 1000.0,
            wanted: Wanted::AtMost(f64::INFINITY),
        });
    }
    eprintln!("bench: logins of eight people at once");
    let passwords = town.rate(How::Password, asked.lasting)?;
    let passkeys = town.rate(How::Passkey, asked.lasting)?;
    figures.extend([
        Figure {
            name: "password logins beside Argon2id alone",
            reached: passwords / alone,
            wanted: Wanted::AtLeast(0.9),
        },
        Figure {
            name: "passkey logins",
            reached: passkeys,
            wanted: Wanted::AtLeast(800.0),
        },
        Figure {
            name: "megabytes resident afterwards",
            reached: number(usize::try_from(cpu::resident(town.server.pid())?)?)? / 1024.0,
            wanted: Wanted::AtMost(60.0),
        },
    ]);
    println!(
        "Argon2id alone (19 MiB, two passes): {alone:.1} per second of processor time. Rates are per second of \
         processor time of the service, times are medians of the clock.\n"
    );
    for figure in &figures {
        figure.print();
    }
    println!(
        "\nThe first time a style and a script are asked for beside the page: nothing may stand in the page itself \
         (identity row 84), and pages.md 6.3 allows one of each."
    );
    Ok(())
}

impl Figure {
    fn print(&self) {
        let (sign, limit, good) = match self.wanted {
            Wanted::AtLeast(limit) => ("≥", limit, self.reached >= limit),
            Wanted::AtMost(limit) => ("≤", limit, self.reached <= limit),
        };
        let (name, reached) = (self.name, self.reached);
        if limit.is_finite() {
            let good = if good { "yes" } else { "no" };
            println!("{name:<52}{reached:>12.2}  {sign} {limit:<9.2}{good}");
        } else {
            println!("{name:<52}{reached:>12.2}");
        }
    }
}

/// A service with its citizens, of whom some log in.
struct Place {
    server: Server,
    client: Client,
    people: Vec<Person>,
    /// Always the first of them, for what is measured one after another.
    one: Login,
}

impl Place {
    /// So many citizens, and of those who log in so many more than one.
    fn found(program: &Path, name: &str, (citizens, more): (u32, usize)) -> Result<Self, Trouble> {
        let server = Server::start(program, name)?;
        // First of all: a command waits until the tables are there
        let client = prepare::register(&server, &content_with_one_factor())?;
        let client = client.ok_or("the client was refused")?;
        crowd::settle(&server.folder().join("idp.db"), citizens)?;
        let mut people = Vec::new();
        for number in 0..=more {
            people.push(person(&server, &client, number)?);
        }
        let one = people.pop().ok_or("nobody")?;
        let one = Login::of(one, &client, How::Password);
        Ok(Self {
            server,
            client,
            people,
            one,
        })
    }

    /// Logins per second of processor time, by eight connections. These people log in no more.
    fn rate(&mut self, how: How, lasting: Duration) -> Result<f64, Trouble> {
        let people = (0..CONNECTIONS).filter_map(|_| self.people.pop());
        let acts = people.map(|person| -> Box<dyn Act> { Box::new(Login::of(person, &self.client, how)) });
        let measured = measure(self.server.pid(), self.server.address, acts.collect(), lasting)?;
        Ok(measured.per_cpu_second)
    }
}

/// The median time of a login in each place, in seconds: in turns, so that a busy neighbour disturbs both.
fn medians(
    town: &mut Place,
    country: &mut Place,
    how: How,
    lasting: Duration,
) -> Result<(f64, f64), Trouble> {
    let mut times = (Vec::new(), Vec::new());
    let mut wires = (Wire::to(town.server.address)?, Wire::to(country.server.address)?);
    town.one.by(how);
    country.one.by(how);
    let begun = Instant::now();
    while begun.elapsed() < lasting.saturating_mul(2) {
        times.0.push(timed(&mut town.one, &mut wires.0)?);
        times.1.push(timed(&mut country.one, &mut wires.1)?);
    }
    Ok((median(times.0)?, median(times.1)?))
}

fn timed(act: &mut Login, wire: &mut Wire) -> Result<Duration, Trouble> {
    let begun = Instant::now();
    act.once(wire)?;
    Ok(begun.elapsed())
}

fn median(mut times: Vec<Duration>) -> Result<f64, Trouble> {
    times.sort_unstable();
    let middle = times.get(times.len() / 2).ok_or("nothing was measured")?;
    Ok(middle.as_secs_f64())
}

/// Enrolled, agreed with the agency, and given a passkey: as a person would.
fn person(server: &Server, client: &Client, number: usize) -> Result<Person, Trouble> {
    let citizen = prepare::citizen(server, number)?;
    let text = |name: &str| {
        citizen
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let browser = Browser::stopping_at(REDIRECT)?;
    let issuer = Url::parse(&server.issuer())?;
    let mut page = browser.open(&issuer.join(&question("/authorize", client))?)?;
    for _ in 0..10 {
        page = match page {
            Page::Gone(_) => browser.open(&issuer.join("/account/passkeys/new")?)?,
            page if prepare::is_known(&page) => prepare::answered(&browser, &page, &citizen)?,
            page if page.asks("credential") => {
                let options = page.attribute("data-options").ok_or("no options")?;
                let (passkey, answer) = Passkey::create(&server.issuer(), &options)?;
                let typed = [("name", "Teléfono"), ("credential", answer.as_str())];
                browser.submit(&page, "credential", &typed)?;
                return Ok(Person {
                    national_id: text("national_id"),
                    password: text("password"),
                    passkey,
                });
            }
            page => return Err(format!("not asked for anything known: {page:?}").into()),
        };
    }
    Err("asked ten times".into())
}

fn content_with_one_factor() -> Value {
    json!({
        "client_name": "Impuestos",
        "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email national_id offline_access",
        "default_acr_values": ["urn:aval:aal1"],
    })
}

fn number(of: usize) -> Result<f64, Trouble> {
    Ok(f64::from(u32::try_from(of)?))
}

/// What a country is compared with.
const A_TOWN: u32 = 1_000;
/// Passwords that nobody may choose: the ten million of the great collections.
const LISTED: u32 = 10_000_000;
