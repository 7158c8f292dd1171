//! What we tell a person: what happened, why, what to do. In two languages, blaming nobody.

use axum::http::StatusCode;
use sdk_jose::id_token::IdTokenRefusal;

use super::error::{Fault, LoginError, Refusal};
use crate::look::Language;

/// A page about an error, in one language.
pub(crate) struct Words {
    pub(crate) status: StatusCode,
    /// For a program.
    pub(crate) code: &'static str,
    pub(crate) title: &'static str,
    pub(crate) what: &'static str,
    pub(crate) then: &'static str,
    pub(crate) again: &'static str,
}

/// Every error has its words: a new one does not compile without.
pub(crate) fn words(error: &LoginError, language: Language) -> Words {
    let (status, code, [title, what, then, again]) = match error {
        LoginError::Refused(refusal) => refused(refusal, language),
        LoginError::Fault(fault) => failed(fault, language),
    };
    Words {
        status,
        code,
        title,
        what,
        then,
        again,
    }
}

type Told = (StatusCode, &'static str, [&'static str; 4]);

fn refused(refusal: &Refusal, language: Language) -> Told {
    use Refusal as R;
    let (status, code, told) = match refusal {
        R::LoginRequired => (StatusCode::UNAUTHORIZED, "login_required", &LOGIN_REQUIRED),
        R::Denied => (StatusCode::FORBIDDEN, "access_denied", &DENIED),
        R::NotUnderWay | R::CodeRefused => (StatusCode::BAD_REQUEST, "not_under_way", &NOT_UNDER_WAY),
        R::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed_answer", &NOT_UNDER_WAY),
        R::OtherIssuer => (StatusCode::BAD_REQUEST, "other_issuer", &NOT_TRUSTED),
        R::IdToken(refusal) => match refusal {
            IdTokenRefusal::Expired | IdTokenRefusal::NotYetValid => {
                (StatusCode::BAD_GATEWAY, "clocks", &CLOCKS)
            }
            IdTokenRefusal::TooOld => (StatusCode::FORBIDDEN, "not_confirmed", &NOT_CONFIRMED),
            IdTokenRefusal::Assurance => (StatusCode::FORBIDDEN, "assurance", &ASSURANCE),
            IdTokenRefusal::Token(_)
            | IdTokenRefusal::Issuer
            | IdTokenRefusal::Audience
            | IdTokenRefusal::AuthorizedParty
            | IdTokenRefusal::Nonce
            | IdTokenRefusal::AccessToken
            | IdTokenRefusal::Encryption(_)
            | IdTokenRefusal::Subject => (StatusCode::BAD_GATEWAY, "id_token", &NOT_TRUSTED),
        },
        R::AssuranceNotReached => (StatusCode::FORBIDDEN, "assurance", &ASSURANCE),
        R::OtherPerson => (StatusCode::FORBIDDEN, "other_person", &OTHER_PERSON),
        R::SessionOver => (StatusCode::UNAUTHORIZED, "session_over", &LOGIN_REQUIRED),
    };
    (status, code, pick(told, language))
}

fn failed(fault: &Fault, language: Language) -> Told {
    let (status, code, told) = match fault {
        Fault::Outgoing(_) | Fault::Unavailable(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "idp_unavailable", &AWAY)
        }
        Fault::Registration(_) => (StatusCode::INTERNAL_SERVER_ERROR, "registration", &OURS),
        Fault::Provider(_) => (StatusCode::BAD_GATEWAY, "idp_answer", &NOT_TRUSTED),
        Fault::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "store", &OURS),
        Fault::Chance | Fault::Record | Fault::NoLayer => {
            (StatusCode::INTERNAL_SERVER_ERROR, "internal", &OURS)
        }
    };
    (status, code, pick(told, language))
}

fn pick(told: &[[&'static str; 4]; 2], language: Language) -> [&'static str; 4] {
    let [es, en] = *told;
    match language {
        Language::Es => es,
        Language::En => en,
    }
}

/// Title, what happened, what to do, and the button that does it; Spanish, then English.
type Text = [[&'static str; 4]; 2];

const LOGIN_REQUIRED: Text = [
    [
        "Vuelve a ingresar",
        "Tu sesión terminó o aún no has ingresado, así que no guardamos lo que enviaste.",
        "Ingresa y repite lo que estabas haciendo.",
        "Ingresar",
    ],
    [
        "Log in again",
        "Your session has ended or you have not logged in yet, so we did not keep what you sent.",
        "Log in and repeat what you were doing.",
        "Log in",
    ],
];

const DENIED: Text = [
    [
        "No ingresaste",
        "Elegiste no compartir tus datos con este servicio, así que no recibimos ninguno.",
        "Si cambias de idea, puedes ingresar ahora.",
        "Ingresar",
    ],
    [
        "You did not log in",
        "You chose not to share your data with this service, so we received none.",
        "If you change your mind, you can log in now.",
        "Log in",
    ],
];

const NOT_UNDER_WAY: Text = [
    [
        "Este ingreso ya no está en curso",
        "Pasó mucho tiempo, ya se usó, o empezó en otro navegador.",
        "Empieza de nuevo desde aquí: toma un momento.",
        "Volver a ingresar",
    ],
    [
        "This login is no longer under way",
        "Too much time has passed, it was used already, or it began in another browser.",
        "Begin again from here: it takes a moment.",
        "Log in again",
    ],
];

const NOT_TRUSTED: Text = [
    [
        "No pudimos confirmar quién eres",
        "La respuesta que llegó no corresponde a tu ingreso, así que no la usamos.",
        "Vuelve a intentarlo. Si se repite, avísanos con el código de abajo.",
        "Volver a intentar",
    ],
    [
        "We could not confirm who you are",
        "The answer that arrived does not fit your login, so we did not use it.",
        "Try again. If it happens again, tell us the code below.",
        "Try again",
    ],
];

const CLOCKS: Text = [
    [
        "No pudimos confirmar quién eres",
        "Los relojes de este servicio y del servicio de identidad no coinciden.",
        "No depende de ti. Vuelve a intentarlo en unos minutos o avísanos con el código de abajo.",
        "Volver a intentar",
    ],
    [
        "We could not confirm who you are",
        "The clocks of this service and of the identity service do not agree.",
        "It is not up to you. Try again in some minutes or tell us the code below.",
        "Try again",
    ],
];

const NOT_CONFIRMED: Text = [
    [
        "Falta confirmar que eres tú",
        "El servicio de identidad no te pidió confirmar en este momento.",
        "Vuelve a intentarlo: te pediremos tu llave de acceso o tu código.",
        "Volver a intentar",
    ],
    [
        "We still need to confirm it is you",
        "The identity service did not ask you to confirm just now.",
        "Try again: we will ask for your passkey or your code.",
        "Try again",
    ],
];

const ASSURANCE: Text = [
    [
        "Necesitas un ingreso más seguro",
        "Lo que pediste requiere un segundo paso, como una llave de acceso o un código.",
        "Agrega un segundo paso en tu cuenta del servicio de identidad e ingresa otra vez.",
        "Volver a ingresar",
    ],
    [
        "You need a stronger login",
        "What you asked for takes a second step, like a passkey or a code.",
        "Add a second step in your account at the identity service and log in again.",
        "Log in again",
    ],
];

const OTHER_PERSON: Text = [
    [
        "Confirmó otra persona",
        "Quien confirmó en el servicio de identidad no es quien ingresó aquí. No hicimos nada.",
        "Confirma con la misma credencial, o sal e ingresa como la otra persona.",
        "Volver",
    ],
    [
        "Another person confirmed",
        "Who confirmed at the identity service is not who logged in here. We did nothing.",
        "Confirm with the same credential, or log out and log in as the other person.",
        "Go back",
    ],
];

const AWAY: Text = [
    [
        "El servicio de identidad no responde",
        "Por ahora no podemos preguntar quién eres. No perdiste nada.",
        "Espera un momento y vuelve a intentarlo.",
        "Volver a intentar",
    ],
    [
        "The identity service does not answer",
        "For now we cannot ask who you are. You have lost nothing.",
        "Wait a moment and try again.",
        "Try again",
    ],
];

const OURS: Text = [
    [
        "Algo falló de nuestro lado",
        "Ya quedó registrado para que lo revisemos. No hiciste nada mal.",
        "Vuelve a intentarlo en unos minutos o avísanos con el código de abajo.",
        "Volver a intentar",
    ],
    [
        "Something failed on our side",
        "It has been recorded so that we look at it. You did nothing wrong.",
        "Try again in some minutes or tell us the code below.",
        "Try again",
    ],
];
