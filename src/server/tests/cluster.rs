//! A PostgreSQL cluster that lives as long as the process of the tests, with a schema for each that asks: a database of
//! its own would be eight megabytes to write.
//!
//! It listens on a socket in a folder of its own and never syncs. A shell keeps it: when the tests end, however they
//! end, the shell's input closes, and it stops the cluster and removes the folder.

use std::io::{BufRead, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{ConnectOptions, Connection};

/// Makes a cluster in a new folder, says where and waits; `$1` is the folder of PostgreSQL's programs.
const KEEP: &str = r#"
set -e
folder=$(mktemp -d /tmp/yunfushan-postgres.XXXXXX)
as=
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as="setpriv --reuid=postgres --regid=postgres --init-groups"
fi
cd "$folder"
end() { kill -QUIT "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$folder"; }
$as "$1/initdb" -D "$folder/data" -U yunfushan -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 ||
    { cat "$folder/log" >&2; rm -rf "$folder"; exit 1; }
$as "$1/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c fsync=off -c max_connections=400 \
    -c shared_buffers=64MB >>"$folder/log" 2>&1 </dev/null &
server=$!
trap end EXIT
trap 'exit 1' INT TERM HUP
tries=0
until $as "$1/pg_isready" -q -h "$folder" -d postgres; do
    kill -0 "$server" || { cat "$folder/log" >&2; exit 1; }
    tries=$((tries + 1)); [ "$tries" -lt 600 ]; sleep 0.05
done
echo "$folder"
while read -r _; do :; done
"#;

struct Cluster {
    folder: PathBuf,
    /// Open as long as the process lives.
    _keeper: Child,
}

static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
static SCHEMAS: AtomicUsize = AtomicUsize::new(0);

/// The URL of a schema that nobody has used, as good as an empty database; `None` where there is no PostgreSQL, which is said and counted as a skip.
pub(crate) async fn new_database(test: &str) -> Option<String> {
    let cluster = match CLUSTER.get_or_init(start) {
        Ok(cluster) => cluster,
        Err(reason) => {
            skip(test, reason);
            return None;
        }
    };
    let name = format!("test_{}", SCHEMAS.fetch_add(1, Ordering::Relaxed));
    let url = format!("postgres://yunfushan@localhost/postgres?host={}", cluster.folder.display());
    let options: sqlx::postgres::PgConnectOptions = url.parse().expect("a URL");
    let mut connection = options.connect().await.expect("the cluster answers");
    let statement = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"));
    sqlx::query(statement).execute(&mut connection).await.expect("a new schema");
    connection.close().await.expect("it closes");
    Some(format!("{url}&options[search_path]={name}"))
}

/// Says that a test did not do what it is for. Where PostgreSQL is needed (CI), that is a failure.
pub(crate) fn skip(test: &str, reason: &str) {
    assert!(std::env::var_os("YUNFUSHAN_NEED_POSTGRES").is_none(), "{test} cannot run: {reason}");
    // Not through the macros, whose output is held back where a test passes.
    let _nowhere = writeln!(std::io::stderr(), "skipped: {test}: {reason}");
}

fn start() -> Result<Cluster, String> {
    let programs = programs().ok_or("no PostgreSQL is installed (scripts/setup postgresql installs it)")?;
    let mut keeper = Command::new("sh")
        .args(["-c", KEEP, "sh"])
        .arg(programs)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("no shell: {error}"))?;
    let mut folder = String::new();
    let out = keeper.stdout.take().ok_or("no output")?;
    BufReader::new(out).read_line(&mut folder).map_err(|error| error.to_string())?;
    if folder.is_empty() {
        return Err("the PostgreSQL that is installed does not start".to_owned());
    }
    Ok(Cluster { folder: folder.trim().into(), _keeper: keeper })
}

/// Where PostgreSQL's programs are: where Debian has them, the newest first, or on the path.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    versions.sort();
    let has_all =
        |folder: &PathBuf| ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).exists());
    versions.into_iter().rev().chain(std::env::split_paths(&path)).find(has_all)
}
