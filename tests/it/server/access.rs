//! Access from outside: accounts by the command line beside a running server, beyond loopback, by TLS, revoked in the
//! middle of a stream.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use yunfushan::governance::{Post, Role};
use yunfushan::server::{Accounts, Config, Running, ServerError, start};

use super::client::{Client, TOKEN, issue};

const PEOPLE: &str = "data/fushan/people.csv";
const PASSWORD: &str = "a long enough password";

fn config(folder: &tempfile::TempDir) -> Config {
    Config { token: Some(TOKEN.to_owned()), ..Config::new(database(folder)) }
}

fn database(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("access.sqlite")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn run(arguments: &[&str], database: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yunfushan"))
        .args(arguments)
        .arg("--database")
        .arg(database)
        .output()
        .expect("the program runs")
}

/// What it prints, a line each; it must succeed.
fn lines(arguments: &[&str], database: &Path) -> Vec<Vec<String>> {
    let output = run(arguments, database);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

async fn log_in(client: &Client, body: &Value) -> reqwest::Response {
    let request = client.request(reqwest::Method::POST, "/api/v1/sessions").json(body);
    request.send().await.expect("an answer")
}

fn by(client: &Client, secret: &str, path: &str) -> reqwest::RequestBuilder {
    let request = client.request(reqwest::Method::GET, path);
    let mut request = request.build().expect("a request");
    let value = format!("Bearer {secret}").parse().expect("a header");
    request.headers_mut().insert("authorization", value);
    reqwest::RequestBuilder::from_parts(reqwest::Client::new(), request)
}

#[tokio::test]
async fn people_are_imported_beside_a_running_server_and_log_in() {
    let folder = folder();
    let running = start(config(&folder)).expect("it starts");
    let client = Client::new(&running.url());
    let made = lines(&["people", "import", PEOPLE], &database(&folder));
    // A heading and everybody of the file.
    assert_eq!(made.len(), 91);
    let officer = made.iter().find(|line| line[2].contains("第05网格")).expect("an officer").clone();
    let [account, code, post, name] = &officer[..] else { panic!("{officer:?}") };
    assert_eq!(code.len(), 19, "{officer:?}");
    let body = json!({ "account": account, "code": code, "new_password": PASSWORD });
    let session: Value = log_in(&client, &body).await.json().await.expect("JSON");
    assert_eq!(session["posts"][0]["name"], json!(post));
    assert!(!session.to_string().contains(name.as_str()), "no name in it: {session}");
    let secret = session["token"].as_str().expect("a secret").to_owned();
    assert_eq!(by(&client, &secret, "/api/v1/me").send().await.expect("an answer").status(), 200);

    // Again: nobody is doubled, nobody gets another code.
    let again = lines(&["people", "import", PEOPLE], &database(&folder));
    assert!(again.iter().skip(1).all(|line| line[1] == "-"), "{again:?}");
    let listed = lines(&["people", "list"], &database(&folder));
    assert_eq!(listed.len(), 91);
    assert_eq!(listed.iter().filter(|line| line[1] == "active").count(), 1);

    lines(&["people", "disable", account], &database(&folder));
    assert_eq!(by(&client, &secret, "/api/v1/me").send().await.expect("an answer").status(), 401);
    let reset = lines(&["people", "reset", account], &database(&folder));
    let body = json!({ "account": account, "code": reset[0][1], "new_password": PASSWORD });
    assert_eq!(log_in(&client, &body).await.status(), 201);
    let nobody = run(&["people", "reset", "p999"], &database(&folder));
    assert!(!nobody.status.success() && String::from_utf8_lossy(&nobody.stderr).contains("people list"));
    running.stop().expect("it ends well");
}

#[tokio::test]
async fn a_revoked_token_ends_the_stream_that_it_opened() {
    let folder = folder();
    let running = start(config(&folder)).expect("it starts");
    let client = Client::new(&running.url());
    let made = lines(&["token", "create", "wall", "--role", "screen"], &database(&folder));
    let word = |at: usize| made[at][0].split_once(' ').expect("two words").1.to_owned();
    let (id, secret) = (word(0), word(1));
    let mut stream = by(&client, &secret, "/api/v1/events").send().await.expect("a stream");
    assert_eq!(stream.status(), 200);
    client.post("/api/v1/issues", None, &issue("A-1")).await.expect("acknowledged");
    let mut read = String::new();
    while !read.contains("event: issue") {
        let chunk = stream.chunk().await.expect("it goes on").expect("it goes on");
        read.push_str(&String::from_utf8_lossy(&chunk));
    }
    lines(&["token", "revoke", &id], &database(&folder));
    let ended = async { while let Ok(Some(_)) = stream.chunk().await {} };
    tokio::time::timeout(Duration::from_secs(20), ended).await.expect("the stream ends");
    assert_eq!(by(&client, &secret, "/api/v1/events").send().await.expect("an answer").status(), 401);
    running.stop().expect("it ends well");
}

async fn import_one(folder: &tempfile::TempDir) {
    let post = Post {
        name: "desk".to_owned(),
        role: Role::Desk,
        areas: Vec::new(),
        departments: Vec::new(),
        patrol: None,
    };
    let accounts = Accounts::open(&database(folder).into()).await.expect("it opens");
    let person = yunfushan::server::NewPerson { name: None, phone: None, post };
    accounts.import(&[person]).await.expect("imported");
    accounts.close().await;
}

#[tokio::test]
async fn it_listens_beyond_this_machine_once_somebody_has_an_account() {
    let folder = folder();
    let everywhere = || Config { listen: "0.0.0.0:0".parse().expect("an address"), ..config(&folder) };
    let refused = start(everywhere()).err().expect("nobody has an account");
    assert!(matches!(refused, ServerError::NotLoopback(_)));
    assert!(refused.to_string().contains("yunfushan people import"), "{refused}");
    import_one(&folder).await;
    let running = start(everywhere()).expect("it starts");
    let client = Client::new(&format!("http://127.0.0.1:{}", running.addr.port()));
    assert_eq!(client.get("/collections").await.status(), 200);
    // Other names are answered to, since others come by them.
    let named = client.request(reqwest::Method::GET, "/health").header("host", "twin.example");
    assert_eq!(named.send().await.expect("an answer").status(), 200);
    running.stop().expect("it ends well");
}

fn pem(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/server/tls").join(name)
}

fn with_tls(folder: &tempfile::TempDir) -> (Running, reqwest::Client) {
    let tls = Some((pem("certificate.pem"), pem("key.pem")));
    let running = start(Config { tls, ..config(folder) }).expect("it starts");
    // Chooses the provider of cryptography for this process.
    let _chosen = Client::new(&running.url());
    let certificate = std::fs::read(pem("certificate.pem")).expect("a certificate");
    let trusted = reqwest::Certificate::from_pem(&certificate).expect("a certificate");
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).build().expect("a client");
    (running, http)
}

#[tokio::test]
async fn by_tls_it_answers_while_others_connect_and_say_nothing() {
    let folder = folder();
    let (running, http) = with_tls(&folder);
    assert!(running.url().starts_with("https://"));
    let silent: Vec<std::net::TcpStream> =
        (0..50).map(|_| std::net::TcpStream::connect(running.addr).expect("a connection")).collect();
    let begin = Instant::now();
    let answer = http.get(format!("{}/collections", running.url())).bearer_auth(TOKEN).send().await;
    let answer = answer.expect("an answer");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    let text = answer.text().await.expect("a text");
    assert!(text.contains(&format!("https://127.0.0.1:{}/", running.addr.port())), "{text}");
    drop(silent);
    let plain = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = running.url().replace("https://", "http://");
    assert!(plain.get(url).send().await.is_err(), "it speaks TLS alone");
    running.stop().expect("it ends well");
}

#[test]
fn a_certificate_that_is_none_is_refused_with_its_path() {
    let folder = folder();
    let start = |chain: PathBuf, key: PathBuf| {
        let refused = start(Config { tls: Some((chain, key)), ..config(&folder) }).err();
        refused.expect("it cannot start").to_string()
    };
    let said = start(pem("key.pem"), pem("key.pem"));
    assert!(said.contains("no certificate") && said.contains("key.pem"), "{said}");
    let said = start(pem("certificate.pem"), pem("absent.pem"));
    assert!(said.contains("no private key") && said.contains("absent.pem"), "{said}");
}
