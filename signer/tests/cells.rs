//! What a hostile document does to its cell, and that it does nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use signer::cells::{Answer, Kind, Pool, Program, Setup, Task, Unanswered};
use signer::flow::verify::verify;
use signer::rules::question::Question;
use support::House;
use support::pdf::{self, Xref};
use tower::ServiceExt;

/// The inside of a cell for the tests below: does what its document says. Run by them in a process of its own.
#[test]
#[ignore = "run by other tests, in a process of its own"]
fn misbehaving() {
    if !std::env::args().any(|word| word == Kind::Reader.word()) {
        return;
    }
    signer::cells::child(Kind::Reader, |_, _, mut file, _| {
        let mut order = String::new();
        file.read_to_string(&mut order).unwrap();
        let told = match order.as_str() {
            "overflow the stack" => deeper(0).to_string(),
            "abort" => std::process::abort(),
            "panic" => panic!("as told"),
            "take all memory" => vec![1_u8; 600 << 20].len().to_string(),
            "go round in circles" => loop {
                std::hint::spin_loop();
            },
            "wait" => loop {
                std::thread::sleep(Duration::from_secs(1));
            },
            "open a file" => format!("{:?}", File::open("/etc/passwd").map(drop)),
            "open a connection" => format!("{:?}", std::net::UdpSocket::bind("127.0.0.1:0").map(drop)),
            "write to the document" => format!("{:?}", file.write_all(b"x")),
            "say who you are" => std::process::id().to_string(),
            _ => order,
        };
        (Answer::Failed(told), Vec::new())
    })
    .unwrap();
}

/// Uses the stack up; the value keeps it from being a loop.
#[expect(unconditional_recursion, reason = "its purpose")]
fn deeper(depth: u64) -> u64 {
    let here = std::hint::black_box([depth; 64]);
    deeper(depth + 1).max(here[0])
}

fn pool(at_once: usize) -> Pool {
    let arguments = ["--ignored", "--exact", "misbehaving"];
    let program = Program::with_arguments(std::env::current_exe().unwrap(), arguments);
    Pool::new(program, Kind::Reader, &Arc::new(Setup::nothing()), at_once)
}

fn document(text: &str) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    file
}

async fn told(pool: &Pool, order: &str) -> Result<String, Unanswered> {
    let task = Task::Judge {
        at: 0,
        fetch: false,
        password: None,
    };
    match pool.ask(&task, &document(order)).await? {
        (Answer::Failed(told), _) => Ok(told),
        (answer, _) => panic!("{answer:?}"),
    }
}

/// The document ends its cell; the next one finds another.
async fn crashes(order: &str) {
    let pool = pool(1);
    assert!(
        matches!(told(&pool, order).await, Err(Unanswered::Crashed)),
        "{order}"
    );
    assert_eq!(told(&pool, "good").await.unwrap(), "good");
}

#[tokio::test]
async fn row_24_a_stack_overflow_costs_one_document() {
    crashes("overflow the stack").await;
}

#[tokio::test]
async fn row_24_an_abort_costs_one_document() {
    crashes("abort").await;
}

#[tokio::test]
async fn row_24_a_panic_costs_one_document() {
    crashes("panic").await;
}

#[tokio::test]
async fn row_24_memory_beyond_the_limit_costs_one_document() {
    crashes("take all memory").await;
}

#[tokio::test]
async fn row_24_a_document_without_end_costs_its_time() {
    for order in ["go round in circles", "wait"] {
        let pool = pool(1).with_patience(Duration::from_secs(2));
        assert!(
            matches!(told(&pool, order).await, Err(Unanswered::OutOfTime)),
            "{order}"
        );
        assert_eq!(told(&pool, "good").await.unwrap(), "good");
    }
}

#[tokio::test]
async fn inside_a_cell_no_file_is_opened() {
    let told = told(&pool(1), "open a file").await.unwrap();
    assert!(told.starts_with("Err") && told.contains("24"), "{told}"); // EMFILE
}

#[tokio::test]
async fn inside_a_cell_no_connection_is_opened() {
    let told = told(&pool(1), "open a connection").await.unwrap();
    assert!(told.starts_with("Err") && told.contains("24"), "{told}"); // EMFILE
}

#[tokio::test]
async fn inside_a_cell_nothing_is_written() {
    // The kernel's answer to a byte beyond the allowed size is a signal.
    let pool = pool(1);
    assert!(matches!(
        told(&pool, "write to the document").await,
        Err(Unanswered::Crashed)
    ));
}

#[tokio::test]
async fn a_cell_is_kept_for_the_next_document() {
    let pool = pool(1);
    let first = told(&pool, "say who you are").await.unwrap();
    assert_eq!(told(&pool, "say who you are").await.unwrap(), first);
}

#[tokio::test]
async fn a_cell_that_ended_while_it_was_kept_is_not_noticed() {
    let pool = pool(1);
    let first = told(&pool, "say who you are").await.unwrap();
    kill(&first);
    std::thread::sleep(Duration::from_millis(200)); // until its socket is closed
    assert_ne!(told(&pool, "say who you are").await.unwrap(), first);
}

#[tokio::test]
async fn more_than_can_wait_are_told_to_come_back() {
    let pool = Arc::new(pool(1).with_patience(Duration::from_secs(3)));
    let asked: Vec<_> = (0..12)
        .map(|_| {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move { told(&pool, "wait").await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    assert!(matches!(told(&pool, "good").await, Err(Unanswered::Busy)));
    assert!(begun.elapsed() < Duration::from_secs(1), "it was told at once");
    asked.iter().for_each(tokio::task::JoinHandle::abort);
}

/// The real program's cells: one test at a time, since they are told apart by their command line alone.
static REAL: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test(flavor = "multi_thread")]
async fn row_68_fifty_documents_at_once_are_all_judged() {
    let _alone = REAL.lock().await;
    let house = House::new().await;
    let official = house.official().await;
    let signed = house
        .signed(
            &official,
            &pdf::simple(Xref::Table),
            signer::rules::stamp::Stamp::None,
        )
        .await;
    let hostile = hostile();
    let router = signer::http::router(&house.service).await.unwrap();
    let asked: Vec<_> = (0..50)
        .map(|n| {
            let bytes = if n % 10 == 0 {
                hostile.clone()
            } else {
                signed.clone()
            };
            let answer = router
                .clone()
                .oneshot(Request::post("/api/verify").body(Body::from(bytes)).unwrap());
            (n, tokio::spawn(answer))
        })
        .collect();
    for (n, answer) in asked {
        let answer = answer.await.unwrap().unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let report: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let expected = if n % 10 == 0 { "indeterminate" } else { "valid" };
        assert_eq!(report["verdict"], expected, "{n}: {report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_24_a_cell_killed_in_the_middle_costs_one_report() {
    let _alone = REAL.lock().await;
    let house = House::new().await;
    let service = Arc::clone(&house.service);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&hostile()).unwrap();
    let asked = tokio::spawn(async move { verify(&service, file, Question::default()).await });
    let reader = loop {
        if let Some(reader) = real_reader() {
            break reader;
        }
        assert!(!asked.is_finished(), "it was over before it could be killed");
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    kill(&reader);
    let report = asked.await.unwrap().unwrap();
    assert_eq!(report.verdict, sdk_document::Verdict::Indeterminate);
    assert_eq!(report.problems[0].code, "reading_crashed");
    let mut good = tempfile::tempfile().unwrap();
    good.write_all(&pdf::simple(Xref::Table)).unwrap();
    let report = verify(&house.service, good, Question::default()).await.unwrap();
    assert_eq!(report.verdict, sdk_document::Verdict::Unsigned);
}

/// Many numbers in one array: a cell has to do for a while.
fn hostile() -> Vec<u8> {
    let array = format!("[{}]", "4 ".repeat(2_000_000));
    pdf::with_objects("1.7", "/AcroForm 6 0 R", "", &[&array], Xref::Table)
}

/// A child of this process that is the real program's reader.
fn real_reader() -> Option<String> {
    let own = std::process::id().to_string();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let read = |name: &str| std::fs::read_to_string(entry.path().join(name)).unwrap_or_default();
        let (stat, line) = (read("stat"), read("cmdline"));
        let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1));
        if parent == Some(own.as_str()) && line.ends_with("cell\0reader\0") {
            return entry.file_name().into_string().ok();
        }
    }
    None
}

fn kill(process: &str) {
    let process = rustix::process::Pid::from_raw(process.parse().unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
}
