//! Roles, invitations, open records and proposals: what counts once counts once on both engines.

use idp::{
    rules::{
        approval::{Approval, Proposal, Stage, WAITS},
        ids::{ApprovalId, CaseId, CitizenId, ClientId},
        keys::KeyUse,
        secret::Digest,
        staff::{CASE, INVITATION, Reason, Reference, Role},
        time::{Seconds, Timestamp},
    },
    store::{Database, approvals, staff},
};

use crate::{
    Place,
    contract::{NOW, at_once},
};

fn later(seconds: i64) -> Timestamp {
    NOW.after(Seconds(seconds))
}

impl Place {
    async fn gives(&self, id: &str, to: &CitizenId, role: Role) -> bool {
        given(self.store.clone(), id.to_owned(), to.clone(), role).await
    }

    async fn proposed(&self, id: &str, proposal: Proposal, by: &CitizenId) -> Approval {
        let approval = Approval {
            id: ApprovalId::known(id),
            proposal,
            proposed_by: by.clone(),
            proposed_at: NOW,
            stage: Stage::Proposed,
        };
        let mut write = self.store.write().await.unwrap();
        approvals::propose(&mut write, &approval, NOW.after(WAITS))
            .await
            .unwrap();
        write.commit().await.unwrap();
        approval
    }

    async fn approved(&self, id: &ApprovalId, by: &CitizenId, at: Timestamp) -> Option<Approval> {
        agreed(self.store.clone(), id.clone(), by.clone(), at).await
    }

    async fn carried_out(&self, id: &ApprovalId, by: &CitizenId, at: Timestamp) -> Option<Approval> {
        let mut write = self.store.write().await.unwrap();
        let done = approvals::carry_out(&mut write, id, by, at).await.unwrap();
        write.commit().await.unwrap();
        done
    }
}

async fn given(store: Database, id: String, to: CitizenId, role: Role) -> bool {
    let mut write = store.write().await.unwrap();
    let given = staff::give(&mut write, &id, (&to, role), None, NOW)
        .await
        .unwrap();
    write.commit().await.unwrap();
    given
}

async fn agreed(store: Database, id: ApprovalId, by: CitizenId, at: Timestamp) -> Option<Approval> {
    let mut write = store.write().await.unwrap();
    let approved = approvals::approve(&mut write, &id, &by, at).await.unwrap();
    write.commit().await.unwrap();
    approved
}

pub async fn a_role_is_given_by_exactly_one_of_many_and_again_after_its_end(place: &Place) {
    let ana = place.somebody(1).await;
    let results = at_once(20, || {
        let (store, ana) = (place.store.clone(), ana.clone());
        let id = place.opaque().text().expose().clone();
        async move { given(store, id, ana, Role::Auditor).await }
    })
    .await;
    assert_eq!(results.iter().filter(|given| **given).count(), 1);
    assert!(place.gives("other", &ana, Role::Registrar).await);
    let mut write = place.store.write().await.unwrap();
    assert_eq!(
        staff::roles(&mut write, &ana).await.unwrap(),
        [Role::Auditor, Role::Registrar]
    );
    assert!(staff::end(&mut write, &ana, Role::Auditor, NOW).await.unwrap());
    assert!(!staff::end(&mut write, &ana, Role::Auditor, NOW).await.unwrap());
    assert_eq!(staff::roles(&mut write, &ana).await.unwrap(), [Role::Registrar]);
    write.commit().await.unwrap();
    assert!(place.gives("again", &ana, Role::Auditor).await, "it had ended");
    let mut read = place.store.read().await.unwrap();
    let all = staff::all(&mut read).await.unwrap();
    assert_eq!(
        all,
        [(ana.clone(), Role::Auditor, NOW), (ana, Role::Registrar, NOW)]
    );
}

pub async fn row_75_an_invitation_is_accepted_by_exactly_one_of_many_and_not_after_its_end(place: &Place) {
    let (token, late) = (Digest::of(b"token"), Digest::of(b"late"));
    let mut write = place.store.write().await.unwrap();
    for token in [&token, &late] {
        let until = NOW.after(INVITATION);
        staff::invite(&mut write, (token, Role::Operator), (NOW, until))
            .await
            .unwrap();
    }
    write.commit().await.unwrap();
    let accept = |store: Database, token: Digest, at| async move {
        let mut write = store.write().await.unwrap();
        let role = staff::accept(&mut write, &token, at).await.unwrap();
        write.commit().await.unwrap();
        role
    };
    let results = at_once(20, || accept(place.store.clone(), token, later(1))).await;
    let accepted: Vec<Role> = results.into_iter().flatten().collect();
    assert_eq!(accepted, [Role::Operator]);
    assert_eq!(
        accept(place.store.clone(), late, NOW.after(INVITATION)).await,
        None
    );
    assert_eq!(
        accept(place.store.clone(), Digest::of(b"made up"), NOW).await,
        None
    );
}

pub async fn a_record_is_open_for_its_official_alone_until_it_closes(place: &Place) {
    let (official, citizen) = (place.somebody(1).await, place.somebody(2).await);
    let case = staff::Case {
        id: CaseId::known("case"),
        citizen: citizen.clone(),
        reason: Reason::LostAccess,
        reference: Reference::parse("CASO-7/26").unwrap(),
    };
    let mut write = place.store.write().await.unwrap();
    staff::open_case(&mut write, &official, &case, (NOW, NOW.after(CASE)))
        .await
        .unwrap();
    write.commit().await.unwrap();
    let mut read = place.store.read().await.unwrap();
    let found = staff::case(&mut read, &official, &case.id, later(CASE.0 - 1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.citizen, found.reason, found.reference.as_str()),
        (citizen.clone(), Reason::LostAccess, "CASO-7/26")
    );
    for (official, at) in [(&citizen, NOW), (&official, later(CASE.0))] {
        let found = staff::case(&mut read, official, &case.id, at).await.unwrap();
        assert!(found.is_none());
    }
}

pub async fn closed_records_and_used_invitations_are_swept(place: &Place) {
    let official = place.somebody(1).await;
    let mut write = place.store.write().await.unwrap();
    for (id, until) in [("closed", later(10)), ("open", later(20))] {
        let case = staff::Case {
            id: CaseId::known(id),
            citizen: official.clone(),
            reason: Reason::Asked,
            reference: Reference::parse("").unwrap(),
        };
        staff::open_case(&mut write, &official, &case, (NOW, until))
            .await
            .unwrap();
    }
    let used = Digest::of(b"used");
    for (token, until) in [
        (used, later(20)),
        (Digest::of(b"old"), later(10)),
        (Digest::of(b"good"), later(20)),
    ] {
        staff::invite(&mut write, (&token, Role::Auditor), (NOW, until))
            .await
            .unwrap();
    }
    staff::accept(&mut write, &used, NOW).await.unwrap();
    assert_eq!(staff::sweep(&mut write, later(10)).await.unwrap(), 3);
    assert_eq!(staff::sweep(&mut write, later(10)).await.unwrap(), 0);
}

pub async fn row_100_a_proposal_is_approved_by_exactly_one_of_many_who_are_somebody_else(place: &Place) {
    let [about, proposer, other] = [
        place.somebody(1).await,
        place.somebody(2).await,
        place.somebody(3).await,
    ];
    let proposal = Proposal::GiveRole {
        to: about.clone(),
        role: Role::HelpDesk,
    };
    let asked = place.proposed("p", proposal, &proposer).await;
    let waiting = approvals::waiting(&mut place.store.read().await.unwrap(), NOW).await;
    assert_eq!(waiting.unwrap(), std::slice::from_ref(&asked));
    for same in [&proposer, &about] {
        assert_eq!(place.approved(&asked.id, same, NOW).await, None, "the same eyes");
    }
    assert_eq!(place.approved(&asked.id, &other, NOW.after(WAITS)).await, None);
    let results = at_once(20, || {
        agreed(place.store.clone(), asked.id.clone(), other.clone(), later(1))
    })
    .await;
    let agreed: Vec<Approval> = results.into_iter().flatten().collect();
    let stage = Stage::Approved { by: other };
    assert_eq!(agreed, [Approval { stage, ..asked }]);
}

pub async fn row_100_a_proposal_is_carried_out_once_by_nobody_who_approved_it(place: &Place) {
    let [about, proposer, other] = [
        place.somebody(1).await,
        place.somebody(2).await,
        place.somebody(3).await,
    ];
    let recovery = Proposal::Recovery { of: about.clone() };
    let asked = place.proposed("p", recovery, &proposer).await;
    assert_eq!(
        place.carried_out(&asked.id, &proposer, NOW).await,
        None,
        "nobody agreed"
    );
    assert!(place.approved(&asked.id, &other, NOW).await.is_some());
    for (by, at) in [(&other, NOW), (&about, NOW), (&proposer, NOW.after(WAITS))] {
        assert_eq!(place.carried_out(&asked.id, by, at).await, None);
    }
    assert!(place.carried_out(&asked.id, &proposer, NOW).await.is_some());
    assert_eq!(place.carried_out(&asked.id, &proposer, NOW).await, None, "once");
}

pub async fn a_proposal_that_was_refused_is_over(place: &Place) {
    let [about, proposer, other] = [
        place.somebody(1).await,
        place.somebody(2).await,
        place.somebody(3).await,
    ];
    let recovery = Proposal::Recovery { of: about.clone() };
    let asked = place.proposed("p", recovery, &proposer).await;
    let mut write = place.store.write().await.unwrap();
    assert!(
        approvals::end(&mut write, &asked.id, NOW)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        approvals::end(&mut write, &asked.id, NOW)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(approvals::waiting(&mut write, NOW).await.unwrap(), []);
    write.commit().await.unwrap();
    assert_eq!(place.approved(&asked.id, &other, NOW).await, None);
}

pub async fn row_100_a_proposal_about_nobody_wants_other_eyes_as_well(place: &Place) {
    let [proposer, other] = [place.somebody(1).await, place.somebody(2).await];
    for (id, proposal) in [
        ("rotate", Proposal::RotateKey(KeyUse::Encryption)),
        ("revoke", Proposal::RevokeKey("kid".to_owned())),
        ("enable", Proposal::EnableClient(ClientId::known("agency"))),
    ] {
        let asked = place.proposed(id, proposal, &proposer).await;
        let waiting = approvals::waiting(&mut place.store.read().await.unwrap(), NOW).await;
        assert!(
            waiting.unwrap().contains(&asked),
            "{id} is read as it was written"
        );
        assert_eq!(place.approved(&asked.id, &proposer, NOW).await, None, "{id}");
        assert!(place.approved(&asked.id, &other, NOW).await.is_some(), "{id}");
    }
}
