//! `/staff`, `/staff/join`, `/staff/roles…`, `/staff/approvals…`: who one is here, what waits for a second pair of eyes.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::{Staff, enrol};
use crate::{
    error::Error,
    flow::{self, approvals::Waiting, staff::Holder},
    http::{
        interaction::see_other,
        pages::{Number, Page, html},
        security::{Fields, ours, session_token},
        visitor::SignedIn,
    },
    rules::{
        approval::{Proposal, Stage},
        ids::{ApprovalId, CitizenId},
        national_id::NationalId,
        refusal::Refusal,
        secret::Secret,
        staff::{Action, Reason, Role},
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "staff_home.html")]
struct HomePage<'a> {
    page: &'a Page,
    csrf: String,
    done: Option<String>,
    roles: Vec<String>,
    number: Number,
    reasons: Vec<(&'static str, String)>,
    may_open: bool,
    may_enrol: bool,
    may_audit: bool,
    may_give: bool,
    may_see: bool,
    waiting: Vec<Row>,
    holders: Vec<HolderRow>,
    all_roles: Vec<(&'static str, String)>,
}

struct Row {
    id: String,
    what: String,
    who: String,
    when: String,
    approvable: bool,
    printable: bool,
}

struct HolderRow {
    citizen: String,
    name: String,
    role: &'static str,
    called: String,
    since: String,
}

#[derive(Template)]
#[template(path = "staff_join.html")]
struct JoinPage<'a> {
    page: &'a Page,
    csrf: String,
}

/// `?done=`: what the last form did.
#[derive(Deserialize)]
pub struct Noticed {
    #[serde(default)]
    done: String,
}

impl Noticed {
    /// Its name.
    pub(super) fn done(&self) -> &str {
        &self.done
    }
}

/// What the form of an invitation sends.
#[derive(Deserialize)]
pub struct Invited {
    #[serde(default)]
    csrf: String,
    token: Option<Secret<String>>,
}

/// What the forms about proposals send.
#[derive(Deserialize)]
pub struct Decided {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    approval: String,
    #[serde(default)]
    decision: String,
}

/// What the forms about roles send.
#[derive(Deserialize)]
pub struct RoleForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    national_id: String,
    #[serde(default)]
    citizen: String,
    #[serde(default)]
    role: String,
}

/// `GET /staff`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    Query(noticed): Query<Noticed>,
    page: Page,
) -> Result<Response, Error> {
    render(&idp, &staff, page, &noticed.done).await
}

/// The page, with what is wrong on it.
pub(super) async fn render(idp: &Idp, staff: &Staff, mut page: Page, done: &str) -> Result<Response, Error> {
    page.here = "/staff".to_owned();
    let official = &staff.official;
    let waiting = flow::approvals::waiting(idp, official).await?;
    let may_give = official.may(Action::ProposeRole);
    let holders = if may_give {
        flow::staff::all(idp, official).await?
    } else {
        Vec::new()
    };
    let template = HomePage {
        csrf: staff.csrf(idp),
        done: notice(&page, done),
        roles: official.roles().iter().map(|role| called(&page, *role)).collect(),
        number: Number::of(&idp.people.schemes),
        reasons: reasons(&page),
        may_open: official.may(Action::OpenRecord),
        may_enrol: official.may(Action::GiveCode),
        may_audit: official.may(Action::SearchAudit),
        may_give,
        may_see: official.may(Action::SeeService),
        waiting: waiting.iter().map(|waiting| row(idp, &page, waiting)).collect(),
        holders: holders
            .iter()
            .map(|holder| holder_row(idp, &page, holder))
            .collect(),
        all_roles: Role::ALL.map(|role| (role.name(), called(&page, role))).to_vec(),
        page: &page,
    };
    Ok(html(status(&page), &template, None))
}

/// `GET /staff/join`.
pub async fn ask_join(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    page: Page,
) -> Response {
    let csrf = session_token(&idp, &session);
    html(StatusCode::OK, &JoinPage { page: &page, csrf }, None)
}

/// `POST /staff/join`.
pub async fn join(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    mut page: Page,
    Fields(sent): Fields<Invited>,
) -> Result<Response, Error> {
    let csrf = session_token(&idp, &session);
    ours(&csrf, &sent.csrf)?;
    let token = sent.token.as_ref().map_or("", |token| token.expose());
    match flow::staff::join(&idp, &session, token).await {
        Ok(_) => Ok(see_other("/staff?done=joined")),
        Err(Error::Refused(Refusal::NotFound)) => {
            page.problem_at("token", page.t("staff-join-wrong"));
            Ok(html(status(&page), &JoinPage { page: &page, csrf }, None))
        }
        Err(error) => Err(error),
    }
}

/// `POST /staff/approvals/decide`.
pub async fn decide(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    page: Page,
    Fields(sent): Fields<Decided>,
) -> Result<Response, Error> {
    ours(&staff.csrf(&idp), &sent.csrf)?;
    if let Some(elsewhere) = staff.present(&idp, &page, "/staff").await? {
        return Ok(elsewhere);
    }
    let id = ApprovalId::known(sent.approval);
    match sent.decision.as_str() {
        "approve" => flow::approvals::approve(&idp, &staff.official, &id).await?,
        "refuse" => flow::approvals::refuse(&idp, &staff.official, &id).await?,
        _ => return Err(Refusal::RequestMalformed("decision").into()),
    }
    Ok(see_other("/staff?done=decided"))
}

/// `POST /staff/approvals/print`: the answer is the only place where the code is told.
pub async fn print(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    mut page: Page,
    Fields(sent): Fields<Decided>,
) -> Result<Response, Error> {
    ours(&staff.csrf(&idp), &sent.csrf)?;
    if let Some(elsewhere) = staff.present(&idp, &page, "/staff").await? {
        return Ok(elsewhere);
    }
    let printed = flow::approvals::print(&idp, &staff.official, &ApprovalId::known(sent.approval)).await?;
    page.here = "/staff".to_owned();
    Ok(enrol::code_page(&idp, &page, &printed)?)
}

/// `POST /staff/roles/propose`.
pub async fn propose_role(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    mut page: Page,
    Fields(sent): Fields<RoleForm>,
) -> Result<Response, Error> {
    ours(&staff.csrf(&idp), &sent.csrf)?;
    staff.official.permit(Action::ProposeRole)?;
    let role = Role::named(&sent.role).ok_or(Refusal::RequestMalformed("role"))?;
    let proposed = match NationalId::parse(&sent.national_id, &idp.people.schemes) {
        Ok(number) => flow::approvals::propose_role(&idp, &staff.official, (&number, role)).await,
        Err(_) => Err(Refusal::NotFound.into()),
    };
    match proposed {
        Ok(_) => Ok(see_other("/staff?done=proposed")),
        Err(Error::Refused(Refusal::NotFound)) => {
            page.problem_at("role_national_id", page.t("staff-nobody"));
            render(&idp, &staff, page, "").await
        }
        Err(error) => Err(error),
    }
}

/// `POST /staff/roles/end`.
pub async fn end_role(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    page: Page,
    Fields(sent): Fields<RoleForm>,
) -> Result<Response, Error> {
    let asked = (sent.csrf.as_str(), Action::EndRole);
    if let Some(elsewhere) = staff.may_act(&idp, &page, asked, "/staff").await? {
        return Ok(elsewhere);
    }
    let role = Role::named(&sent.role).ok_or(Refusal::RequestMalformed("role"))?;
    flow::staff::end(&idp, &staff.official, (&CitizenId::known(sent.citizen), role)).await?;
    Ok(see_other("/staff?done=role-ended"))
}

fn row(idp: &Idp, page: &Page, waiting: &Waiting) -> Row {
    let approval = &waiting.approval;
    let subject = approval.proposal.subject();
    let what = match &approval.proposal {
        Proposal::GiveRole { role, .. } => page.with_two(
            "staff-waits-role",
            ("name", &waiting.citizen),
            ("role", &called(page, *role)),
        ),
        Proposal::Recovery { .. } => page.with("staff-waits-recovery", "name", &waiting.citizen),
        Proposal::RotateKey(_) => page.with("staff-waits-rotate", "what", subject),
        Proposal::RevokeKey(_) => page.with("staff-waits-revoke", "what", subject),
        Proposal::EnableClient(_) => page.with("staff-waits-enable", "what", subject),
    };
    let when = page.when(approval.proposed_at, idp.now());
    let stage = match approval.stage {
        Stage::Proposed => page.t("staff-waits-proposed"),
        Stage::Approved { .. } => page.t("staff-waits-approved"),
    };
    Row {
        id: approval.id.as_str().to_owned(),
        what,
        who: page.with("staff-waits-by", "name", &waiting.proposer),
        when: format!("{when}. {stage}"),
        approvable: waiting.approvable,
        printable: waiting.printable,
    }
}

fn holder_row(idp: &Idp, page: &Page, holder: &Holder) -> HolderRow {
    HolderRow {
        citizen: holder.citizen.as_str().to_owned(),
        name: holder.name.clone(),
        role: holder.role.name(),
        called: called(page, holder.role),
        since: page.when(holder.since, idp.now()),
    }
}

fn notice(page: &Page, done: &str) -> Option<String> {
    match done {
        "joined" => Some(page.t("staff-done-joined")),
        "decided" => Some(page.t("staff-done-decided")),
        "proposed" => Some(page.t("staff-done-proposed")),
        "role-ended" => Some(page.t("staff-done-role-ended")),
        _ => None,
    }
}

fn called(page: &Page, role: Role) -> String {
    match role {
        Role::Registrar => page.t("staff-role-registrar"),
        Role::HelpDesk => page.t("staff-role-help-desk"),
        Role::Auditor => page.t("staff-role-auditor"),
        Role::Operator => page.t("staff-role-operator"),
    }
}

/// What can be chosen, with its words.
pub(super) fn reasons(page: &Page) -> Vec<(&'static str, String)> {
    let words = |reason| match reason {
        Reason::Asked => page.t("staff-reason-asked"),
        Reason::LostAccess => page.t("staff-reason-lost-access"),
        Reason::SuspectedFraud => page.t("staff-reason-suspected-fraud"),
        Reason::Correction => page.t("staff-reason-correction"),
        Reason::Order => page.t("staff-reason-order"),
    };
    Reason::ALL.map(|reason| (reason.name(), words(reason))).to_vec()
}

/// Something is to be corrected, or nothing is.
pub(super) fn status(page: &Page) -> StatusCode {
    if page.wrong() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    }
}
