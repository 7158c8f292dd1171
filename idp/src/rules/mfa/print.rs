//! The tables in words: the page that people read is what the program does.

use std::fmt::Write as _;

use super::{Accepted, Kind, LEVELS, Means, Place, TURNS, level, next};
use crate::rules::{
    assurance::{Aal, Factor, Verified},
    ids::CitizenId,
    interaction::Stage,
    time::Timestamp,
};

/// The page [`crate::manual::factors`].
#[must_use]
pub fn print() -> String {
    let mut page = OPENING.to_owned();
    turns(&mut page);
    page.push_str(LEVELS_SAID);
    levels(&mut page);
    page.push_str(NEXT_SAID);
    ways(&mut page);
    page.push_str(CLOSING);
    page
}

fn turns(page: &mut String) {
    row(page, "stage", Kind::ALL.map(Kind::name));
    row(page, "---", ["---"; 6]);
    for (place, kinds) in TURNS {
        let cells = Kind::ALL.map(|kind| if kinds.contains(&kind) { "counts" } else { "" });
        row(page, place.name(), cells);
    }
}

fn levels(page: &mut String) {
    row(page, "shown", ["level"]);
    row(page, "---", ["---"]);
    for level in LEVELS {
        let names: Vec<&str> = level.kinds.iter().map(|kind| kind.name()).collect();
        row(page, &names.join(" and "), [level.aal.acr()]);
    }
}

/// Every order of at most two factors, from the first page on, asked of [`next`] itself.
fn ways(page: &mut String) {
    row(page, "shown", Aal::ALL.map(Aal::acr));
    row(page, "---", ["---"; 3]);
    let means = Means {
        has: Kind::ALL.map(Kind::example).to_vec(),
        session: Vec::new(),
    };
    for first in Kind::ALL {
        let alone = Aal::ALL.map(|required| step(&Stage::Identify, required, &means, first));
        row(page, first.name(), alone.each_ref().map(Way::name));
        if alone.iter().all(|way| matches!(way, Way::Refused)) {
            continue;
        }
        for second in Kind::ALL {
            let both = alone.each_ref().map(|way| match way {
                Way::More(required, stage) => step(stage, *required, &means, second),
                Way::Refused | Way::In(_) => Way::Refused,
            });
            if both.iter().any(|way| !matches!(way, Way::Refused)) {
                let shown = format!("{}, then {}", first.name(), second.name());
                row(page, &shown, both.each_ref().map(Way::name));
            }
        }
    }
}

/// What one step led to.
enum Way {
    Refused,
    More(Aal, Stage),
    In(Option<Aal>),
}

impl Way {
    fn name(&self) -> &'static str {
        match self {
            Self::Refused => "",
            Self::More(..) => "asks for more",
            Self::In(reached) => reached.map_or("", |aal| match aal {
                Aal::One => "in, at AAL1",
                Aal::Two => "in, at AAL2",
                Aal::Three => "in, at AAL3",
            }),
        }
    }
}

fn step(stage: &Stage, required: Aal, means: &Means, kind: Kind) -> Way {
    let verified = Verified::new(CitizenId::known("somebody"), kind.example(), Timestamp(0));
    match next(stage, required, means, verified) {
        Ok(Accepted::NeedsSecond(stage)) => Way::More(required, stage),
        Ok(Accepted::SignedIn { factors, .. }) => Way::In(level(&factors)),
        Ok(Accepted::Present { .. }) | Err(_) => Way::Refused,
    }
}

fn row<const N: usize>(page: &mut String, first: &str, cells: [&str; N]) {
    // Writing into a String cannot fail.
    let _ = writeln!(page, "| {first} | {} |", cells.join(" | "));
}

impl Kind {
    /// What the page calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
            Self::Key => "key",
            Self::Passkey => "passkey",
            Self::HardwareKey => "hardware key",
            Self::HardwarePasskey => "hardware passkey",
        }
    }

    /// A factor of this kind.
    #[must_use]
    pub fn example(self) -> Factor {
        let key = |user_verified, hardware| Factor::Passkey {
            user_verified,
            device_bound: hardware,
            attested: hardware,
        };
        match self {
            Self::Password => Factor::Password,
            Self::Code => Factor::Totp,
            Self::Key => key(false, false),
            Self::Passkey => key(true, false),
            Self::HardwareKey => key(false, true),
            Self::HardwarePasskey => key(true, true),
        }
    }
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Identify => "nobody known yet",
            Self::SecondFactor => "somebody known, more needed",
            Self::Reauthenticate => "somebody known, presence again",
            Self::Signed => "signed in (consent, level not met, done)",
        }
    }
}

const OPENING: &str = "# Factors: what counts where, and what it amounts to

Printed from the tables of [`mfa`](crate::rules::mfa) by a test that fails when the two differ. A *key* is a security key \
that shows presence alone; a *passkey* also checked a PIN or a biometric; *hardware* is a model that the operator allowed \
(`[passkeys] allow`), known by its attestation, with a key that cannot be copied. E-mail is never a factor, and recovery \
codes recover an account without ever logging in to one.

## Which factor counts at which stage

";

const LEVELS_SAID: &str = "
Everything else is refused, and so are another citizen's factor and one that was shown before. A passkey also counts as \
a key, and hardware as what it would be without its attestation.

## What factors amount to together

";

const NEXT_SAID: &str = "
## What comes next

From the first page on, by what is required, for a citizen who has everything. An empty cell is a refusal, or a way that \
ended before.

";

const CLOSING: &str = "
A citizen whose factors cannot reach what is required shows the most that they have. They are signed in at that level, \
told what is missing, and asked whether to add it or to go back; the agency then hears \
`unmet_authentication_requirements` and never a lower level by surprise.

Presence again is proven when the session reaches the goal with the factor shown; where the goal is AAL3, the factor \
must be the hardware itself.
";
