//! Back-channel logout by the real binary: an agency that is down when the citizen leaves, a provider that is killed
//! before it could tell, and nobody is forgotten.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    time::Duration,
};

use crate::{
    binary::{Browser, Service, parameter},
    run,
};

/// The first request that comes in time, answered with 200; `None` when nothing comes.
fn first_request(listener: &TcpListener, patience: Duration) -> Option<String> {
    listener.set_nonblocking(true).unwrap();
    let begun = std::time::Instant::now();
    while begun.elapsed() < patience {
        let Ok((mut stream, _)) = listener.accept() else {
            std::thread::sleep(Duration::from_millis(50));
            continue;
        };
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let (mut request, mut chunk) = (Vec::new(), [0; 4_096]);
        while !String::from_utf8_lossy(&request).contains("logout_token=") {
            let read = stream.read(&mut chunk).unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&request));
            request.extend_from_slice(&chunk[..read]);
        }
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .unwrap();
        return Some(String::from_utf8(request).unwrap());
    }
    None
}

async fn signed_in(service: &Service) -> Browser {
    let mut browser = Browser::new(service);
    let login = browser.get(&service.request()).await;
    let typed = [("national_id", "11111111-1"), ("password", service.password())];
    let second = browser.submit(&login, "/login?", &typed).await;
    let consent = browser
        .submit(&second, "/login/code", &[("code", &service.code())])
        .await;
    let answer = browser
        .submit(&consent, "/consent?", &[("decision", "allow")])
        .await;
    let tokens = service.redeem(&parameter(&answer.path, "code").unwrap()).await;
    assert!(tokens["access_token"].is_string(), "{tokens}");
    browser
}

#[test]
fn a_notice_survives_that_the_provider_is_killed_and_the_agency_down() {
    run(async {
        let agency = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = agency.local_addr().unwrap().port();
        drop(agency);
        let mut service = Service::new();
        service.configure_more(&format!("[fetch]\nallow = [\"127.0.0.1:{port}\"]\n"));
        let address = format!("backchannel_logout_uri=http://127.0.0.1:{port}/out");
        let told = service.command(&["client", "update", "external", "--set", &address]);
        assert!(told.contains("changed"), "{told}");
        service.start();
        let mut browser = signed_in(&service).await;
        let account = browser.get("/account").await;
        browser.submit(&account, "/account/logout", &[]).await;
        service.kill();
        let agency = TcpListener::bind(("127.0.0.1", port)).unwrap();
        service.start();
        // At most until the claim of the dead process has run out.
        let request = first_request(&agency, Duration::from_secs(25)).expect("a notice");
        assert!(request.starts_with("POST /out HTTP/1.1\r\n"), "{request}");
        assert!(
            first_request(&agency, Duration::from_secs(3)).is_none(),
            "once it is taken, it is over"
        );
        assert!(service.command(&["audit", "verify"]).contains("unbroken"));
    });
}

#[test]
fn every_agency_hears_within_a_second_or_two() {
    run(async {
        let agency = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = agency.local_addr().unwrap().port();
        let mut service = Service::new();
        service.configure_more(&format!("[fetch]\nallow = [\"127.0.0.1:{port}\"]\n"));
        let address = format!("backchannel_logout_uri=http://127.0.0.1:{port}/out");
        service.command(&["client", "update", "external", "--set", &address]);
        service.start();
        let mut browser = signed_in(&service).await;
        let account = browser.get("/account").await;
        browser.submit(&account, "/account/sessions/end-all", &[]).await;
        assert!(first_request(&agency, Duration::from_secs(4)).is_some());
    });
}
