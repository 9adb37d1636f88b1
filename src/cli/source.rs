//! Where a place comes from on the command line: the embedded demo, a folder, a building file, a URL.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::places::place_files;
use crate::city::ReadOptions;
use crate::feed::{Feed, FeedConfig};
use crate::geo::Datum;
use crate::viewer::place::{Bytes, PlaceSource};

/// What to show.
#[derive(clap::Args, Debug, Clone, Default)]
pub(super) struct SourceArgs {
    /// A folder with place.toml; without this and --buildings the demo place is shown.
    #[arg(long, value_name = "DIR")]
    pub(super) place: Option<PathBuf>,
    /// A GeoJSON file of buildings, or its URL.
    #[arg(long, value_name = "FILE|URL", conflicts_with = "place")]
    pub(super) buildings: Option<String>,
    /// A GeoJSON file of areas, or its URL, beside --buildings.
    #[arg(long, value_name = "FILE|URL")]
    pub(super) areas: Option<String>,
    /// A GeoJSON file of roads, water and green, or its URL, beside --buildings.
    #[arg(long, value_name = "FILE|URL")]
    pub(super) ways: Option<String>,
    /// The datum of these files: wgs84, cgcs2000, gcj02 or bd09; without it wgs84.
    #[arg(long)]
    pub(super) datum: Option<Datum>,
}

impl SourceArgs {
    /// Opens the source; files are mapped, so that nothing is read twice.
    pub(super) fn open(&self) -> anyhow::Result<PlaceSource> {
        let Some(buildings) = &self.buildings else {
            if self.areas.is_some() || self.ways.is_some() || self.datum.is_some() {
                bail!(
                    "--areas, --ways and --datum go with --buildings; a place says all of it in its place.toml"
                );
            }
            return Ok(PlaceSource::Files(place_files(self.place.as_deref())?));
        };
        let named = ReadOptions::named(crate::city::source_name(buildings));
        let layer = |name: &Option<String>| -> anyhow::Result<Option<(String, Bytes)>> {
            name.as_ref().map(|name| Ok((name.clone(), bytes_of(name)?))).transpose()
        };
        Ok(PlaceSource::Buildings {
            bytes: bytes_of(buildings)?,
            options: Box::new(ReadOptions { datum: self.datum.unwrap_or_default(), ..named }),
            areas: layer(&self.areas)?,
            ways: layer(&self.ways)?,
        })
    }
}

/// The bytes of a file, mapped, or of what a URL leads to.
fn bytes_of(place: &str) -> anyhow::Result<Bytes> {
    if place.starts_with("http://") || place.starts_with("https://") {
        return Ok(Arc::new(fetch(place)?));
    }
    Ok(Arc::new(map(Path::new(place))?))
}

/// Maps a file into memory.
#[allow(unsafe_code, reason = "mapping is unsafe by nature: the file must not be cut short while it is read")]
fn map(path: &Path) -> anyhow::Result<memmap2::Mmap> {
    let file = std::fs::File::open(path)
        .with_context(|| format!("the file cannot be opened: {}", path.display()))?;
    // SAFETY: the map is read-only and lives no longer than the loader; whoever truncates the file meanwhile
    // gets a bus error, as with every program that maps files.
    unsafe { memmap2::Mmap::map(&file) }
        .with_context(|| format!("the file cannot be read: {}", path.display()))
}

/// Fetches a file over HTTP.
fn fetch(url: &str) -> anyhow::Result<Vec<u8>> {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let answer = reqwest::Client::builder()
            .connect_timeout(std::time::Duration::from_secs(10))
            .read_timeout(std::time::Duration::from_secs(60))
            .build()?
            .get(url)
            .send()
            .await
            .with_context(|| format!("the server cannot be reached: {url}"))?
            .error_for_status()
            .context("the server does not hand out the file")?;
        Ok(answer.bytes().await.with_context(|| format!("the answer broke off: {url}"))?.to_vec())
    })
}

/// Where what happens comes from.
#[derive(clap::Args, Debug, Clone, Default)]
pub(super) struct ApiArgs {
    /// The address of a yunfushan server, such as <http://127.0.0.1:8650/>.
    #[arg(long, value_name = "URL")]
    pub(super) api: Option<url::Url>,
    /// Its token; better in the environment than on the command line.
    #[arg(long, env = "YUNFUSHAN_TOKEN", hide_env_values = true)]
    pub(super) token: Option<String>,
}

impl ApiArgs {
    /// Starts the feed, if an API was named.
    pub(super) fn feed(&self) -> anyhow::Result<Option<Feed>> {
        let Some(api) = &self.api else { return Ok(None) };
        Ok(Some(feed_of(api.clone(), self.token.clone())?))
    }
}

/// Starts the feed of a server.
pub(super) fn feed_of(api: url::Url, token: Option<String>) -> anyhow::Result<Feed> {
    Ok(Feed::start(FeedConfig::new(api, token))?)
}
