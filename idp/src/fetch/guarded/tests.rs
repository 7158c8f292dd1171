//! A server on this machine stands for the inside; the guard must not reach it unless it is told to.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

/// Names that resolve as a test says, and count how often they are asked.
struct Told {
    answers: Vec<IpAddr>,
    asked: AtomicUsize,
}

impl Names for Told {
    fn addresses(&self, _: String) -> Addresses {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answers = self.answers.clone();
        Box::pin(async move { Ok(answers) })
    }
}

fn names(answers: &[&str]) -> Arc<Told> {
    Arc::new(Told {
        answers: answers.iter().map(|text| text.parse().unwrap()).collect(),
        asked: AtomicUsize::new(0),
    })
}

fn allowing(allow: &[&str]) -> Settings {
    Settings {
        allow: allow
            .iter()
            .map(|text| (*text).to_owned().try_into().unwrap())
            .collect(),
        trust_roots: None,
    }
}

/// A guard for which nothing is excepted.
fn strict(names: Arc<Told>) -> Guarded {
    Guarded::new(Settings::default(), true, names).unwrap()
}

/// A plain server that answers every request with `answer`; its `host:port`, and how many requests came.
async fn server(answer: String) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap().to_string();
    let came = Arc::new(AtomicUsize::new(0));
    tokio::spawn({
        let came = Arc::clone(&came);
        async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                came.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        }
    });
    (place, came)
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: Application/JSON; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

async fn get(guard: &Guarded, url: &str) -> Result<Fetched, Unfetched> {
    guard.get(&Url::parse(url).unwrap(), JSON).await
}

#[tokio::test]
async fn a_document_is_read_with_its_type() {
    let (place, _) = server(ok("{}")).await;
    let guard = Guarded::new(allowing(&[&place]), true, names(&[])).unwrap();
    let fetched = get(&guard, &format!("http://{place}/jwks")).await.unwrap();
    assert_eq!(
        (fetched.body.as_slice(), fetched.content_type.as_str()),
        (b"{}".as_slice(), "application/json")
    );
}

#[tokio::test]
async fn a_form_is_posted_and_any_status_comes_back() {
    let (place, _) = server("HTTP/1.1 400 Bad\r\ncontent-length: 0\r\n\r\n".to_owned()).await;
    let guard = Guarded::new(allowing(&[&place]), true, names(&[])).unwrap();
    let url = Url::parse(&format!("http://{place}/logout")).unwrap();
    assert_eq!(
        guard
            .post(&url, "logout_token=x".to_owned())
            .await
            .unwrap()
            .status,
        400
    );
    assert_eq!(
        get(&guard, url.as_str()).await.unwrap_err(),
        Unfetched::Status(400)
    );
}

/// The headers of one request, as they arrive.
async fn heard(form: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap().to_string();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        stream.write_all(ok("{}").as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..length]).to_lowercase()
    });
    let guard = Guarded::new(allowing(&[&place]), true, names(&[])).unwrap();
    let asked = Asked {
        authorization: Some(Secret::new("Bearer llave".to_owned())),
        form: Secret::new(form.to_owned()),
    };
    let url = Url::parse(&format!("http://{place}/userinfo")).unwrap();
    assert_eq!(guard.ask(&url, asked).await.unwrap().status, 200);
    heard.await.unwrap()
}

#[tokio::test]
async fn a_post_without_a_form_has_no_type_and_ends_at_once() {
    let with = heard("a=1").await;
    assert!(with.contains("content-type: application/x-www-form-urlencoded") && with.contains("length: 3"));
    let without = heard("").await;
    assert!(without.contains("authorization: bearer llave"), "{without}");
    assert!(!without.contains("content-type"), "{without}");
    assert!(
        without.contains("content-length: 0"),
        "a server must not wait for more: {without}"
    );
}

#[tokio::test]
async fn plain_http_is_refused_even_where_the_operator_allows_the_place() {
    let (place, came) = server(ok("{}")).await;
    let guard = Guarded::new(allowing(&[&place]), false, names(&[])).unwrap();
    assert_eq!(
        get(&guard, &format!("http://{place}/")).await.unwrap_err(),
        Unfetched::Url
    );
    for url in [
        "file:///etc/passwd",
        "gopher://agency.example/",
        "https://u@agency.example/",
        "https://:p@a.example/",
    ] {
        assert_eq!(get(&guard, url).await.unwrap_err(), Unfetched::Url, "{url}");
    }
    assert_eq!(came.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_address_written_as_a_number_is_refused_in_every_notation() {
    let guard = strict(names(&[]));
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0",
        "169.254.169.254",
        "10.0.0.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[fd00::1]",
        "[fe80::1]",
        "100.64.0.1",
    ] {
        assert_eq!(
            get(&guard, &format!("https://{host}/")).await.unwrap_err(),
            Unfetched::Unreachable,
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_name_is_refused_when_one_of_its_addresses_is_not_public() {
    for answers in [
        &["127.0.0.1"][..],
        &["93.184.215.14", "10.0.0.1"],
        &["::1"],
        &["2a00:1450:4003::1", "::ffff:169.254.169.254"],
        &[],
    ] {
        let told = names(answers);
        let guard = strict(Arc::clone(&told));
        assert_eq!(
            get(&guard, "https://agency.example/").await.unwrap_err(),
            Unfetched::Unreachable
        );
        assert_eq!(
            told.asked.load(Ordering::SeqCst),
            1,
            "asked once: what was checked is what is called"
        );
    }
}

#[tokio::test]
async fn an_exception_for_one_port_opens_no_other() {
    let (place, came) = server(ok("{}")).await;
    let guard = Guarded::new(allowing(&["127.0.0.1:1"]), true, names(&[])).unwrap();
    assert!(get(&guard, &format!("https://{place}/")).await.is_err());
    assert!(get(&guard, &format!("http://{place}/")).await.is_err());
    assert_eq!(came.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (inside, came) = server(ok("secret")).await;
    for status in [301, 302, 303, 307, 308] {
        let (place, _) = server(format!(
            "HTTP/1.1 {status} Moved\r\nlocation: http://{inside}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        ))
        .await;
        let guard = Guarded::new(allowing(&[&place, &inside]), true, names(&[])).unwrap();
        assert_eq!(
            get(&guard, &format!("http://{place}/")).await.unwrap_err(),
            Unfetched::Redirected
        );
    }
    assert_eq!(came.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_document_that_is_too_long_is_not_read_to_its_end() {
    let body = "x".repeat(JSON.most + 1);
    let unannounced = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}");
    for answer in [ok(&body), unannounced] {
        let (place, _) = server(answer).await;
        let guard = Guarded::new(allowing(&[&place]), true, names(&[])).unwrap();
        assert_eq!(
            get(&guard, &format!("http://{place}/")).await.unwrap_err(),
            Unfetched::TooLarge
        );
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap().to_string();
    let mut guard = Guarded::new(allowing(&[&place]), true, names(&[])).unwrap();
    guard.patience = Duration::from_millis(200);
    assert_eq!(
        get(&guard, &format!("http://{place}/")).await.unwrap_err(),
        Unfetched::TooSlow
    );
}
