//! Signing keys on a PKCS#11 token (SoftHSM). The library finds its tokens by an environment variable of the process, so
//! each test here runs itself again in a process of its own, beside a token of its own.

use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use idp::{
    config::Config,
    flow::keys::{revoke, rotate, tend},
    keys::{Hsm, Pkcs11Settings},
    rules::{
        client::SIGNING,
        keys::{GRACE, Home, PREPUBLISH},
        time::Timestamp,
    },
    service::Idp,
    store::signing_keys::Private,
    world::{Clock, SystemChance},
};
use sdk_jose::{Algorithm, Expected, Typ, Unverified};

use crate::run;

const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
];
const PIN: &str = "2468";
const FOLDER: &str = "AVAL_TEST_TOKEN";

fn module() -> Option<&'static str> {
    MODULES.into_iter().find(|module| Path::new(module).exists())
}

/// Runs the test `name` again, in a process that finds a token of its own. Without SoftHSM it says that it was skipped.
fn beside_a_token(name: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(_) = module() else {
        // The runner counts these lines: what was not tried is not told as passed.
        println!("skipped: no SoftHSM is installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("tokens")).unwrap();
    let settings = format!(
        "directories.tokendir = {}\nlog.level = ERROR\n",
        path("tokens").display()
    );
    std::fs::write(path("softhsm2.conf"), settings).unwrap();
    for (name, content) in [
        ("pin", PIN.to_owned()),
        ("key", data_encoding::BASE64.encode(&[9; 32])),
    ] {
        std::fs::write(path(name), content).unwrap();
        std::fs::set_permissions(path(name), std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let made = Command::new("softhsm2-util")
        .args([
            "--init-token",
            "--free",
            "--label",
            "aval",
            "--so-pin",
            "1357",
            "--pin",
            PIN,
        ])
        .env("SOFTHSM2_CONF", path("softhsm2.conf"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let again = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env("SOFTHSM2_CONF", path("softhsm2.conf"))
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&again.stdout);
    assert!(
        again.status.success() && told.contains("1 passed"),
        "{told}{}",
        String::from_utf8_lossy(&again.stderr)
    );
}

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

impl Hand {
    fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// A provider beside the token; its keys are there, or sealed in its database.
async fn provider(clock: &Arc<Hand>, on_token: bool) -> Arc<Idp> {
    let folder = std::env::var(FOLDER).unwrap();
    let pkcs11 = format!(
        "[keys.pkcs11]\nmodule = \"{}\"\ntoken_label = \"aval\"\npin_file = \"{folder}/pin\"\n",
        module().unwrap()
    );
    let text = format!(
        "issuer = \"http://localhost:8080\"\nlisten = \"127.0.0.1:0\"\n\
         database = \"sqlite://{folder}/idp.db\"\nsealing_key_file = \"{folder}/key\"\n{}",
        if on_token { pkcs11.as_str() } else { "" }
    );
    let file = Path::new(&folder).join("idp.toml");
    std::fs::write(&file, text).unwrap();
    let config = Config::read(&file, std::iter::empty()).unwrap();
    assert_eq!(config.problems(), Vec::<String>::new());
    let (clock, chance): (Arc<dyn Clock>, _) = (Arc::<Hand>::clone(clock), SystemChance::default());
    Idp::open(config, clock, Arc::new(chance)).await.unwrap()
}

fn clock() -> Arc<Hand> {
    Arc::new(Hand(AtomicI64::new(1_795_260_000)))
}

/// The id of the key that signed, after anybody could check it.
async fn signed(idp: &Idp, algorithm: Algorithm) -> String {
    let signer = idp.signing.signer(algorithm, idp.now()).unwrap();
    let token = signer.token("JWT", &serde_json::json!({ "a": 1 })).await.unwrap();
    let expected = Expected {
        algorithms: &[algorithm],
        typ: Typ::JwtOrAbsent,
    };
    let token = Unverified::parse(&token).unwrap();
    let kid = token.kid().unwrap().to_owned();
    token.verify(&idp.signing.public(), &expected).unwrap();
    kid
}

#[test]
fn keys_on_a_token_sign_survive_a_restart_rotate_and_are_destroyed() {
    beside_a_token("pkcs11::a_life_on_a_token");
}

#[test]
#[ignore = "keys_on_a_token_sign_survive_a_restart_rotate_and_are_destroyed runs it"]
fn a_life_on_a_token() {
    run(async {
        let clock = clock();
        let idp = provider(&clock, true).await;
        let mut before = Vec::new();
        for algorithm in SIGNING {
            before.push(signed(&idp, algorithm).await);
        }
        let mut read = idp.store.read().await.unwrap();
        let kept = idp::store::signing_keys::all(&mut read).await.unwrap();
        drop(read);
        for key in &kept {
            let signs = key.record.key_use.algorithm().is_some();
            let expected = if signs { Home::Pkcs11 } else { Home::Sealed };
            assert_eq!(key.record.home, expected, "{}", key.record.key_use);
            assert_eq!(key.private == Private::Pkcs11, signs, "{}", key.record.key_use);
        }

        let again = provider(&clock, true).await;
        for (algorithm, kid) in SIGNING.into_iter().zip(&before) {
            assert_eq!(&signed(&again, algorithm).await, kid);
        }

        let old = rotate(&idp, Algorithm::ES256).await.unwrap().from.unwrap().kid;
        clock.forward(PREPUBLISH.0);
        let new = signed(&idp, Algorithm::ES256).await;
        assert_ne!(new, old);
        let hsm = idp.hsm.as_ref().unwrap();
        assert!(hsm.key(&old, Algorithm::ES256).is_ok());
        clock.forward(GRACE.0);
        tend(&idp).await.unwrap();
        assert!(
            hsm.key(&old, Algorithm::ES256).is_err(),
            "retired: gone from the token"
        );
        revoke(&idp, &new).await.unwrap();
        assert!(
            hsm.key(&new, Algorithm::ES256).is_err(),
            "revoked: gone from the token"
        );
        assert_ne!(signed(&idp, Algorithm::ES256).await, new);
    });
}

#[test]
fn keys_move_from_the_database_to_a_token() {
    beside_a_token("pkcs11::a_move_to_a_token");
}

#[test]
#[ignore = "keys_move_from_the_database_to_a_token runs it"]
fn a_move_to_a_token() {
    run(async {
        let clock = clock();
        let before = provider(&clock, false).await;
        let sealed = signed(&before, Algorithm::ES256).await;
        let idp = provider(&clock, true).await;
        tend(&idp).await.unwrap();
        assert_eq!(signed(&idp, Algorithm::ES256).await, sealed);
        clock.forward(PREPUBLISH.0);
        let moved = signed(&idp, Algorithm::ES256).await;
        assert_ne!(moved, sealed);
        assert!(idp.hsm.as_ref().unwrap().key(&moved, Algorithm::ES256).is_ok());
    });
}

#[test]
fn many_sign_at_once_on_a_token() {
    beside_a_token("pkcs11::many_at_once");
}

#[test]
#[ignore = "many_sign_at_once_on_a_token runs it"]
fn many_at_once() {
    run(async {
        let idp = provider(&clock(), true).await;
        let started: Vec<_> = (0..100)
            .map(|_| {
                let idp = Arc::clone(&idp);
                tokio::spawn(async move { signed(&idp, Algorithm::ES256).await })
            })
            .collect();
        for one in started {
            one.await.unwrap();
        }
    });
}

#[test]
fn a_wrong_pin_or_label_is_a_fault_that_says_so() {
    beside_a_token("pkcs11::wrong_settings");
}

#[test]
#[ignore = "a_wrong_pin_or_label_is_a_fault_that_says_so runs it"]
fn wrong_settings() {
    let folder = std::env::var(FOLDER).unwrap();
    let pin_file = Path::new(&folder).join("pin");
    let settings = |label: &str| Pkcs11Settings {
        module: module().unwrap().into(),
        token_label: label.to_owned(),
        pin_file: pin_file.clone(),
    };
    let told = |label: &str| Hsm::open(&settings(label)).err().unwrap().to_string();
    assert!(told("another").contains("token_label"));
    std::fs::write(&pin_file, "0000").unwrap();
    assert!(told("aval").contains("logging into the PKCS#11 token"));
}
