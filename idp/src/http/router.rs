//! Every route of the service, on one page.

use std::sync::Arc;

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{MethodRouter, get, post},
};

use super::{
    account, activation, around, assets, authorize, claveunica, consent, cors, dev_mail, device, error,
    freeze, health,
    interaction::see_other,
    introspect, login, logout, methods,
    pages::text,
    par, passkeys, password,
    published::Published,
    recovery::{self, proof, wait},
    recovery_codes, register, second_factor, session_iframe, staff, token, totp, trouble, unmet, upstream,
    userinfo, well_known,
};
use crate::service::Idp;

/// The whole service as one router.
pub fn router(idp: Arc<Idp>) -> Router {
    Router::new()
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/.well-known/webauthn", get(well_known::webauthn))
        .route(
            "/.well-known/passkey-endpoints",
            get(well_known::passkey_endpoints),
        )
        .route("/.well-known/change-password", get(well_known::change_password))
        .merge(protocol(&idp))
        .merge(claveunica::routes(&idp))
        .merge(person())
        .merge(officials())
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(&idp), around::everything))
        // After the layer, which is for the others.
        .merge(documents(&idp))
        .with_state(idp)
}

/// What everybody asks for: written once, and sent with all its headers by itself.
fn documents(idp: &Arc<Idp>) -> Router<Arc<Idp>> {
    let published = Arc::new(Published::default());
    Router::new()
        .route(
            "/.well-known/openid-configuration",
            scripted(published.metadata()),
        )
        .route(
            "/.well-known/oauth-authorization-server",
            scripted(published.metadata()),
        )
        .route("/jwks", scripted(published.jwks()))
        .route_layer(from_fn_with_state(Arc::clone(idp), around::documents))
}

/// What clients speak.
fn protocol(idp: &Arc<Idp>) -> Router<Arc<Idp>> {
    let for_scripts = Router::new()
        .route("/token", scripted(post(token::exchange)))
        .route("/par", scripted(post(par::push)))
        .route("/revoke", scripted(post(token::revoke)))
        .route("/userinfo", scripted(get(userinfo::get).post(userinfo::post)))
        .route_layer(from_fn_with_state(Arc::clone(idp), around::scripts));
    Router::new()
        .route("/authorize", get(authorize::get).post(authorize::post))
        .route("/device_authorization", post(device::authorize))
        .route("/introspect", post(introspect::introspect))
        .route("/logout", get(logout::get).post(logout::post))
        .route("/session/check", get(session_iframe::show))
        .route("/register", post(register::create))
        .route(
            "/register/{client}",
            get(register::read)
                .put(register::replace)
                .delete(register::remove),
        )
        .merge(for_scripts)
}

/// Scripts of registered origins may call this: their browsers ask first.
fn scripted(route: MethodRouter<Arc<Idp>>) -> MethodRouter<Arc<Idp>> {
    route.options(cors::preflight)
}

/// What a person sees.
fn person() -> Router<Arc<Idp>> {
    Router::new()
        .route("/", get(|| async { see_other("/account") }))
        .route("/login", get(login::show).post(login::password))
        .route(
            "/login/code",
            get(second_factor::show).post(second_factor::answer),
        )
        .route("/login/passkey", post(login::passkey))
        .route("/login/restart", post(login::restart))
        .route("/login/methods", get(methods::show))
        .route("/login/trouble", get(trouble::show))
        .route("/login/unmet", get(unmet::show).post(unmet::answer))
        .route("/reauthenticate", get(second_factor::presence))
        .route("/activate", get(activation::show).post(activation::open))
        .route(
            "/activate/passkey",
            get(activation::ask_passkey).post(activation::passkey),
        )
        .route(
            "/activate/password",
            get(activation::ask_password).post(activation::password),
        )
        .route("/activate/done", get(activation::done))
        .route("/activate/with/{provider}", get(upstream::begin))
        .route("/activate/with/{provider}/return", get(upstream::come_back))
        .route("/account", get(account::show))
        .route("/account/passkeys/new", get(passkeys::new).post(passkeys::add))
        .route("/account/passkeys/done", get(passkeys::done))
        .route(
            "/account/passkeys/rename",
            get(passkeys::ask_rename).post(passkeys::rename),
        )
        .route(
            "/account/passkeys/remove",
            get(passkeys::ask_remove).post(passkeys::remove),
        )
        .route("/account/password", get(password::show).post(password::set))
        .route("/account/codes/new", get(totp::new).post(totp::confirm))
        .route("/account/codes/remove", get(totp::ask_remove).post(totp::remove))
        .route(
            "/account/recovery-codes",
            get(recovery_codes::show).post(recovery_codes::renew),
        )
        .route("/account/sessions/end", post(account::end_session))
        .route("/account/sessions/end-all", post(account::end_all_sessions))
        .route("/account/agencies/withdraw", post(account::withdraw))
        .route("/account/contacts", get(account::contacts::show))
        .route(
            "/account/contacts/new",
            get(account::contacts::ask_new).post(account::contacts::add),
        )
        .route(
            "/account/contacts/code",
            get(account::contacts::ask_code).post(account::contacts::confirm),
        )
        .route("/account/contacts/prefer", post(account::contacts::prefer))
        .route("/account/contacts/remove", post(account::contacts::remove))
        .route("/account/activity", get(account::activity::show))
        .route("/account/looks", get(account::looks::show))
        .route("/account/data", get(account::data::ask).post(account::data::send))
        .route(
            "/account/close",
            get(account::close::ask).post(account::close::close),
        )
        .route("/account/language", post(account::language::choose))
        .route("/account/logout", post(account::logout))
        .route("/device", get(device::show).post(device::find))
        .route("/device/decide", post(device::decide))
        .route("/device/done", get(device::done))
        .route("/consent", get(consent::show).post(consent::answer))
        .route("/logout/confirm", post(logout::confirm))
        .route("/logged-out", get(text::logged_out))
        .route("/recover", get(recovery::decide))
        .route("/recover/begin", get(recovery::ask).post(recovery::begin))
        .route("/recover/proof", get(proof::show))
        .route("/recover/proof/ask", post(proof::ask))
        .route("/recover/proof/code", post(proof::code))
        .route("/recover/proof/password", post(proof::password))
        .route("/recover/proof/totp", post(proof::totp))
        .route("/recover/wait", get(wait::show))
        .route("/recover/open", post(wait::open))
        .route("/recover/give-up", post(wait::give_up))
        .route("/recover/resume", get(wait::ask).post(wait::resume))
        .route("/recover/block", get(freeze::emergency).post(freeze::block))
        .route("/recover/done", get(freeze::done))
        .route("/not-me", get(freeze::show).post(freeze::object))
        .route("/account/freeze", get(freeze::ask).post(freeze::freeze))
        .route("/account/recovery/cancel", post(freeze::cancel_recovery))
        .route("/help", get(text::help))
        .route("/privacy", get(text::privacy))
        .route("/accessibility", get(text::accessibility))
        .route("/dev/mail", get(dev_mail::show))
        .merge(assets::routes())
}

/// What officials of the programme see.
fn officials() -> Router<Arc<Idp>> {
    Router::new()
        .route("/staff", get(staff::home::show))
        .route("/staff/join", get(staff::home::ask_join).post(staff::home::join))
        .route("/staff/search", post(staff::desk::search))
        .route("/staff/cases/{case}", get(staff::desk::show))
        .route("/staff/cases/end-sessions", post(staff::desk::end_sessions))
        .route("/staff/cases/freeze", post(staff::desk::freeze))
        .route("/staff/cases/start-recovery", post(staff::desk::start_recovery))
        .route("/staff/cases/recover", post(staff::desk::recover))
        .route("/staff/enrol", get(staff::enrol::ask).post(staff::enrol::enrol))
        .route("/staff/approvals/decide", post(staff::home::decide))
        .route("/staff/approvals/print", post(staff::home::print))
        .route("/staff/roles/propose", post(staff::home::propose_role))
        .route("/staff/roles/end", post(staff::home::end_role))
        .route("/staff/audit", get(staff::audit::show).post(staff::audit::search))
        .route("/staff/audit/verify", post(staff::audit::verify))
        .route("/staff/audit/export", post(staff::audit::export))
        .route("/staff/keys", get(staff::keys::show))
        .route("/staff/keys/propose", post(staff::keys::propose))
        .route("/staff/clients", get(staff::clients::list))
        .route("/staff/clients/one", get(staff::clients::show))
        .route("/staff/clients/disable", post(staff::clients::disable))
        .route("/staff/clients/enable", post(staff::clients::enable))
}
