//! The promise of this room, under any schedule and any operator: whoever checks finds the key, and somebody signs.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "small numbers, and a test that overflows fails"
)]

use proptest::prelude::*;

use sdk_jose::Algorithm;

use super::{tests::made, *};

const ES256: Algorithm = Algorithm::ES256;

/// What an operator and time do to the keys, in seconds since the step before.
#[derive(Debug, Clone)]
enum Step {
    Wait(i64),
    Rotate,
    RevokeSigning,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1_i64..40_000).prop_map(Step::Wait),
        2 => Just(Step::Rotate),
        1 => Just(Step::RevokeSigning),
    ];
    proptest::collection::vec(step, 1..40)
}

/// One node that obeys the schedule every minute, an operator, and what the set looked like each minute.
fn history(steps: &[Step], every: Seconds) -> Vec<(Timestamp, Vec<KeyRecord>)> {
    let (mut all, mut now, mut seen) = (Vec::new(), Timestamp(0), Vec::new());
    let obey = |all: &mut Vec<KeyRecord>, now: Timestamp| {
        if let Some(plan) = due(all, ES256, Home::Sealed, Some(every), now) {
            all.push(made(plan, now));
        }
    };
    for step in steps {
        match step {
            Step::Wait(seconds) => {
                let until = now.0 + seconds;
                while now.0 < until {
                    now = Timestamp((now.0 + 60).min(until));
                    obey(&mut all, now);
                    seen.push((now, all.clone()));
                }
            }
            Step::Rotate => {
                if waiting(&all, ES256, now).is_none() && active(&all, ES256, now).is_some() {
                    let plan = successor(&all, ES256, now);
                    all.push(made(plan, now));
                }
            }
            Step::RevokeSigning => {
                let kid = active(&all, ES256, now).map(|key| key.kid.clone());
                for key in all.iter_mut().filter(|key| Some(&key.kid) == kid.as_ref()) {
                    key.revoked_at = Some(now);
                }
                obey(&mut all, now);
            }
        }
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The promise of the whole file: a verifier that asks for the set every ten minutes, whatever the schedule and
    /// the operator do, has the key of every token that it sees, as long as nobody revoked anything.
    #[test]
    fn every_cache_of_ten_minutes_has_the_key_of_every_living_token(
        steps in steps(), days in 1_i64..3, first_asks in 0_i64..600,
    ) {
        let steps: Vec<Step> = steps.into_iter().filter(|step| !matches!(step, Step::RevokeSigning)).collect();
        let seen = history(&steps, Seconds(days * 86_400));
        let mut cache: (i64, Vec<String>) = (i64::MIN / 2, Vec::new());
        let mut tokens: Vec<(i64, String)> = Vec::new();
        for (now, all) in &seen {
            // A slow node: it publishes what was there one reading ago.
            let published: Vec<String> = all.iter()
                .filter(|key| now.0 - key.created_at.0 >= RELOAD.0)
                .filter(|key| key.stage(all, *now).is_published(ES256.into()))
                .map(|key| key.kid.clone()).collect();
            let signer = active(all, ES256, *now);
            prop_assert!(signer.is_some(), "nobody signs at {now:?}");
            tokens.push((now.0, signer.unwrap().kid.clone()));
            tokens.retain(|(issued, _)| issued + LONGEST_TOKEN.0 > now.0);
            // Nobody asks in the first minute of an installation: its first key is not everywhere yet.
            if now.0 < first_asks + 60 + RELOAD.0 { continue; }
            if now.0 - cache.0 >= JWKS_CACHE.0 { cache = (now.0, published); }
            for (issued, kid) in &tokens {
                prop_assert!(cache.1.contains(kid), "{kid} of {issued} at {now:?}, cached at {}", cache.0);
            }
        }
    }

    /// Whatever is revoked, somebody signs at once, and it is nobody who was revoked.
    #[test]
    fn somebody_always_signs_and_one_alone(steps in steps(), days in 1_i64..3) {
        for (now, all) in history(&steps, Seconds(days * 86_400)) {
            let active = all.iter().filter(|key| key.stage(&all, now) == Stage::Active).count();
            prop_assert_eq!(active, 1);
            prop_assert!(all.iter().filter(|key| key.stage(&all, now) == Stage::Prepublished).count() <= 1);
        }
    }
}
