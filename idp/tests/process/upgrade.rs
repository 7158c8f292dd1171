//! From one version to the next while both serve: the schema grows under the older one, conversations go from process to
//! process, and nobody's login fails.

use crate::{
    binary::{Browser, Page, Service, parameter},
    postgres, run,
};

/// Migrations from before the first release, which may do what no later one may: rebuild a table, and forbid what the
/// version before still writes.
const BEFORE_THE_FIRST_RELEASE: [&str; 3] = ["0009_key_life.sql", "0023_operations.sql", "0030_codes.sql"];

#[test]
fn row_103_a_migration_adds_and_takes_nothing_away_from_the_version_before() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut looked_at = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.as_ref().unwrap().file_name().into_string().unwrap();
        if BEFORE_THE_FIRST_RELEASE.contains(&name.as_str()) {
            continue;
        }
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for statement in statements(&text) {
            looked_at += 1;
            assert!(expands(&statement, &text), "{name}: {statement}");
        }
    }
    assert!(looked_at > 60, "{looked_at}");
}

#[test]
fn row_103_what_would_break_the_version_before_is_recognised() {
    for breaking in [
        "DROP TABLE sessions",
        "ALTER TABLE sessions RENAME TO visits",
        "ALTER TABLE sessions DROP COLUMN ends_by",
        "ALTER TABLE sessions ADD COLUMN place TEXT NOT NULL",
        "CREATE UNIQUE INDEX one_each ON sessions (citizen)",
        "DELETE FROM sessions",
    ] {
        assert!(!expands(breaking, breaking), "{breaking}");
    }
}

/// Statements without comments, each on one line.
fn statements(text: &str) -> Vec<String> {
    let code: Vec<&str> = text
        .lines()
        .map(|line| line.split("--").next().unwrap())
        .collect();
    let all = code.join(" ");
    let all = all.split(';').map(|one| {
        let words: Vec<&str> = one.split_whitespace().collect();
        words.join(" ")
    });
    all.filter(|one| !one.is_empty()).collect()
}

/// A process that does not know of it goes on: new tables, new columns that it need not fill, filling those, and
/// indexes, of which the unique ones on tables that are new with them.
fn expands(statement: &str, file: &str) -> bool {
    let unique = || {
        let table = statement
            .split(" ON ")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next());
        table.is_some_and(|table| file.contains(&format!("CREATE TABLE {table} ")))
    };
    let column = || !statement.contains("NOT NULL") || statement.contains(" DEFAULT ");
    statement.starts_with("CREATE TABLE ")
        || statement.starts_with("CREATE INDEX ")
        || (statement.starts_with("CREATE UNIQUE INDEX ") && unique())
        || (statement.starts_with("ALTER TABLE ") && statement.contains(" ADD COLUMN ") && column())
        || statement.starts_with("UPDATE ")
}

/// Somebody in the middle of a login, who meets another process at each step.
struct Traveller {
    browser: Browser,
    page: Page,
}

impl Traveller {
    async fn sets_out(service: &Service) -> Self {
        let mut browser = Browser::new(service);
        let page = browser.get(&service.request()).await;
        Self { browser, page }
    }

    async fn shows_the_password(&mut self, service: &Service) {
        self.browser.turn_to(service);
        let typed = [("national_id", "11111111-1"), ("password", service.password())];
        self.page = self.browser.submit(&self.page, "/login?", &typed).await;
    }

    async fn shows_the_code(&mut self, service: &Service) {
        self.browser.turn_to(service);
        let code = service.next_code().await;
        self.page = self
            .browser
            .submit(&self.page, "/login/code", &[("code", &code)])
            .await;
    }

    async fn arrives(mut self, service: &Service) {
        self.browser.turn_to(service);
        if self.page.path.starts_with("/consent?") {
            self.page = self
                .browser
                .submit(&self.page, "/consent?", &[("decision", "allow")])
                .await;
        }
        let code = parameter(&self.page.path, "code");
        let code = code.unwrap_or_else(|| panic!("{} {}", self.page.path, self.page.body));
        let tokens = service.redeem(&code).await;
        assert!(tokens["access_token"].is_string(), "{tokens}");
    }
}

/// The older process serves, the schema grows, the newer one starts beside it; logins that began before go on.
async fn upgraded(mut older: Service, grow: impl AsyncFnOnce()) {
    older.start();
    let mut one = Traveller::sets_out(&older).await;
    let mut other = Traveller::sets_out(&older).await;
    one.shows_the_password(&older).await;
    grow().await;
    let mut newer = older.beside();
    newer.start();
    one.shows_the_code(&older).await;
    other.shows_the_password(&newer).await;
    other.shows_the_code(&older).await;
    one.arrives(&newer).await;
    other.arrives(&newer).await;
    // The older one goes in the middle of a login that it began.
    let mut last = Traveller::sets_out(&older).await;
    last.shows_the_password(&older).await;
    assert!(older.stop());
    last.shows_the_code(&newer).await;
    last.arrives(&newer).await;
    assert!(newer.command(&["audit", "verify"]).contains("unbroken"));
}

/// What the next version may do to any table.
fn of_the_next_version(tables: &[String]) -> String {
    let columns = tables
        .iter()
        .map(|table| format!("ALTER TABLE {table} ADD COLUMN of_the_next_version TEXT;"));
    columns
        .chain([
            "CREATE TABLE of_the_next_version (id TEXT PRIMARY KEY);".to_owned(),
            "INSERT INTO migrations (name) VALUES ('9999_next');".to_owned(),
        ])
        .collect()
}

#[test]
fn row_103_no_login_fails_while_the_schema_grows_and_both_versions_serve() {
    run(async {
        let older = Service::new();
        let file = older.database_file();
        upgraded(older, async || {
            let database = rusqlite::Connection::open(file).unwrap();
            database.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
            let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
            let mut asked = database.prepare(names).unwrap();
            let tables = asked.query_map([], |row| row.get(0)).unwrap();
            let tables: Vec<String> = tables.map(Result::unwrap).collect();
            assert!(tables.len() > 20, "{tables:?}");
            database.execute_batch(&of_the_next_version(&tables)).unwrap();
        })
        .await;
    });
}

#[test]
fn row_103_nor_on_postgresql() {
    let Some(url) = postgres::database() else { return };
    run(async {
        use sqlx::{Connection as _, Executor as _};
        let older = Service::on(&url);
        upgraded(older, async || {
            let mut database = sqlx::PgConnection::connect(&url).await.unwrap();
            let names = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
            let tables: Vec<String> = sqlx::query_scalar(names).fetch_all(&mut database).await.unwrap();
            assert!(tables.len() > 20, "{tables:?}");
            let text = sqlx::AssertSqlSafe(of_the_next_version(&tables));
            database.execute(sqlx::raw_sql(text)).await.unwrap();
        })
        .await;
    });
}
