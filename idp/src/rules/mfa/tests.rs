use super::*;
use crate::rules::assurance::attained;

const PASSKEY: Factor = key(true, false, false);
const BARE: Factor = key(false, false, false);

const fn key(user_verified: bool, device_bound: bool, attested: bool) -> Factor {
    Factor::Passkey {
        user_verified,
        device_bound,
        attested,
    }
}

/// Every factor that can be verified at all.
fn every_factor() -> Vec<Factor> {
    let mut all = vec![Factor::Password, Factor::Totp];
    for bits in 0..8_u8 {
        all.push(key(bits & 1 != 0, bits & 2 != 0, bits & 4 != 0));
    }
    all
}

fn of(who: &str, factor: Factor) -> Verified {
    Verified::new(CitizenId::known(who), factor, Timestamp(9))
}

fn ana(factor: Factor) -> Verified {
    of("ana", factor)
}

fn second(shown: &[Factor]) -> Stage {
    Stage::SecondFactor {
        citizen: CitizenId::known("ana"),
        shown: shown.to_vec(),
    }
}

fn again() -> Stage {
    Stage::Reauthenticate {
        citizen: CitizenId::known("ana"),
        session: Sid::known("s"),
    }
}

fn has(factors: &[Factor]) -> Means {
    Means {
        has: factors.to_vec(),
        session: Vec::new(),
    }
}

fn everything() -> Means {
    has(&every_factor())
}

fn with_session(session: &[Factor], rest: &[Factor]) -> Means {
    Means {
        has: [session, rest].concat(),
        session: session.to_vec(),
    }
}

#[test]
fn a_password_asks_for_a_second_factor() {
    assert_eq!(
        next(&Stage::Identify, Aal::Two, &everything(), ana(Factor::Password)),
        Ok(Accepted::NeedsSecond(second(&[Factor::Password])))
    );
}

#[test]
fn a_passkey_with_user_verification_signs_in_at_once() {
    assert!(matches!(
        next(&Stage::Identify, Aal::Two, &everything(), ana(PASSKEY)),
        Ok(Accepted::SignedIn { .. })
    ));
}

#[test]
fn a_code_or_a_bare_key_cannot_come_first() {
    for required in Aal::ALL {
        for factor in [Factor::Totp, BARE, key(false, true, true)] {
            assert_eq!(
                next(&Stage::Identify, required, &everything(), ana(factor)),
                Err(OutOfTurn)
            );
        }
    }
}

#[test]
fn nothing_is_accepted_once_done() {
    let signed = |citizen, session| [Stage::Consent { citizen, session }, Stage::Done];
    for stage in signed(CitizenId::known("ana"), Sid::known("s")) {
        for factor in every_factor() {
            assert_eq!(next(&stage, Aal::One, &everything(), ana(factor)), Err(OutOfTurn));
        }
    }
}

#[test]
fn a_code_completes_a_password() {
    let accepted = next(
        &second(&[Factor::Password]),
        Aal::Two,
        &everything(),
        ana(Factor::Totp),
    );
    let Ok(Accepted::SignedIn { factors, .. }) = accepted else {
        panic!()
    };
    assert_eq!(factors, [Factor::Password, Factor::Totp]);
}

#[test]
fn a_second_password_or_what_was_shown_before_does_not() {
    let stage = second(&[Factor::Password, Factor::Totp]);
    for factor in [Factor::Password, Factor::Totp] {
        assert_eq!(
            next(&stage, Aal::Three, &everything(), ana(factor)),
            Err(OutOfTurn)
        );
    }
}

#[test]
fn the_second_factor_must_be_of_the_same_citizen() {
    let stage = second(&[Factor::Password]);
    for factor in every_factor() {
        assert_eq!(
            next(&stage, Aal::Two, &everything(), of("eva", factor)),
            Err(OutOfTurn)
        );
    }
}

#[test]
fn presence_is_proven_by_what_one_has_and_never_by_a_password_or_another() {
    let means = with_session(&[Factor::Password, Factor::Totp], &[PASSKEY, BARE]);
    for factor in [Factor::Totp, PASSKEY, BARE] {
        assert!(matches!(
            next(&again(), Aal::Two, &means, ana(factor)),
            Ok(Accepted::Present { .. })
        ));
        assert_eq!(
            next(&again(), Aal::Two, &means, of("eva", factor)),
            Err(OutOfTurn)
        );
    }
    assert_eq!(
        next(&again(), Aal::Two, &means, ana(Factor::Password)),
        Err(OutOfTurn)
    );
}

#[test]
fn presence_at_the_highest_level_is_the_hardware_itself() {
    let hardware = key(true, true, true);
    let means = with_session(&[hardware], &[Factor::Password, Factor::Totp, PASSKEY]);
    for factor in [Factor::Totp, PASSKEY, BARE] {
        assert_eq!(next(&again(), Aal::Three, &means, ana(factor)), Err(OutOfTurn));
    }
    assert!(next(&again(), Aal::Three, &means, ana(hardware)).is_ok());
}

#[test]
fn a_session_of_one_factor_is_not_raised_by_a_bare_key_of_somebody_without_a_password() {
    // A session that rests on nothing of its own cannot lend it.
    let means = with_session(&[], &[BARE, Factor::Password]);
    assert_eq!(next(&again(), Aal::Two, &means, ana(BARE)), Err(OutOfTurn));
}

#[test]
fn whoever_has_only_a_password_is_signed_in_with_it_and_no_higher() {
    let accepted = next(
        &Stage::Identify,
        Aal::Two,
        &has(&[Factor::Password]),
        ana(Factor::Password),
    );
    let Ok(Accepted::SignedIn { factors, .. }) = accepted else {
        panic!()
    };
    assert_eq!(level(&factors), Some(Aal::One));
}

#[test]
fn whoever_could_show_more_must() {
    let hardware = key(true, true, true);
    let means = has(&[Factor::Password, Factor::Totp, hardware]);
    let stage = second(&[Factor::Password]);
    let Ok(Accepted::NeedsSecond(stage)) = next(&stage, Aal::Three, &means, ana(Factor::Totp)) else {
        panic!()
    };
    assert_eq!(stage, second(&[Factor::Password, Factor::Totp]));
    assert!(matches!(
        next(&stage, Aal::Three, &means, ana(hardware)),
        Ok(Accepted::SignedIn { .. })
    ));
}

#[test]
fn row_69_a_key_that_may_be_copied_never_reaches_the_highest_level() {
    for factor in every_factor() {
        if let Factor::Passkey {
            device_bound: false, ..
        } = factor
        {
            for beside in every_factor() {
                if !Kind::of(beside).is_hardware() {
                    assert!(level(&[factor, beside]) < Some(Aal::Three));
                }
            }
        }
    }
}

/// Written by hand from SP 800-63B, not from the tables: what a set of factors must hold for a level.
fn honest(factors: &[Factor], aal: Aal) -> bool {
    let any = |wanted: &dyn Fn(&Factor) -> bool| factors.iter().any(wanted);
    let password = any(&|factor| *factor == Factor::Password);
    let verified = |least_bound: bool| {
        any(
            &move |factor| matches!(factor, Factor::Passkey { user_verified: true, device_bound, attested } if !least_bound || (*device_bound && *attested)),
        )
    };
    let possessed = any(&|factor| *factor != Factor::Password);
    let hardware = any(&|factor| {
        matches!(
            factor,
            Factor::Passkey {
                device_bound: true,
                attested: true,
                ..
            }
        )
    });
    match aal {
        Aal::One => password || verified(false),
        Aal::Two => (password && possessed) || verified(false),
        Aal::Three => verified(true) || (password && hardware),
    }
}

/// Every stage that a login can be in, every required level, every sequence of four factors of two people: nobody is
/// signed in with less than what the level means, by factors that were not shown in this very transaction, or lower
/// than they could.
#[test]
fn row_72_no_sequence_of_four_factors_reaches_a_level_that_it_does_not_hold() {
    let (factors, mut signed) = (every_factor(), [0_u32; 3]);
    let people = ["ana", "eva"];
    for required in Aal::ALL {
        let mut open = vec![(Stage::Identify, Vec::new())];
        for _ in 0..4 {
            let mut further = Vec::new();
            for (stage, shown) in &open {
                for (who, factor) in people
                    .iter()
                    .flat_map(|who| factors.iter().map(move |factor| (*who, *factor)))
                {
                    match next(stage, required, &everything(), of(who, factor)) {
                        Ok(Accepted::NeedsSecond(stage)) => {
                            let mut shown: Vec<(&str, Factor)> = shown.clone();
                            shown.push((who, factor));
                            further.push((stage, shown));
                        }
                        Ok(Accepted::SignedIn {
                            citizen,
                            factors: counted,
                            ..
                        }) => {
                            assert!(honest(&counted, required), "{counted:?} for {required:?}");
                            let reached = attained(&counted).unwrap().aal;
                            assert!(reached >= required && honest(&counted, reached), "{counted:?}");
                            for used in counted {
                                let here = shown.contains(&(citizen.as_str(), used));
                                assert!(here || (used == factor && citizen.as_str() == who));
                            }
                            signed[usize::from(required == Aal::Two)
                                + 2 * usize::from(required == Aal::Three)] += 1;
                        }
                        Ok(Accepted::Present { .. }) => panic!("nobody had a session"),
                        Err(OutOfTurn) => {}
                    }
                }
            }
            open = further;
        }
    }
    assert!(signed.iter().all(|some| *some > 0), "{signed:?}");
}

/// The same of presence: whatever the session rests on, whatever is shown, for every person that can be made of it.
#[test]
fn row_72_presence_never_claims_a_level_that_session_and_factor_do_not_hold() {
    let all = every_factor();
    let mut proven = 0_u32;
    for required in Aal::ALL {
        for one in &all {
            for two in &all {
                for shown in &all {
                    let means = with_session(&[*one, *two], &all);
                    if next(&again(), required, &means, ana(*shown)).is_ok() {
                        assert!(honest(&[*one, *two, *shown], required));
                        assert_ne!(*shown, Factor::Password);
                        proven += 1;
                    }
                }
            }
        }
    }
    assert!(proven > 0);
}

#[test]
fn the_levels_are_what_the_standard_says_of_every_pair() {
    for one in every_factor() {
        for two in every_factor() {
            for aal in Aal::ALL {
                let holds = honest(&[one, two], aal);
                assert_eq!(level(&[one, two]) >= Some(aal), holds, "{one:?} {two:?} {aal:?}");
            }
        }
    }
}

#[test]
fn the_manual_prints_what_the_tables_say() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/manual/factors.md");
    if std::env::var_os("AVAL_PRINT_MANUAL").is_some() {
        std::fs::write(file, print()).unwrap();
    }
    let written = std::fs::read_to_string(file).unwrap();
    assert_eq!(
        written,
        print(),
        "run this test with AVAL_PRINT_MANUAL=1 to print it anew"
    );
}

/// Whether a factor is something that we send to somebody, to be typed or agreed to. Whoever adds one answers here, and
/// rows 59 and 60 of the requirements with it.
fn is_sent(factor: Factor) -> bool {
    match factor {
        Factor::Password | Factor::Totp | Factor::Passkey { .. } => false,
    }
}

#[test]
fn rows_59_and_60_no_factor_is_sent_to_anybody() {
    // RFC 8176: of its values `sms` and `tel` are sent; e-mail has none.
    let known = ["pwd", "otp", "swk", "hwk", "pop", "user", "mfa"];
    for one in every_factor() {
        assert!(!is_sent(one));
        for other in every_factor() {
            let told = attained(&[one, other]).map(|attained| attained.amr);
            for value in told.into_iter().flatten() {
                assert!(known.contains(&value.as_str()), "{value}");
            }
        }
    }
}
