//! The demo agency's pages.

use axum::http::StatusCode;
use axum::response::Response;
use sdk::login::{Assurance, Citizen, LOGIN_PATH, LOGOUT_PATH, Login, UnixTime};
use sdk::look::{Language, MARK, Page, escape};

/// Who we are.
pub const SERVICE: &str = "Servicio de Impuestos";

/// What anybody sees.
pub fn home(language: Language, login: &Login, citizen: Option<&Citizen>) -> Response {
    let t = |es, en| language.pick(es, en);
    let enter = match citizen {
        Some(citizen) => format!(
            "<p>{} <b>{}</b>.</p><div class=\"actions\"><a class=\"button\" href=\"/mi-sitio\">{}</a></div>",
            t("Ingresaste como", "You are logged in as"),
            escape(&citizen.display_name()),
            t("Ir a mi sitio", "Go to my page"),
        ),
        None => format!(
            "<p>{}</p><div class=\"actions\"><a class=\"button\" href=\"{LOGIN_PATH}?return_to=/mi-sitio\">{MARK}{}</a></div>",
            t(
                "Usa la misma credencial que en los demás servicios del Estado. No necesitas otra contraseña.",
                "Use the same credential as in the other services of the State. You need no other password."
            ),
            t("Ingresar con Aval", "Log in with Aval"),
        ),
    };
    let main = format!(
        concat!(
            "<div class=\"narrow\"><h1>{title}</h1><p class=\"lead\">{lead}</p>",
            "<div class=\"sheet\"><h2>{mine}</h2>{enter}</div>",
            "<h2>{what}</h2><ul class=\"plain\"><li><a href=\"/mi-sitio\">{data}</a><span class=\"hint\">{data_hint}</span></li>",
            "<li><a href=\"/declaracion\">{form}</a><span class=\"hint\">{form_hint}</span></li></ul></div>"
        ),
        title = t("Tus impuestos, en un solo lugar", "Your taxes, in one place"),
        lead = t(
            "Consulta tus datos y revisa tu declaración de este año.",
            "See your data and review this year's return."
        ),
        mine = t("Mi sitio", "My page"),
        enter = enter,
        what = t("Qué puedes hacer", "What you can do"),
        data = t("Ver mis datos", "See my data"),
        data_hint = t("Con tu credencial", "With your credential"),
        form = t("Revisar mi declaración", "Review my return"),
        form_hint = t(
            "Pide un segundo paso: llave de acceso o código",
            "Asks for a second step: passkey or code"
        ),
    );
    respond(language, login, citizen, t("Inicio", "Home"), &main)
}

/// Who came, and how sure we are of it.
pub fn mine(language: Language, login: &Login, citizen: &Citizen, now: UnixTime) -> Response {
    let t = |es, en| language.pick(es, en);
    let row = |name: &str, value: Option<String>| {
        let value = value.map_or_else(
            || format!("<span class=\"hint\">{}</span>", t("no compartido", "not shared")),
            |v| escape(&v),
        );
        format!("<dt>{name}</dt><dd>{value}</dd>")
    };
    let national_id = citizen
        .national_id()
        .map(|id| match citizen.national_id_scheme() {
            Some(scheme) => format!("{id} ({scheme})"),
            None => id.to_owned(),
        });
    let main = format!(
        concat!(
            "<h1>{hello}, {first}</h1><p class=\"lead\">{lead}</p>",
            "<div class=\"sheet\"><h2>{who}</h2><dl class=\"facts\">{facts}</dl></div>",
            "<div class=\"sheet\"><h2>{how}</h2><dl class=\"facts\">{proof}</dl></div>",
            "<details class=\"sheet\"><summary>{raw}</summary><p class=\"hint\">{raw_hint}</p><pre tabindex=\"0\">{claims}</pre></details>",
        ),
        hello = t("Hola", "Hello"),
        first = escape(citizen.given_name().unwrap_or(&citizen.display_name())),
        lead = t(
            "Esto es lo que Aval nos dijo de ti, y nada más.",
            "This is what Aval told us about you, and nothing more."
        ),
        who = t("Quién eres", "Who you are"),
        facts = [
            row(t("Nombre", "Name"), Some(citizen.display_name())),
            row(t("Documento de identidad", "National id"), national_id),
            row(t("Correo", "E-mail"), citizen.email().map(str::to_owned)),
        ]
        .concat(),
        how = t("Cómo lo sabemos", "How we know"),
        proof = proof(language, citizen, now),
        raw = t("Datos técnicos", "Technical data"),
        raw_hint = t(
            "Los atributos que recibimos, tal como llegaron.",
            "The claims that we received, as they came."
        ),
        claims = escape(&serde_json::to_string_pretty(citizen.claims()).unwrap_or_default()),
    );
    respond(language, login, Some(citizen), t("Mi sitio", "My page"), &main)
}

/// A page that only a second factor opens.
pub fn declaration(language: Language, login: &Login, citizen: &Citizen) -> Response {
    let t = |es, en| language.pick(es, en);
    let main = format!(
        concat!(
            "<div class=\"narrow\"><h1>{title}</h1><p class=\"lead\">{name}</p><div class=\"sheet\"><p>{text}</p>",
            "<p>{tag}</p><div class=\"actions\"><a class=\"button quiet\" href=\"/mi-sitio\">{back}</a></div></div></div>"
        ),
        title = t("Tu declaración", "Your return"),
        name = escape(&citizen.display_name()),
        text = t(
            "No tienes nada pendiente. Mostramos esta página solo a quien ingresó con un segundo paso.",
            "Nothing is due. We show this page only to who has logged in with a second step."
        ),
        tag = level(language, citizen),
        back = t("Volver a mi sitio", "Back to my page"),
    );
    respond(
        language,
        login,
        Some(citizen),
        t("Tu declaración", "Your return"),
        &main,
    )
}

/// An address that leads nowhere.
pub fn nowhere(language: Language, login: &Login) -> Response {
    let t = |es, en| language.pick(es, en);
    let title = t("Esta página no existe", "This page does not exist");
    let main = format!(
        concat!(
            "<div class=\"narrow\"><h1>{title}</h1><p class=\"lead\">{text}</p>",
            "<div class=\"actions\"><a class=\"button\" href=\"/\">{home}</a></div></div>"
        ),
        title = title,
        text = t(
            "Revisa la dirección, o vuelve al inicio.",
            "Check the address, or go to the start."
        ),
        home = t("Ir al inicio", "Go to the start"),
    );
    let mut response = respond(language, login, None, title, &main);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn proof(language: Language, citizen: &Citizen, now: UnixTime) -> String {
    let t = |es, en| language.pick(es, en);
    let methods: Vec<&str> = citizen
        .amr()
        .iter()
        .filter_map(|method| method_in_words(language, method))
        .collect();
    let methods = if methods.is_empty() {
        t("no informado", "not told").to_owned()
    } else {
        methods.join(" + ")
    };
    let when = citizen.auth_time().map_or_else(
        || t("no informado", "not told").to_owned(),
        |at| ago(language, at, now),
    );
    format!(
        concat!(
            "<dt>{level_name}</dt><dd>{level} <code>{acr}</code></dd>",
            "<dt>{by}</dt><dd>{methods} <code>{amr}</code></dd><dt>{when_name}</dt><dd>{when}</dd>",
            "<dt>{sub_name}</dt><dd><code>{sub}</code></dd>"
        ),
        level_name = t("Seguridad", "Assurance"),
        level = level(language, citizen),
        acr = escape(citizen.acr().unwrap_or("-")),
        by = t("Con", "By"),
        methods = methods,
        amr = escape(&citizen.amr().join(" ")),
        when_name = t("Cuándo", "When"),
        when = when,
        sub_name = t("Tu número con nosotros", "Your number with us"),
        sub = escape(citizen.sub()),
    )
}

fn level(language: Language, citizen: &Citizen) -> String {
    let (class, es, en) = match citizen.assurance() {
        Assurance::Aal3 => ("good", "Muy alta: llave física", "Very high: hardware key"),
        Assurance::Aal2 => ("good", "Alta: dos factores", "High: two factors"),
        Assurance::Aal1 => ("warn", "Básica: un factor", "Basic: one factor"),
        Assurance::Unknown => ("warn", "Desconocida", "Unknown"),
    };
    format!("<span class=\"tag {class}\">{}</span>", language.pick(es, en))
}

/// RFC 8176 §2, in the words of people; what adds nothing to them is left out.
fn method_in_words(language: Language, method: &str) -> Option<&'static str> {
    let (es, en) = match method {
        "pwd" => ("contraseña", "password"),
        "otp" => ("código de un solo uso", "one-time code"),
        "hwk" => ("llave de acceso en un dispositivo", "passkey in a device"),
        "swk" => ("llave de acceso", "passkey"),
        "user" => ("presencia confirmada", "presence confirmed"),
        "sms" => ("mensaje de texto", "text message"),
        "fpt" | "face" | "iris" | "vbm" => ("biometría", "biometrics"),
        "pin" => ("clave del dispositivo", "the device's PIN"),
        _ => return None,
    };
    Some(language.pick(es, en))
}

fn ago(language: Language, at: UnixTime, now: UnixTime) -> String {
    let minutes = now.0.saturating_sub(at.0).checked_div(60).unwrap_or_default();
    let text = match (minutes, language) {
        (..=0, Language::Es) => "hace un momento".to_owned(),
        (..=0, Language::En) => "a moment ago".to_owned(),
        (1, Language::Es) => "hace un minuto".to_owned(),
        (1, Language::En) => "a minute ago".to_owned(),
        (_, Language::Es) => format!("hace {minutes} minutos"),
        (_, Language::En) => format!("{minutes} minutes ago"),
    };
    let exact = time::OffsetDateTime::from_unix_timestamp(at.0).ok();
    let exact = exact
        .and_then(|at| at.format(&time::format_description::well_known::Rfc3339).ok())
        .unwrap_or_default();
    format!("<time datetime=\"{exact}\">{text}</time> <code class=\"nowrap\">{exact}</code>")
}

fn respond(
    language: Language,
    login: &Login,
    citizen: Option<&Citizen>,
    title: &str,
    main: &str,
) -> Response {
    let (other, its_name) = language.other();
    let mut nav = format!(
        "<a href=\"?lang={tag}\" lang=\"{tag}\" hreflang=\"{tag}\">{its_name}</a>",
        tag = other.tag()
    );
    if citizen.is_some() {
        nav.push_str(&format!(
            "<form method=\"post\" action=\"{LOGOUT_PATH}\"><button class=\"link\">{}</button></form>",
            language.pick("Salir", "Log out")
        ));
    }
    let foot = language.pick(
        "<span>Demostración: este servicio no existe.</span>",
        "<span>A demonstration: this service does not exist.</span>",
    );
    let form_action = Some(login.issuer_origin());
    Page {
        language,
        title,
        service: SERVICE,
        nav: &nav,
        main,
        foot,
        form_action,
    }
    .respond(StatusCode::OK)
}
