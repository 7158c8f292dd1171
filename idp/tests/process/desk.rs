//! What operators do at the command line about officials, activation codes and the audit log: what is said, and with
//! which exit status.

use serde_json::Value;

use crate::binary::{NEWCOMER, Service, labelled};

/// Changes the database behind the service's back, as whoever owns the machine can.
fn behind_the_back(service: &Service, statements: &str) {
    let database = rusqlite::Connection::open(service.database_file()).unwrap();
    database.execute_batch(statements).unwrap();
}

/// A log with something in it.
fn with_records() -> Service {
    let service = Service::new();
    for _ in 0..3 {
        let invited = service.outcome(&["staff", "invite", "--role", "auditor"]);
        assert_eq!(invited.code, Some(0), "{invited:?}");
    }
    service
}

#[test]
fn row_75_an_invitation_is_printed_once_with_where_to_use_it() {
    let service = Service::new();
    let invited = service.outcome(&["staff", "invite", "--role", "operator"]);
    assert_eq!(invited.code, Some(0), "{invited:?}");
    let token = labelled(&invited.told, "token");
    assert!(token.len() >= 40, "{token}");
    assert!(labelled(&invited.told, "at").ends_with("/staff/join"));
    let again = service.outcome(&["staff", "invite", "--role", "operator"]);
    assert_ne!(labelled(&again.told, "token"), token);
    let everything = service.everything_left();
    assert!(
        !everything
            .windows(token.len())
            .any(|window| window == token.as_bytes()),
        "it is not stored readable"
    );
    // Nobody is an official by that alone.
    let listed = service.outcome(&["staff", "list"]);
    assert_eq!(listed.code, Some(0));
    assert!(listed.told.contains("nobody"), "{listed:?}");
}

#[test]
fn a_role_that_there_is_not_is_an_error_of_use_that_names_those_that_there_are() {
    let refused = Service::new().outcome(&["staff", "invite", "--role", "king"]);
    assert_eq!(refused.code, Some(2));
    for role in ["registrar", "help-desk", "auditor", "operator"] {
        assert!(refused.complained.contains(role), "{refused:?}");
    }
}

#[test]
fn a_role_of_nobody_cannot_be_ended() {
    let service = Service::new();
    for (number, why) in [
        ("22.222.222-2", "not_found"),
        ("11.111.111-1", "not_found"),
        ("1", "not a number"),
    ] {
        let ended = service.outcome(&["staff", "end", "--national-id", number, "--role", "auditor"]);
        assert_eq!(ended.code, Some(1), "{number}: {ended:?}");
        assert!(ended.complained.replace('-', "_").contains(why) || ended.complained.contains(why));
        assert_eq!(ended.told, "");
    }
}

#[test]
fn an_activation_code_is_printed_for_somebody_new_and_for_nobody_unknown() {
    let service = Service::new();
    let unknown = service.outcome(&["activation", "create", "--national-id", "22.222.222-2"]);
    assert_eq!(unknown.code, Some(1));
    assert!(
        unknown.complained.contains("--given-name"),
        "it says what to add: {unknown:?}"
    );
    let active = service.outcome(&["activation", "create", "--national-id", "11.111.111-1"]);
    assert_eq!(active.code, Some(1));
    assert!(active.complained.contains("active"), "{active:?}");
    let wrong = service.outcome(&["activation", "create", "--national-id", "22.222.222-3"]);
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    let printed = service.outcome(&NEWCOMER);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    let code = labelled(&printed.told, "code");
    assert_eq!(code.len(), 14, "{code}");
    assert!(printed.told.contains("Ana Soto") && printed.told.contains("22.222.222-2"));
    let everything = service.everything_left();
    for secret in [code.clone(), code.replace('-', "")] {
        let found = everything
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "it is not stored readable");
    }
    // Whoever has not come in gets another code, and for machines.
    let again = [&NEWCOMER[..], &["--json"]].concat();
    let told = service.outcome(&again);
    let told: Value = serde_json::from_str(&told.told).unwrap();
    assert_ne!(told["code"], code.as_str());
    assert!(told["activate_at"].as_str().unwrap().ends_with("/activate"));
}

#[test]
fn row_93_an_unbroken_chain_is_said_to_be_so() {
    let verified = with_records().outcome(&["audit", "verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(verified.told.contains("unbroken"), "{verified:?}");
}

#[test]
fn row_93_a_record_that_was_changed_removed_or_moved_is_named() {
    for (how, statements) in [
        ("changed", "UPDATE audit SET detail = '{}' WHERE seq = 3"),
        ("removed", "DELETE FROM audit WHERE seq = 3"),
        (
            "moved",
            "UPDATE audit SET seq = -1 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; \
             UPDATE audit SET seq = 4 WHERE seq = -1",
        ),
        (
            "added",
            "INSERT INTO audit SELECT seq + 100, at, event, outcome, reason, citizen, client, session, detail, hash \
             FROM audit WHERE seq = 3; UPDATE audit SET seq = seq + 1000 WHERE seq BETWEEN 3 AND 99; \
             UPDATE audit SET seq = 3 WHERE seq = 103; UPDATE audit SET seq = seq - 999 WHERE seq >= 1003",
        ),
    ] {
        let service = with_records();
        behind_the_back(&service, statements);
        let verified = service.outcome(&["audit", "verify"]);
        assert_eq!(verified.code, Some(1), "{how}: {verified:?}");
        let named = ["3", "4"].iter().any(|seq| {
            verified
                .complained
                .split(|c: char| !c.is_ascii_digit())
                .any(|n| n == *seq)
        });
        assert!(named, "{how}: {verified:?}");
        assert_eq!(verified.told, "", "{how}");
    }
}

#[test]
fn row_93_a_truncated_tail_is_found_by_the_checkpoint_that_was_published() {
    let service = with_records();
    let signed = service.outcome(&["audit", "checkpoint"]);
    assert_eq!(signed.code, Some(0), "{signed:?}");
    let published = service.keep("checkpoint.jwt", &signed.told);
    let verify = ["audit", "verify", "--checkpoint", published.as_str()];
    assert_eq!(service.outcome(&verify).code, Some(0));
    // Whoever can write the database cuts the last records off and says that the chain always ended there.
    behind_the_back(
        &service,
        "DELETE FROM audit WHERE seq > 2; \
         UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)",
    );
    let alone = service.outcome(&["audit", "verify"]);
    assert_eq!(alone.code, Some(0), "the chain alone cannot tell: {alone:?}");
    let found = service.outcome(&verify);
    assert_eq!(found.code, Some(1), "{found:?}");
    assert!(found.complained.contains('3'), "{found:?}");
}

#[test]
fn a_checkpoint_that_nobody_signed_or_that_is_missing_is_no_checkpoint() {
    let service = with_records();
    let signed = service.outcome(&["audit", "checkpoint"]).told;
    let (claims, _) = signed.trim().rsplit_once('.').unwrap();
    let forged = service.keep("forged.jwt", &format!("{claims}.{}", "A".repeat(86)));
    for file in [forged.as_str(), "/nonexistent/checkpoint"] {
        let refused = service.outcome(&["audit", "verify", "--checkpoint", file]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(!refused.complained.is_empty());
    }
}

#[test]
fn an_export_is_one_record_a_line_in_order_and_between_two_moments() {
    let service = with_records();
    let all = service.outcome(&["audit", "export"]);
    assert_eq!(all.code, Some(0));
    let lines: Vec<Value> = all
        .told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.len() >= 3);
    let places: Vec<i64> = lines.iter().map(|line| line["seq"].as_i64().unwrap()).collect();
    assert_eq!(places, (1..=places.len() as i64).collect::<Vec<_>>());
    assert!(lines.iter().any(|line| line["event"] == "staff.invited"));
    let none = service.outcome(&["audit", "export", "--until", "2020-01-01"]);
    assert_eq!((none.code, none.told.as_str()), (Some(0), ""));
    let none = service.outcome(&["audit", "export", "--since", "2999-01-01T00:00:00Z"]);
    assert_eq!((none.code, none.told.as_str()), (Some(0), ""));
    let wrong = service.outcome(&["audit", "export", "--since", "yesterday"]);
    assert_eq!(wrong.code, Some(1));
    assert!(
        wrong.complained.contains("2026-11-22"),
        "it says how to write a day: {wrong:?}"
    );
}
