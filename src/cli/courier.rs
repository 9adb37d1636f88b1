//! How a server's webhooks go out: by the feed's HTTP.

use std::sync::Arc;

use crate::feed::Post;
use crate::server::{Courier, Parcel};

/// Sends parcels over HTTP.
///
/// # Errors
/// Where there can be no connections.
pub(super) fn courier() -> anyhow::Result<Courier> {
    let post = Post::new().map_err(|reason| anyhow::anyhow!("webhooks cannot be sent: {reason}"))?;
    Ok(Arc::new(move |parcel: Parcel| {
        let post = post.clone();
        Box::pin(async move { post.send(parcel.url, &parcel.headers, parcel.body).await })
    }))
}
